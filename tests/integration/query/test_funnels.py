"""Funnels against an oracle that tries every way through the steps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.reports.funnel import (
    FunnelPersonsPlan,
    FunnelPersonsResponse,
    list_funnel_persons,
    run_funnel,
)
from services.query.sources.funnel_matching import Exclusion, FunnelPlan
from shared.web.pagination import encode_cursor
from tests.support.insight_oracle import (
    ZONES,
    any_order,
    begin_of,
    check_steps,
    inside,
    quick,
    span_of,
    ways,
)
from tests.support.insights import Sample, put, samples, seal_some


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.data(),
    window=st.sampled_from([600, 7_200, 86_400]),
    steps=st.sampled_from(["abc", "ab", "acb", "ba"]),
    excluded=st.sampled_from([None, (0, 1), (0, 2), (1, 2)]),
)
def test_funnels_agree_with_the_oracle(
    database: Connection, order: str, data: st.DataObject, window: int, steps: str, excluded: Any
) -> None:
    zone = "America/New_York"
    rows = data.draw(samples(begin_of(zone), 3, "abcd", 25))
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
        Breakdown("country", 2) if order != "any" else None,
    )
    answer = run_funnel(plan)
    considered = inside(rows, span)
    if order == "any":
        check_steps(answer.steps, any_order(considered, plan))
        return
    check_steps(answer.steps, ways(considered, plan, steps[0]))
    for part in answer.breakdown:
        if not part.is_other:
            check_steps(part.steps, ways(considered, plan, steps[0], part.value))


@quick
@given(data=st.data(), steps=st.sampled_from(["ab", "abc", "aab", "ca"]))
def test_a_funnel_in_any_order_over_the_whole_range_asks_only_who(
    database: Connection, data: st.DataObject, steps: str
) -> None:
    zone = "America/New_York"
    rows = data.draw(samples(begin_of(zone), 4, "abcd", 25))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 4)
    span = span_of(zone, ZONES[zone] - timedelta(days=1), ZONES[zone] + timedelta(days=2))
    whole = int((span.end.timestamp() - span.start.timestamp()) * 1_000_000)
    plan = FunnelPlan(EventQuery(project_id, span), tuple(map(EventSelector, steps)), whole, "any")
    told = [step.persons for step in run_funnel(plan).steps]
    quick_plan = replace(plan, with_durations=False)
    answer = run_funnel(quick_plan).steps
    done: dict[int, set[str]] = defaultdict(set)
    for row in inside(rows, span):
        done[row.person].add(row.name)
    times = [sum(name in names for name in steps) for names in done.values()]
    expected = [sum(n > place for n in times) for place in range(len(steps))]
    assert [step.persons for step in answer] == told == expected
    assert {step.median_seconds for step in answer} == {None}


def test_the_persons_behind_a_bar_are_those_it_counts(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    rows = [Sample(begin + timedelta(minutes=n), "a", n, "CA") for n in range(1, 8)]
    rows += [Sample(begin + timedelta(minutes=30 + n), "b", n) for n in (2, 4, 6)]
    project_id = put(database, "UTC", rows)
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    plan = FunnelPlan(
        EventQuery(project_id, span), (EventSelector("a"), EventSelector("b")), 86_400_000_000
    )
    page = list_funnel_persons(FunnelPersonsPlan(plan, step=1, limit=2))
    assert page == FunnelPersonsResponse([2, 4], total=3, next_cursor=encode_cursor(4))
    gone = list_funnel_persons(FunnelPersonsPlan(plan, step=1, dropped=True))
    assert gone.person_ids == [1, 3, 5, 7]
