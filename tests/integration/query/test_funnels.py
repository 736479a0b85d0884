"""Funnels against an oracle that tries every way through the steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.reports.funnel import run_funnel
from services.query.reports.funnel_persons import (
    FunnelPersonsPlan,
    run_funnel_persons,
)
from services.query.reports.funnel_trend import FunnelTrendPlan, run_funnel_trend
from services.query.sources.funnel_plan import ATTRIBUTIONS, Exclusion, FunnelPlan
from tests.support.funnel_oracle import check_breakdown, check_steps, completing, ways
from tests.support.insight_oracle import (
    ZONES,
    begin_of,
    inside,
    quick,
    span_of,
)
from tests.support.insights import Sample, put, samples, seal_some

STEPS = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=2, max_size=4)
"""Steps that several events match; None matches any event."""


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.data(),
    window=st.sampled_from([600, 7_200, 86_400]),
    steps=STEPS,
    excluded=st.sampled_from([None, (0, 1), (0, 2), (1, 2)]),
    attribution=st.sampled_from(ATTRIBUTIONS),
)
def test_funnels_agree_with_the_oracle(
    database: Connection,
    order: str,
    data: st.DataObject,
    window: int,
    steps: list[str | None],
    excluded: Any,
    attribution: str,
) -> None:
    zone = "America/New_York"
    drawn = data.draw(samples(begin_of(zone), 3, "abcd", 25))
    # Many events at few times: their order is that of storing.
    rows = [replace(row, at=row.at.replace(minute=0)) for row in drawn]
    project_id = put(database, zone, rows)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=1))
    exclusions: tuple[Exclusion, ...] = ()
    if excluded is not None and excluded[1] < len(steps):
        exclusions = (Exclusion(EventSelector("d"), *excluded),)
    plan = FunnelPlan(
        EventQuery(project_id, span),
        tuple(EventSelector(name) for name in steps),
        window * 1_000_000,
        order,
        exclusions,
        Breakdown("country", data.draw(st.integers(1, 3), label="limit")),
        attribution,
        len(steps) - 1,
    )
    answer = run_funnel(plan)
    considered = inside(rows, span)
    expected = ways(considered, plan)
    check_steps(answer.steps, expected)
    check_breakdown(answer.breakdown, considered, plan, expected)


@quick
@given(data=st.data(), steps=STEPS)
def test_a_funnel_in_any_order_over_the_whole_range_agrees_with_the_oracle(
    database: Connection, data: st.DataObject, steps: list[str | None]
) -> None:
    zone = "America/New_York"
    rows = data.draw(samples(begin_of(zone), 4, "abcd", 25))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 4)
    span = span_of(zone, ZONES[zone] - timedelta(days=1), ZONES[zone] + timedelta(days=2))
    whole = int((span.end.timestamp() - span.start.timestamp()) * 1_000_000)
    plan = FunnelPlan(EventQuery(project_id, span), tuple(map(EventSelector, steps)), whole, "any")
    expected = ways(inside(rows, span), plan)
    check_steps(run_funnel(plan).steps, expected)
    answer = run_funnel(replace(plan, with_durations=False))
    assert [step.persons for step in answer.steps] == [
        len(expected.get(step, {})) for step in range(len(steps))
    ]
    if len({*steps}) == len(steps) and None not in steps:
        # Whoever asks for no durations is answered from sealed days.
        assert {step.median_seconds for step in answer.steps} == {None}


@pytest.mark.parametrize("order", ["ordered", "strict"])
@quick
@given(data=st.data(), window=st.sampled_from([600, 7_200, 86_400]), steps=STEPS)
def test_a_funnel_over_time_agrees_with_the_oracle(
    database: Connection, order: str, data: st.DataObject, window: int, steps: list[str | None]
) -> None:
    zone = "America/New_York"
    drawn = data.draw(samples(begin_of(zone), 3, "abcd", 25))
    rows = [replace(row, at=row.at.replace(minute=0)) for row in drawn]
    project_id = put(database, zone, rows)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=1))
    selectors = tuple(map(EventSelector, steps))
    plan = FunnelPlan(EventQuery(project_id, span), selectors, window * 1_000_000, order)
    interval = data.draw(st.sampled_from(["hour", "day"]))
    answer = run_funnel_trend(FunnelTrendPlan(plan, interval))
    starts = [datetime.fromisoformat(start) for start in answer.dates]
    tried = completing(inside(rows, span), plan)
    for found, is_counted in ((answer.entered, False), (answer.completed, True)):
        persons: list[set[int]] = [set() for _ in starts]
        for row, completes in tried:
            if completes or not is_counted:
                persons[sum(start <= row.at for start in starts) - 1].add(row.person)
        assert found == [len(one) for one in persons]


def test_conversion_times_are_counted_by_length(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    took = [timedelta(), timedelta(seconds=29), timedelta(seconds=30), timedelta(hours=3)]
    rows = [Sample(begin, "a", person) for person in range(1, 6)]
    rows += [Sample(begin + one, "b", person) for person, one in enumerate(took, 1)]
    project_id = put(database, "UTC", rows)
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    steps = (EventSelector("a"), EventSelector("b"))
    plan = FunnelPlan(EventQuery(project_id, span), steps, 86_400_000_000)
    found = [(one.from_seconds, one.persons) for one in run_funnel(plan).times]
    assert [one for one in found if one[1]] == [(0, 1), (10, 1), (30, 1), (7_200, 1)]
    assert found[-1] == (7_200, 1)
    assert [one[0] for one in found] == sorted(one[0] for one in found)


def test_the_persons_behind_a_bar_are_those_it_counts(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    rows = [Sample(begin + timedelta(minutes=n), "a", n, "CA") for n in range(1, 8)]
    rows += [Sample(begin + timedelta(minutes=30 + n), "b", n) for n in (2, 4, 6)]
    project_id = put(database, "UTC", rows)
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    plan = FunnelPlan(
        EventQuery(project_id, span), (EventSelector("a"), EventSelector("b")), 86_400_000_000
    )
    reached = run_funnel_persons(FunnelPersonsPlan(plan, step=1))
    assert [*reached.persons] == [2, 4, 6]
    gone = run_funnel_persons(FunnelPersonsPlan(plan, step=1, dropped=True))
    assert [*gone.persons] == [1, 3, 5, 7]


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_an_event_does_one_of_two_equal_steps(database: Connection, order: str) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    minute = timedelta(minutes=1)
    rows = [
        Sample(begin, "onboard", 1),
        Sample(begin + 9 * minute, "view", 1),
        Sample(begin + 9 * minute, "view", 1),
        Sample(begin, "onboard", 2),
        Sample(begin + 9 * minute, "view", 2),
    ]
    project_id = put(database, "UTC", rows)
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    steps = tuple(EventSelector(name) for name in ("onboard", "view", "view"))
    plan = FunnelPlan(EventQuery(project_id, span), steps, 86_400_000_000, order)
    for with_durations in (True, False):
        answer = run_funnel(replace(plan, with_durations=with_durations))
        assert [step.persons for step in answer.steps] == [2, 2, 1]
        assert answer.steps[2].median_seconds == 540


def test_steps_that_overlap_in_part_share_their_events(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)

    def an_event(person: int, country: str, page: str, minute: int) -> Sample:
        return Sample(begin + timedelta(minutes=minute), "view", person, country, page=page)

    rows = [
        an_event(1, "CA", "/a", 0),  # does one of the two steps
        an_event(2, "CA", "/a", 0),
        an_event(2, "CA", "/b", 1),  # leaves the page to the first event
    ]
    project_id = put(database, "UTC", rows)
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    steps = tuple(
        EventSelector("view", parse_filter({"property": name, "value": value}))
        for name, value in (("country", "CA"), ("page_url", "/a"))
    )
    everything = (
        *steps,
        EventSelector("view", parse_filter({"property": "page_url", "value": "/b"})),
    )
    for chosen, expected in ((steps, [2, 1]), (everything, [2, 1, 0])):
        plan = FunnelPlan(EventQuery(project_id, span), chosen, 86_400_000_000, "any")
        assert [step.persons for step in run_funnel(plan).steps] == expected


def test_the_persons_behind_each_row_are_those_it_counts(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    values = ["Other", "(none)", None, "", "a", "Other"]
    rows = [Sample(begin, "m", person, value) for person, value in enumerate(values, 1)]
    project_id = put(database, "UTC", rows)
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    plan = FunnelPlan(
        EventQuery(project_id, span),
        (EventSelector("m"), EventSelector("m")),
        86_400_000_000,
        breakdown=Breakdown("country", 3),
    )
    shown = [(part.value, part.is_other) for part in run_funnel(plan).breakdown]
    assert shown == [("Other", False), ("", False), ("(none)", False), (None, True)]
    behind = [[*run_funnel_persons(FunnelPersonsPlan(plan, 0, row=row)).persons] for row in shown]
    assert behind == [[1, 6], [4], [2], [3, 5]]


def test_a_value_of_a_thousand_characters_is_the_longest_with_a_row(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    values = ["é" * 1_000, "é" * 1_001, "é" * 32_000]
    rows = [
        Sample(begin, "m", person, properties={"text": value})
        for person, value in enumerate(values, 1)
    ]
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    plan = FunnelPlan(
        EventQuery(put(database, "UTC", rows), span),
        (EventSelector("m"), EventSelector("m")),
        86_400_000_000,
        breakdown=Breakdown("text", 3),
    )
    shown = [(part.value, part.is_other) for part in run_funnel(plan).breakdown]
    assert shown == [(values[0], False), (None, True)]
    behind = [[*run_funnel_persons(FunnelPersonsPlan(plan, 0, row=row)).persons] for row in shown]
    assert behind == [[1], [2, 3]]
