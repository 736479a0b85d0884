"""A/A tests on a project's own persons, against scipy on the same halves."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from psycopg2.extensions import connection as Connection
from scipy import stats

from services.query.parsing.events import EventQuery
from services.query.parsing.experiments import ExperimentPlan, parse_metrics
from services.query.parsing.time_range import TimeRange
from services.query.reports import experiment_aa
from services.query.reports.experiment_aa import run_aa
from shared.errors import Unprocessable
from tests.support.insights import Sample, put

BEGIN = datetime(2026, 3, 1, tzinfo=timezone.utc)
DAYS, PERSONS = 10, 240
METRICS = parse_metrics(
    [
        {"name": "revenue", "kind": "sum", "event": "bought", "value_property": "amount"},
        {"name": "buys", "kind": "conversion", "event": "bought"},
        {"name": "per order", "kind": "ratio", "event": "bought", "value_property": "amount",
         "denominator": {"event": "bought"}},
    ]
)  # fmt: skip


def month_of_shop() -> list[Sample]:
    chance = random.Random(7)
    rows = []
    for person in range(1, PERSONS + 1):
        first = chance.uniform(0, DAYS)
        rows.append(Sample(BEGIN + timedelta(days=first), "opened", person))
        for _ in range(chance.choice([0, 0, 1, 3])):
            at = BEGIN + timedelta(days=chance.uniform(first, DAYS))
            amount = round(chance.lognormvariate(1, 1), 2)
            rows.append(Sample(at, "bought", person, properties={"amount": amount}))
    return rows


@pytest.fixture
def plan(database: Connection) -> ExperimentPlan:
    project_id, zone = put(database, "UTC", month_of_shop()), ZoneInfo("UTC")
    span = TimeRange(BEGIN, BEGIN + timedelta(days=DAYS), zone)
    return ExperimentPlan(
        EventQuery(project_id, span), "", (("a", 0.5), ("b", 0.5)), METRICS, 500, span.end
    )


def test_equal_halves_seldom_differ_by_the_sequence(plan: ExperimentPlan) -> None:
    found = run_aa(plan)
    assert (found.splits, found.persons) == (1_000, PERSONS)
    for metric in found.metrics:
        assert metric.is_sound
        assert metric.sequence < 0.05
        assert 0.02 < metric.fixed_horizon < 0.08
        assert metric.peeking > 0.1


def test_halves_are_compared_as_scipy_does(
    plan: ExperimentPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment_aa, "SPLITS", 50)
    found = run_aa(plan)
    spent: dict[int, float] = defaultdict(float)
    for one in month_of_shop():
        spent[one.person] += one.properties.get("amount", 0.0)
    values = np.array([spent[person] for person in range(1, PERSONS + 1)])
    halves = np.random.default_rng(0).integers(0, 2, (50, PERSONS)).astype(bool)
    p_values = [
        stats.ttest_ind(values[half], values[~half], equal_var=False).pvalue for half in halves
    ]
    assert found.metrics[0].fixed_horizon == sum(p < 0.05 for p in p_values) / 50
    assert found.metrics[0].fixed_horizon > 0


@pytest.mark.parametrize(("false_positives", "is_sound"), [(0, True), (50, True), (75, False)])
def test_more_false_positives_than_chance_makes_are_not_sound(
    false_positives: int, is_sound: bool
) -> None:
    assert experiment_aa._is_chance(false_positives) is is_sound


def test_a_number_whose_square_no_double_holds_names_its_metric(database: Connection) -> None:
    at = BEGIN + timedelta(days=1)
    rows = [*month_of_shop(), Sample(at, "bought", 1, properties={"amount": "1e200"})]
    span = TimeRange(BEGIN, BEGIN + timedelta(days=DAYS), ZoneInfo("UTC"))
    query = EventQuery(put(database, "UTC", rows), span)
    two = (("a", 0.5), ("b", 0.5))
    with pytest.raises(Unprocessable) as caught:
        run_aa(ExperimentPlan(query, "", two, METRICS, 500, span.end))
    assert [*caught.value.errors] == ["metrics.0.value_property"]
