"""Counting rules against an oracle in plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.previous_period import with_previous
from services.query.parsing.time_range import parse_time_range
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.overview import OverviewPlan, run_overview
from services.query.reports.stats import StatsPlan, run_stats
from services.query.reports.timeseries import TimeseriesPlan, run_timeseries
from services.query.reports.top_events import TopEventsPlan, run_top_events
from tests.conftest import make_project
from tests.support.factories import a_batch, an_event

# Days on which clocks shift by an hour, by half an hour, and at midnight.
SHIFTS = {
    "UTC": date(2026, 3, 29),
    "Europe/Berlin": date(2026, 10, 25),
    "America/New_York": date(2026, 3, 8),
    "Australia/Lord_Howe": date(2026, 4, 5),
    "Asia/Kathmandu": date(2026, 3, 29),
    "Africa/Cairo": date(2026, 4, 24),
}
Sent = list[tuple[int, str, str]]
sent_events = st.lists(
    st.tuples(
        st.integers(0, 3 * 86_400 - 1), st.sampled_from("abc"), st.sampled_from(["x", "y", "z"])
    ),
    max_size=40,
)


def fill(database: Connection, zone: str, sent: Sent) -> tuple[int, list[datetime]]:
    """Store events, given as seconds after the day before the shift began."""
    project_id = make_project(database, zone)
    begin = datetime.combine(SHIFTS[zone] - timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    moments = [
        begin.astimezone(timezone.utc) + timedelta(seconds=seconds) for seconds, _, _ in sent
    ]
    events = [
        an_event(name, at=moment, person=person)
        for moment, (_, name, person) in zip(moments, sent, strict=True)
    ]
    Pipeline().store(database, list(flatten([a_batch(project_id, events)])))
    return project_id, [moment.astimezone(ZoneInfo(zone)) for moment in moments]


@pytest.mark.parametrize("zone", SHIFTS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=sent_events)
def test_reports_agree_with_counting_by_hand(database: Connection, zone: str, sent: Sent) -> None:
    project_id, local = fill(database, zone, sent)
    first, last = SHIFTS[zone] - timedelta(days=1), SHIFTS[zone] + timedelta(days=1)
    now = datetime.now(timezone.utc)
    span = parse_time_range(zone, now, period=None, start=first.isoformat(), end=last.isoformat())
    query = EventQuery(project_id, span)
    inside = [
        (moment, name, person)
        for moment, (_, name, person) in zip(local, sent, strict=True)
        if first <= moment.date() <= last
    ]

    by_day = Counter(moment.date().isoformat() for moment, _, _ in inside)
    daily = run_timeseries(
        TimeseriesPlan(query, interval="day", event_names=(), split_by_name=False)
    )
    [line] = daily.series
    found = {day[:10]: n for day, n in zip(line.dates, line.values, strict=True) if n}
    assert found == dict(by_day)

    by_hour = Counter((moment.date(), moment.hour, moment.fold) for moment, _, _ in inside)
    hourly = run_timeseries(
        TimeseriesPlan(query, interval="hour", event_names=(), split_by_name=False)
    )
    assert sum(hourly.series[0].values) == len(inside)
    if zone != "Australia/Lord_Howe":  # there, one hour lasts 90 minutes and has both folds
        assert Counter(n for n in hourly.series[0].values if n) == Counter(by_hour.values())

    names = Counter(name for _, name, _ in inside)
    top = run_top_events(TopEventsPlan(query, 10))
    assert {item.event_name: item.count for item in top.items} == dict(names)
    assert top.total_events == len(inside)

    split = run_timeseries(
        TimeseriesPlan(query, interval="day", event_names=("a", "b"), split_by_name=True)
    )
    assert {line.label: line.total for line in split.series} == {
        name: names[name] for name in "ab" if names[name]
    }

    figures = run_overview(OverviewPlan(query, with_previous(span, now, by_calendar=False)))
    assert figures.total_events == len(inside)
    assert figures.unique_users == len({person for _, _, person in inside})

    together = run_stats(StatsPlan(project_id, span))
    assert {(row.date, row.event_name): row.count for row in together.daily_stats} == dict(
        Counter((moment.date().isoformat(), name) for moment, name, _ in inside)
    )
    assert together.total_events == len(inside)


def test_rollups_and_raw_rows_give_the_same_answer(database: Connection) -> None:
    project_id, _ = fill(
        database, "UTC", [(n * 997 % 200_000, "abc"[n % 3], "x") for n in range(90)]
    )
    now = datetime.now(timezone.utc)
    answers = {}
    # Only the quarter hour that the range cuts is counted from raw rows.
    for end in ("2026-03-29T12:00:00Z", "2026-03-29T12:00:00.000001Z"):
        span = parse_time_range("UTC", now, period=None, start="2026-03-28T00:00:00Z", end=end)
        answer = run_top_events(TopEventsPlan(EventQuery(project_id, span), 10))
        answers[answer.source] = {item.event_name: item.count for item in answer.items}
        by_name = Breakdown("event_name")
        raw = run_breakdown(BreakdownPlan(EventQuery(project_id, span), ANY_SELECTOR, by_name))
        answers[raw.source] = {str(item.value): int(item.events) for item in raw.items}
    assert answers["rollup"] == answers["mixed"] == answers["raw"]
