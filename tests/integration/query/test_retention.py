"""Retention, lifecycle and stickiness against an oracle in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import NO_FILTER, parse_filter
from services.query.reports.lifecycle import LifecyclePlan, run_lifecycle
from services.query.reports.retention import RetentionPlan, run_retention
from services.query.reports.stickiness import StickinessPlan, run_stickiness
from tests.support.insight_oracle import (
    NOW,
    ZONES,
    begin_of,
    inside,
    quick,
    span_of,
)
from tests.support.insights import Sample, local_midnight, put, samples, seal_some


@pytest.mark.parametrize("kind", ["first_time", "recurring"])
@pytest.mark.parametrize("rule", ["strict", "rolling"])
@quick
@given(data=st.data(), same=st.booleans())
def test_retention_agrees_with_the_oracle(
    database: Connection, kind: str, rule: str, data: st.DataObject, same: bool
) -> None:
    zone = "Australia/Lord_Howe"
    rows = data.draw(samples(begin_of(zone), 6))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 6)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=3))
    back = "a" if same else "b"
    answer = run_retention(
        RetentionPlan(
            EventQuery(project_id, span),
            EventSelector("a"),
            EventSelector(back),
            "day",
            kind,
            rule,
            NOW,
        )
    )
    local = ZoneInfo(zone)
    days = [ZONES[zone] + timedelta(days=n) for n in range(4)]
    did: dict[str, dict[int, set[date]]] = {"a": defaultdict(set), back: defaultdict(set)}
    for row in rows:
        if row.name in did:
            did[row.name][row.person].add(row.at.astimezone(local).date())
    for place, cohort in enumerate(answer.cohorts):
        day = days[place]
        members = {
            person
            for person, dates in did["a"].items()
            if (min(dates) == day if kind == "first_time" else day in dates)
        }
        assert cohort.size == len(members)
        expected = [
            sum(
                any(
                    (back_day == later if rule == "strict" else later <= back_day <= days[-1])
                    for back_day in did[back][person]
                )
                for person in members
            )
            for later in days[place + 1 :]
        ]
        expected.insert(0, len(members))
        assert cohort.returned == expected


@quick
@given(data=st.data())
def test_lifecycle_and_stickiness_agree_with_the_oracle(
    database: Connection, data: st.DataObject
) -> None:
    zone = "Asia/Kathmandu"
    rows = data.draw(samples(begin_of(zone) - timedelta(days=2), 8))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=3), 8)
    first = ZONES[zone]
    span = span_of(zone, first, first + timedelta(days=3))
    states = {
        line.label: line.values
        for line in run_lifecycle(
            LifecyclePlan(EventQuery(project_id, span), EventSelector(None), "day")
        ).series
    }
    did: dict[int, set[date]] = defaultdict(set)
    for row in rows:
        did[row.person].add(row.at.astimezone(ZoneInfo(zone)).date())
    one = timedelta(days=1)
    for place in range(4):
        day = first + place * one
        active = [dates for dates in did.values() if day in dates]
        assert states["new"][place] == sum(min(dates) == day for dates in active)
        assert states["returning"][place] == sum(day - one in dates for dates in active)
        assert states["resurrecting"][place] == sum(
            min(dates) < day and day - one not in dates for dates in active
        )
        assert -states["dormant"][place] == sum(
            day - one in dates and day not in dates for dates in did.values()
        )
    [line] = run_stickiness(
        StickinessPlan(EventQuery(project_id, span), (EventSelector("a"),), "day")
    ).series
    times: dict[int, set[date]] = defaultdict(set)
    for row in inside(rows, span):
        if row.name == "a":
            times[row.person].add(row.at.astimezone(ZoneInfo(zone)).date())
    assert line.values == [sum(len(dates) == n for dates in times.values()) for n in range(1, 5)]


@pytest.mark.parametrize("of_one_event", [False, True])
def test_who_did_it_before_in_such_a_session_is_not_new(
    database: Connection, of_one_event: bool
) -> None:
    # By person and day: the number of events of a session.
    sizes = {(1, 10): 2, (1, 12): 2, (2, 10): 1, (2, 12): 2, (3, 12): 1}
    rows = [
        Sample(local_midnight("UTC", 2026, 3, day) + minute, "a", person, session=f"{person} {day}")
        for (person, day), size in sizes.items()
        for minute in (timedelta(minutes=number) for number in range(size))
    ]
    longer = parse_filter({"scope": "session", "property": "events", "operator": "gte", "value": 2})
    span = span_of("UTC", date(2026, 3, 12), date(2026, 3, 12))
    query = EventQuery(put(database, "UTC", rows), span, NO_FILTER if of_one_event else longer)
    selector = EventSelector(None, longer if of_one_event else NO_FILTER)
    plan = RetentionPlan(query, selector, selector, "day", "first_time", "strict", NOW)
    assert [cohort.size for cohort in run_retention(plan).cohorts] == [1]
    lines = run_lifecycle(LifecyclePlan(query, selector, "day")).series
    assert {line.label: line.values for line in lines} == {
        "new": [1], "returning": [0], "resurrecting": [1], "dormant": [0],
    }  # fmt: skip


@quick
@given(data=st.data(), weekday=st.integers(0, 6))
def test_a_week_that_the_range_cuts_counts_only_the_range(
    database: Connection, data: st.DataObject, weekday: int
) -> None:
    monday = date(2026, 3, 9)
    first, last = monday + timedelta(days=weekday), monday + timedelta(days=15)
    begin = local_midnight("UTC", 2026, 2, 27)
    rows = data.draw(samples(begin, 26, max_size=25))
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", begin.date(), 26)
    span = span_of("UTC", first, last)
    answer = run_lifecycle(LifecyclePlan(EventQuery(project_id, span), EventSelector(None), "week"))
    states = {line.label: line.values for line in answer.series}
    # What the range leaves out of its first week belongs to the week before.
    edges = [monday - timedelta(days=7), first, *(monday + timedelta(days=n) for n in (7, 14))]
    edges.append(last + timedelta(days=1))
    active = [
        {row.person for row in rows if start <= row.at.date() < end}
        for start, end in pairwise(edges)
    ]
    known = {row.person for row in rows if row.at.date() < edges[0]}
    for week, (before, now) in enumerate(pairwise(active)):
        known |= before
        assert states["new"][week] == len(now - known)
        assert states["returning"][week] == len(now & before)
        assert states["resurrecting"][week] == len((now & known) - before)
        assert -states["dormant"][week] == len(before - now)
    assert answer.partial == ([2] if weekday == 0 else [0, 2])


def test_the_part_of_a_week_before_the_range_belongs_to_the_week_before(
    database: Connection,
) -> None:
    # Range from Wednesday, 11 March. By person: last week; Monday; Monday and Friday; Friday.
    active = {1: [4], 2: [9], 3: [9, 13], 4: [13]}
    rows = [
        Sample(local_midnight("UTC", 2026, 3, day), "a", person)
        for person, days in active.items()
        for day in days
    ]
    query = EventQuery(
        put(database, "UTC", rows), span_of("UTC", date(2026, 3, 11), date(2026, 3, 15))
    )
    answer = run_lifecycle(LifecyclePlan(query, EventSelector(None), "week"))
    assert {line.label: line.values for line in answer.series} == {
        "new": [1],
        "returning": [1],
        "resurrecting": [0],
        "dormant": [-2],
    }
    assert answer.partial == [0]
