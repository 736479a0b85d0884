"""Results of experiments, against counting by hand over the stored events."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.jobs.tasks import delete_person
from services.processor.sealing.day import seal_day
from services.query.execution.context import open_query
from services.query.parsing.events import EventQuery
from services.query.parsing.experiments import ExperimentPlan, parse_metrics
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.reports.experiment_results import (
    ExperimentResultsResponse,
    run_experiment_results,
)
from services.query.sources import copy_columns, experiment_days
from services.query.sources.experiment_exposures import EXPOSURE
from services.query.sources.experiment_moments import (
    ExperimentSums,
    read_experiment,
    read_segments,
)
from shared.events.envelope import Event
from shared.experiments.statistics.moments import Moments
from tests.integration.processor.test_persons import alias, store
from tests.support.experiment_oracle import StoredEvent, count_experiment, stored_events
from tests.support.factories import NOON, an_event
from tests.support.insights import Sample, put
from tests.support.number_oracle import ODD_VALUES

HOUR = timedelta(hours=1)
METRICS = parse_metrics(
    [
        {"name": "buys", "kind": "conversion", "event": "bought"},
        {"name": "events", "kind": "count", "event": None, "role": "guardrail"},
        {"name": "revenue", "kind": "sum", "event": "bought", "value_property": "amount"},
        {"name": "capped", "kind": "mean", "event": "bought", "value_property": "amount",
         "cap": 7.5, "role": "secondary"},
        {"name": "per order", "kind": "ratio", "event": "bought", "value_property": "amount",
         "denominator": {"event": "bought"}},
        {"name": "comes back", "kind": "retention", "event": "opened", "from_day": 1, "to_day": 3,
         "role": "secondary"},
    ]
)  # fmt: skip


def plan_of(project_id: int, zone: str, start: datetime, days: float) -> ExperimentPlan:
    end = start + timedelta(days=days)
    where = ZoneInfo(zone)
    span = TimeRange(start.astimezone(where), end.astimezone(where), where)
    variants = (("control", 0.5), ("true", 0.3), ("c", 0.2))
    return ExperimentPlan(
        EventQuery(project_id, span), "flag", variants, METRICS, 100, end - timedelta(days=1)
    )


def read(plan: ExperimentPlan) -> ExperimentSums:
    starts = interval_starts(plan.query.time_range, "day")
    with open_query(plan.query, starts) as context:
        return read_experiment(context.over(plan.with_history, starts), plan)


def assert_counted_by_hand(database: Connection, plan: ExperimentPlan) -> ExperimentSums:
    found, zone = read(plan), plan.query.time_range.zone
    expected = count_experiment(plan, stored_events(database, plan.query.project_id), zone)
    assert found.excluded == expected.excluded
    assert [one.persons for one in found.variants] == expected.persons
    sums = [[[_exact(day) for day in metric] for metric in one.moments] for one in found.variants]
    assert sums == expected.sums
    return found


def _exact(one: Moments) -> tuple[Fraction, ...]:
    return tuple(Fraction(sum_) for sum_ in (one.n, one.y, one.yy, one.x, one.xx, one.xy))


def odd_samples(seed: int, begin: datetime) -> list[Sample]:
    """Coarse times, so that events meet exposures and midnights; odd flags, answers, amounts."""
    chance = random.Random(seed)
    responses = ["control", "control", True, "c", "other", None, False, 1, ""]
    found = []
    for _ in range(2_000):
        at = begin + chance.randrange(-20 * 24, 9 * 24) * HOUR
        person, usual = chance.randrange(1, 60), None
        if chance.random() < 0.3:
            usual = responses[person % 4] if chance.random() < 0.8 else chance.choice(responses)
            flag = chance.choice(["flag", "flag", "flag", "FLAG", 7])
            properties = {"$feature_flag": flag, "$feature_flag_response": usual}
            found.append(Sample(at, EXPOSURE, person, properties=properties))
            continue
        amount = chance.choice([*ODD_VALUES, 3, 4.25, 12, "missing"])
        properties = {} if amount == "missing" else {"amount": amount}
        name = chance.choice(["bought", "opened"])
        found.append(Sample(at, name, person, properties=properties))
    return found


@pytest.mark.parametrize("zone", ["UTC", "Australia/Lord_Howe", "America/St_Johns"])
@pytest.mark.parametrize("seed", range(3))
def test_sums_of_odd_events_are_those_counted_by_hand(
    database: Connection, zone: str, seed: int
) -> None:
    begin = datetime(2026, 4, 2, 13, 30, tzinfo=timezone.utc)  # clocks change on Lord Howe
    project_id = put(database, zone, odd_samples(seed, begin))
    found = assert_counted_by_hand(database, plan_of(project_id, zone, begin, 7.25))
    assert found.excluded > 0
    assert all(one.persons[-1] > 3 for one in found.variants)


@pytest.mark.parametrize("seed", [6, 7])
def test_sums_of_very_long_numbers_are_those_counted_by_hand(
    database: Connection, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(experiment_days, "_AT_ONCE", 40)
    monkeypatch.setattr(experiment_days, "_LONG_AT_ONCE", 10)
    begin, chance = datetime(2026, 4, 2, 13, 30, tzinfo=timezone.utc), random.Random(seed)
    rows = [
        replace(one, properties={"amount": chance.choice(_LONG)})
        if one.name == "bought" and one.person % 3 == 0 and chance.random() < 0.3
        else one
        for one in odd_samples(seed, begin)
    ]
    project_id = put(database, "UTC", rows)
    assert_counted_by_hand(database, plan_of(project_id, "UTC", begin, 7.25))


_LONG: list[Any] = ["1e300", "-1e300", 1e39, "1e-300", 0.0000000000001, "123456789012.5", 1e21]


def test_more_exposures_than_a_query_may_read_are_grouped_by_person(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2026, 4, 2, 13, 30, tzinfo=timezone.utc)
    # No metric selects exposures, of which there are more than persons.
    rows = [one for one in odd_samples(8, begin) if one.name == EXPOSURE]
    project_id = put(database, "UTC", rows)
    plan = replace(plan_of(project_id, "UTC", begin, 7.25), metrics=METRICS[:1])
    monkeypatch.setattr(copy_columns, "MAX_FETCHED_ROWS", 60)
    found = assert_counted_by_hand(database, plan)
    assert sum(one.persons[-1] for one in found.variants) > 10
    monkeypatch.setattr(copy_columns, "MAX_FETCHED_ROWS", 10)
    with pytest.raises(copy_columns.TooManyRows):
        read(plan)


def test_an_experiment_of_a_single_day_has_results(database: Connection) -> None:
    begin = datetime(2026, 4, 2, 1, tzinfo=timezone.utc)
    project_id = put(database, "UTC", odd_samples(4, begin))
    found = assert_counted_by_hand(database, plan_of(project_id, "UTC", begin, 0.9))
    assert [len(one.persons) for one in found.variants] == [1, 1, 1]
    assert sum(one.persons[-1] for one in found.variants) > 0


def test_each_segment_is_what_its_persons_alone_would_be(database: Connection) -> None:
    begin, chance = datetime(2026, 4, 2, 13, 30, tzinfo=timezone.utc), random.Random(5)
    rows = [
        replace(one, properties={**one.properties, **chance.choice(_PLANS)})
        if one.name == EXPOSURE
        else one
        for one in odd_samples(11, begin)
    ]
    project_id = put(database, "America/St_Johns", rows)
    plan = plan_of(project_id, "America/St_Johns", begin, 7.25)
    with open_query(plan.query) as context:
        found = read_segments(context.over(plan.with_history), plan, "tier")
    events = stored_events(database, project_id)
    members = _by_first_tier(plan, events)
    assert {value for value, _ in found} == set(members) == {"free", "pro", None}
    sizes = [sum(one.persons[-1] for one in sums.variants) for _, sums in found]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sums.excluded for _, sums in found) > 0
    for value, sums in found:
        own = [one for one in events if one.person in members[value]]
        expected = count_experiment(plan, own, plan.query.time_range.zone)
        assert sums.excluded == expected.excluded
        assert [one.persons for one in sums.variants] == [one[-1:] for one in expected.persons]
        exact = [[_exact(metric[-1]) for metric in one.moments] for one in sums.variants]
        assert exact == [[metric[-1] for metric in one] for one in expected.sums]


_PLANS: list[dict[str, Any]] = [{"tier": "free"}, {"tier": "pro"}, {}, {"tier": None}]


def _by_first_tier(plan: ExperimentPlan, events: list[StoredEvent]) -> dict[Any, set[int]]:
    """Persons by the tier of their first exposure; of the same instant, what was stored first."""
    first: dict[int, StoredEvent] = {}
    for one in events:
        span, response = plan.query.time_range, one.properties.get("$feature_flag_response")
        answer = {True: "true", False: "false"}.get(response, response)  # type: ignore[arg-type]
        is_exposure = one.name == EXPOSURE and one.properties.get("$feature_flag") == "flag"
        if is_exposure and answer in plan.keys and span.start <= one.at < span.end:
            earlier = first.get(one.person)
            if earlier is None or one.at < earlier.at:
                first[one.person] = one
    found: dict[Any, set[int]] = defaultdict(set)
    for person, one in first.items():
        found[one.properties.get("tier")].add(person)
    return found


def exposure(person: str, variant: str, at: datetime) -> Event:
    properties = {"$feature_flag": "flag", "$feature_flag_response": variant}
    return an_event(EXPOSURE, at=at, person=person, properties=json.dumps(properties).encode())


def bought(person: str, amount: float, at: datetime) -> Event:
    return an_event(
        "bought", at=at, person=person, properties=json.dumps({"amount": amount}).encode()
    )


@pytest.mark.usefixtures("stream")
def test_late_events_merges_and_deletions_count_as_if_they_had_been_before(
    database: Connection, project_id: int
) -> None:
    begin = NOON - timedelta(days=3)
    plan = plan_of(project_id, "UTC", begin, 4)
    events = []
    for number in range(8):
        at, variant = begin + number * HOUR, "control" if number % 2 else "true"
        events += [exposure(f"p{number}", variant, at), bought(f"p{number}", number, at + HOUR)]
    store(database, project_id, events)
    before = assert_counted_by_hand(database, plan)
    assert [one.persons[-1] for one in before.variants] == [4, 4, 0]

    # A late exposure, so that what p8 bought counts; a late purchase from before p1's exposure.
    store(database, project_id, [bought("p8", 100, begin + 9 * HOUR)])
    store(database, project_id, [exposure("p8", "c", begin), bought("p1", 50, begin)])
    late = assert_counted_by_hand(database, plan)
    assert [one.persons[-1] for one in late.variants] == [4, 4, 1]
    assert (late.variants[0].moments[2][-1].y, late.variants[0].moments[2][-1].x) == (16, 50)

    # p0 and p1 saw different variants, p2 and p4 the same.
    store(database, project_id, [alias("p0", "p1"), alias("p2", "p4")])
    merged = assert_counted_by_hand(database, plan)
    assert merged.excluded == 1
    assert [one.persons[-1] for one in merged.variants] == [3, 2, 1]

    delete_person(project_id, "p3")
    deleted = assert_counted_by_hand(database, plan)
    assert [one.persons[-1] for one in deleted.variants] == [2, 2, 1]


def results_of_two(database: Connection, *, persons: int = 200) -> tuple[int, ExperimentPlan]:
    """A control of whom a quarter buys, and a treatment of whom half does."""
    rows, begin = [], NOON - timedelta(days=5)
    for number in range(persons):
        variant, at = ("control", "true")[number % 2], begin + number * timedelta(minutes=20)
        properties: dict[str, Any] = {"$feature_flag": "flag", "$feature_flag_response": variant}
        rows.append(Sample(at, EXPOSURE, number + 1, properties=properties))
        rows.append(Sample(at - HOUR, "bought", number + 1, properties={"amount": 2}))
        if number % 8 < 2 or (number % 2 and number % 8 < 4):
            rows.append(Sample(at + HOUR, "bought", number + 1, properties={"amount": 10}))
    project_id = put(database, "UTC", rows)
    return project_id, plan_of(project_id, "UTC", begin, 6)


def test_results_say_what_was_found_and_how_certain_it_is(database: Connection) -> None:
    _, plan = results_of_two(database)
    found: ExperimentResultsResponse = run_experiment_results(plan)
    assert [(one.variant, one.persons) for one in found.exposures] == [
        ("control", 100), ("true", 100), ("c", 0),
    ]  # fmt: skip
    assert found.sample_ratio.is_mismatch is False
    buys = found.metrics[0]
    assert [(one.persons, one.value) for one in buys.variants] == [
        (100, 0.25),
        (100, 0.5),
        (0, None),
    ]
    effect = buys.comparisons[0].difference
    assert effect.size == 0.25
    assert effect.fixed_horizon.p_value == pytest.approx(0.000157052, rel=1e-5)
    assert 0.0002 < (effect.sequence.p_value or 0) < 0.05
    assert buys.comparisons[0].lift.size == 1.0
    assert buys.comparisons[0].timeline[-1] == effect.sequence
    assert len(buys.comparisons[0].timeline) == len(found.dates) == 7
    nobody = buys.comparisons[1].difference
    assert (nobody.size, nobody.sequence.low, nobody.chance_to_win) == (None, None, None)
    corrected = [one.comparisons[0].corrected_p_value is not None for one in found.metrics]
    assert corrected == [one.role == "secondary" and one.kind == "mean" for one in METRICS]
    assert found.expired == found.__class__.__dataclass_fields__["expired"].default


@pytest.mark.parametrize("amount", ["1e300", 10**160, "-1.7e308"])
def test_a_huge_number_leaves_other_metrics_as_they_are(database: Connection, amount: Any) -> None:
    project_id, plan = results_of_two(database)
    before = {one.name: one for one in run_experiment_results(plan).metrics}
    # In the place of a purchase, so that conversions and counts stay as they are.
    with database.cursor() as cursor:
        cursor.execute(
            """
            UPDATE events SET properties = jsonb_build_object('amount', %s::jsonb)
            WHERE id = (SELECT min(id) FROM events WHERE project_id = %s AND event_name = 'bought'
                        AND person_id = 2 AND properties->>'amount' = '10')
            """,
            (json.dumps(amount), project_id),
        )
        assert cursor.rowcount == 1
    database.commit()
    after = {one.name: one for one in run_experiment_results(plan).metrics}
    for name in ("buys", "events", "comes back"):
        assert after[name] == before[name]
    revenue = after["revenue"].comparisons[0]
    assert revenue.difference.sequence.low is None
    assert revenue.lift.chance_to_win is None
    if amount == 10**160:
        # The cap holds it.
        assert after["capped"] == before["capped"]


def test_a_lift_is_never_below_the_loss_of_all_but_of_amounts(database: Connection) -> None:
    _, plan = results_of_two(database, persons=16)
    found = {one.name: one.comparisons[0] for one in run_experiment_results(plan).metrics}
    assert found["buys"].lift.sequence.low == found["buys"].lift.fixed_horizon.low == -1.0
    assert (found["revenue"].lift.sequence.low or 0) < -1.0
    assert (found["buys"].difference.sequence.low or 0) < -0.25


def test_results_say_which_exposures_and_history_have_expired(database: Connection) -> None:
    project_id, plan = results_of_two(database)
    day = (NOON - timedelta(days=5)).date()
    seal_day(database, project_id, day, ZoneInfo("UTC"))
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE sealed_days SET expired_at = now() WHERE project_id = %s", (project_id,)
        )
        cursor.execute(
            "DELETE FROM events WHERE project_id = %s AND timestamp < %s",
            (project_id, datetime.combine(day + timedelta(days=1), NOON.time().min, timezone.utc)),
        )
    database.commit()
    found = run_experiment_results(plan)
    assert found.exposures[0].persons < 100
    assert [one.from_[:10] for one in found.expired] == [day.isoformat()]  # type: ignore[union-attr]
