"""The sample and the duration of an experiment, against sums done by hand."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.query.parsing.request import QueryRequest
from services.query.reports.experiment_sample import (
    ExperimentSampleResponse,
    parse_sample,
    run_sample,
)
from shared.errors import Unprocessable
from tests.support.insights import Sample, put

NOW = datetime(2026, 5, 20, 15, tzinfo=timezone.utc)
DAY = timedelta(days=1)
BUYS = {"name": "Buys", "kind": "conversion", "event": "bought"}


def ask(project_id: int, *metrics: dict[str, Any], **changes: Any) -> ExperimentSampleResponse:
    data = {
        "metrics": list(metrics),
        "variants": [{"key": "control", "share": 0.5}, {"key": "test", "share": 0.5}],
        "smallest_effect": 0.5,
        "power": 0.8,
        "traffic": 1.0,
        "entry_event": None,
        **changes,
    }
    return run_sample(parse_sample(QueryRequest(project_id, "Europe/Berlin", NOW, data)))


@pytest.fixture
def shop(database: Connection) -> int:
    """Ten new persons on each of 20 days, who are back on the next day; every fifth buys."""
    rows = []
    for person in range(200):
        first = NOW - (20 - person // 10) * DAY
        rows += [Sample(first, "opened", person + 1), Sample(first + DAY / 2, "opened", person + 1)]
        if person % 5 == 0:
            at = first + timedelta(hours=1)
            rows.append(Sample(at, "bought", person + 1, properties={"amount": 10}))
    # Today is not over, so it is no day of the baseline.
    rows += [Sample(NOW, "bought", 1_000 + number) for number in range(50)]
    return put(database, "Europe/Berlin", rows)


def test_a_conversion_needs_what_the_formula_says(shop: int) -> None:
    found = ask(shop, BUYS)
    [metric] = found.metrics
    assert (metric.persons, metric.baseline, metric.effect) == (200, 0.2, 0.1)
    # (1.95996 + 0.84162)² · (0.2 · 0.8 + 0.3 · 0.7) / 0.5 / 0.1², and 3.0367 for a sequence.
    assert metric.required_persons_of_single_look == 581
    assert metric.required_persons is not None
    assert 1_100 < metric.required_persons < 1_130
    assert found.required_persons == found.planned_sample == metric.required_persons
    half = math.ceil(metric.required_persons / 2)
    assert [(one.key, one.persons) for one in found.variants] == [("control", half), ("test", half)]
    assert found.persons_a_day == 10
    assert found.days == 20 + math.ceil((metric.required_persons - 200) / 10)


def test_few_persons_are_reached_while_they_come(shop: int) -> None:
    found = ask(shop, BUYS, smallest_effect=3)
    # (3.0367 + 0.84162)² · (0.2 · 0.8 + 0.8 · 0.2) / 0.5 / 0.6², at 10 new persons a day.
    assert found.metrics[0].required_persons == 27
    assert found.days == 3
    assert ask(shop, BUYS, smallest_effect=3, traffic=0.5).days == 6


def test_more_variants_need_more_persons_and_the_longest_metric_counts(shop: int) -> None:
    third = [{"key": key, "share": 1} for key in "abc"]
    two, three = ask(shop, BUYS), ask(shop, BUYS, variants=third)
    assert two.required_persons is not None
    assert three.required_persons == math.ceil(two.required_persons * 3 / 2)
    assert three.planned_sample == math.ceil(three.required_persons * 2 / 3)
    revenue = {"name": "Revenue", "kind": "sum", "event": "bought", "value_property": "amount"}
    both = ask(shop, BUYS, revenue)
    # 10 for a fifth, 0 for the others: a mean of 2 and a variance of 16 · 200 / 199.
    assert both.metrics[1].baseline == 2
    assert both.metrics[1].required_persons_of_single_look == math.ceil(
        (1.959964 + 0.841621) ** 2 * (16 * 200 / 199) * 4
    )
    assert both.required_persons == max(one.required_persons or 0 for one in both.metrics)


def test_only_who_meets_the_experiment_counts(shop: int) -> None:
    found = ask(shop, BUYS, entry_event="bought")
    assert (found.metrics[0].persons, found.metrics[0].baseline) == (40, 1)
    # All bought, so nothing can become more.
    assert found.metrics[0].required_persons is None
    assert (found.required_persons, found.days, found.variants) == (None, None, [])


def test_a_project_without_events_says_nothing_is_known(database: Connection) -> None:
    found = ask(put(database, "UTC", []), BUYS)
    assert (found.metrics[0].persons, found.metrics[0].baseline) == (0, None)
    assert (found.required_persons, found.persons_a_day) == (None, 0)


def test_what_the_baseline_cannot_tell_is_refused(shop: int) -> None:
    late = {"name": "x", "kind": "retention", "event": None, "from_day": 29, "to_day": 30}
    with pytest.raises(Unprocessable) as refused:
        ask(shop, late)
    assert "metrics.0.to_day" in refused.value.errors
    same = [{"key": "a", "share": 1}] * 2
    with pytest.raises(Unprocessable) as refused:
        ask(shop, BUYS, variants=same)
    assert "variants" in refused.value.errors
