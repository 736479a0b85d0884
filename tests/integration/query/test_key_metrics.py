"""Key metrics: values, records and what is expected, against counting one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.execution.context import open_query
from services.query.parsing.events import EventQuery
from services.query.parsing.filters import NO_FILTER, parse_filter
from services.query.parsing.previous_period import with_previous
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.reports.key_metrics import KeyMetric, KeyMetricsPlan, run_key_metrics
from services.query.sources.key_metrics import METRIC_NAMES, MetricName
from services.query.sources.weekday_history import earlier_intervals
from tests.support.insight_oracle import ZONES, begin_of, quick, span_of
from tests.support.insights import Sample, local_midnight, put, samples, seal_some
from tests.support.reader import client_of, make_user
from tests.support.session_oracle import with_sessions

few = settings(quick, max_examples=8)
Count = Callable[[datetime, datetime], int]
VIEWS = {"a": "page_view", "b": "$screen"}
CANADA = parse_filter({"property": "country", "operator": "is", "value": "CA"})


def counter(rows: list[Sample], metric: MetricName, *, is_filtered: bool = False) -> Count:
    """Return the function that counts a metric of these events between two instants."""
    first: dict[int, datetime] = {}
    begun: dict[str | None, datetime] = {}
    for row in sorted(rows, key=lambda one: one.at):
        first.setdefault(row.person, row.at)
        begun.setdefault(row.session, row.at)
    passing = [row for row in rows if not is_filtered or row.country == "CA"]

    def count(start: datetime, end: datetime) -> int:
        inside = [row for row in passing if start <= row.at < end]
        if metric == "total_events":
            return len(inside)
        if metric == "page_views":
            return sum(row.name in VIEWS.values() for row in inside)
        if metric == "unique_sessions" and is_filtered:
            return len({row.session for row in inside})
        if metric == "unique_sessions":
            return sum(start <= at < end for at in begun.values())
        present = {row.person for row in inside}
        if metric == "new_users":
            return sum(start <= first[person] < end for person in present)
        return len(present)

    return count


def viewed(rows: list[Sample]) -> list[Sample]:
    """Return the events, some of them as page views."""
    return [replace(row, name=VIEWS.get(row.name, row.name)) for row in rows]


@few
@given(data=st.data(), is_filtered=st.booleans(), interval=st.sampled_from(["hour", "day"]))
@pytest.mark.parametrize("zone", ZONES)
def test_metrics_are_as_counted_one_by_one(
    database: Connection, data: st.DataObject, zone: str, is_filtered: bool, interval: str
) -> None:
    rows = viewed(data.draw(samples(begin_of(zone), 4)))
    project_id = put(database, zone, rows)
    rows = with_sessions(rows)
    first = ZONES[zone] - timedelta(days=1)
    seal_some(data, database, project_id, zone, first, 4)
    span = span_of(zone, first + timedelta(days=2), first + timedelta(days=3))
    compare = with_previous(span, span.end, by_calendar=True)
    query = EventQuery(project_id, span, CANADA if is_filtered else NO_FILTER)
    answer = run_key_metrics(KeyMetricsPlan(query, METRIC_NAMES, interval, compare, span.end))
    edges = [*interval_starts(span, interval), span.end]
    for found, metric in zip(answer.metrics, METRIC_NAMES, strict=True):
        count = counter(rows, metric, is_filtered=is_filtered)
        assert found.series == [count(*edge) for edge in pairwise(edges)]
        assert found.previous is not None
        before = count(compare.previous.start, compare.previous.end)
        if metric == "unique_sessions" and is_filtered:
            assert (found.value, found.previous.value) == (count(span.start, span.end), before)
        elif metric == "new_users" and is_filtered:
            assert found.value == sum(found.series)
        else:
            assert (found.value, found.previous.value) == (count(span.start, span.end), before)
        assert found.expected is None


@few
@given(data=st.data())
def test_the_record_is_the_first_of_the_highest_complete_days(
    database: Connection, data: st.DataObject
) -> None:
    zone = "Europe/Berlin"
    rows = viewed(data.draw(samples(begin_of(zone), 6)))
    project_id = put(database, zone, rows)
    rows = with_sessions(rows)
    first = ZONES[zone] - timedelta(days=1)
    seal_some(data, database, project_id, zone, first, 5)
    today = first + timedelta(days=5)
    now = local_midnight(zone, today.year, today.month, today.day) + timedelta(hours=8)
    span = span_of(zone, today, today)
    plan = KeyMetricsPlan(EventQuery(project_id, span), METRIC_NAMES, "hour", None, now)
    for found, metric in zip(run_key_metrics(plan).metrics, METRIC_NAMES, strict=True):
        count, days = counter(rows, metric), [first + timedelta(days=n) for n in range(6)]
        by_day = [count(*_day(zone, day)) for day in days]
        begun = next((n for n, day in enumerate(days) if rows and day >= _first(rows, zone)), 0)
        highest = max(by_day[:-1])
        if not rows:
            assert (found.record, found.days) == (None, None)
            continue
        assert found.days == by_day[begun:]
        if highest == 0:
            assert found.record is None
        else:
            assert found.record is not None
            assert (found.record.value, found.record.date) == (
                highest,
                days[by_day.index(highest)].isoformat(),
            )


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
@pytest.mark.parametrize("sealed_days", [0, 70])
@pytest.mark.parametrize("interval", ["hour", "day"])
def test_earlier_weeks_are_counted_by_the_same_local_clock(
    database: Connection, zone: str, sealed_days: int, interval: str
) -> None:
    today, first = date(2026, 4, 8), date(2026, 2, 4)
    begin = local_midnight(zone, first.year, first.month, first.day)
    rows = [
        Sample(begin + timedelta(minutes=step * 47), "ab"[step % 2], step * step % 7, "CA")
        for step in range(1_950)
    ]
    project_id = put(database, zone, viewed(rows))
    if sealed_days:
        _seal_all(database, project_id, zone, first, today)
    rows = with_sessions(viewed(rows))
    zoned = ZoneInfo(zone)
    start = datetime(2026, 4, 8, 0 if interval == "day" else 15, tzinfo=zoned)
    end = start + (timedelta(days=1) if interval == "day" else timedelta(hours=1))
    reached = start + (
        timedelta(hours=15, minutes=15) if interval == "day" else timedelta(minutes=45)
    )
    query = EventQuery(project_id, TimeRange(start, end, zoned))
    for metric in METRIC_NAMES:
        count = counter(rows, metric)
        expected = []
        for week in range(1, 9):
            shift = timedelta(weeks=week)
            local = [(one - shift).astimezone(timezone.utc) for one in (start, reached, end)]
            expected.append((count(local[0], local[1]), count(local[0], local[2])))
        with open_query(query) as context:
            found = earlier_intervals(context, metric, query.time_range, reached)
            again = earlier_intervals(context, metric, query.time_range, reached)
        assert found == again == [one for one in expected if one[1]]


def test_an_event_of_an_earlier_week_that_comes_late_counts(database: Connection) -> None:
    zone, today, first = "UTC", date(2026, 4, 8), date(2026, 2, 11)
    begin = local_midnight(zone, 2026, 2, 11)
    project_id = put(
        database, zone, [Sample(begin + timedelta(days=7 * week), "a", 1) for week in range(8)]
    )
    _seal_all(database, project_id, zone, first, today)
    start = datetime(2026, 4, 8, tzinfo=ZoneInfo(zone))
    query = EventQuery(project_id, TimeRange(start, start + timedelta(days=1), start.tzinfo))  # type: ignore[arg-type]

    def wholes() -> list[int]:
        with open_query(query) as context:
            reached = start + timedelta(hours=6)
            found = earlier_intervals(context, "unique_users", query.time_range, reached)
        return [one.whole for one in found]

    assert wholes() == [1] * 8
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events (project_id, event_id, event_name, timestamp, received_at,"
            " person_id, distinct_id, properties) VALUES (%s, gen_random_uuid(), 'a', %s, now(),"
            " 2, 'late', '{}')",
            (project_id, begin + timedelta(hours=1)),
        )
        cursor.execute(
            "UPDATE sealed_days SET version = version + 1 WHERE project_id = %s AND day = %s",
            (project_id, first),
        )
    database.commit()
    assert wholes() == [1] * 7 + [2]


def _day(zone: str, day: date) -> tuple[datetime, datetime]:
    after = day + timedelta(days=1)
    return (
        local_midnight(zone, day.year, day.month, day.day),
        local_midnight(zone, after.year, after.month, after.day),
    )


def _first(rows: list[Sample], zone: str) -> date:
    return min(row.at for row in rows).astimezone(ZoneInfo(zone)).date()


def _seal_all(database: Connection, project_id: int, zone: str, first: date, until: date) -> None:
    from services.processor.sealing.day import seal_day

    for number in range((until - first).days):
        seal_day(database, project_id, first + timedelta(days=number), ZoneInfo(zone))
    database.commit()


def test_metrics_are_in_the_order_asked(database: Connection) -> None:
    span = span_of("UTC", date(2026, 3, 1), date(2026, 3, 2))
    asked: tuple[MetricName, ...] = ("page_views", "unique_users")
    query = EventQuery(put(database, "UTC", []), span)
    found: list[KeyMetric] = run_key_metrics(
        KeyMetricsPlan(query, asked, "day", None, span.end)
    ).metrics
    assert [one.metric for one in found] == [*asked]
    assert all(one.value == 0 and one.previous is None for one in found)


def test_goals_are_metrics_as_counted_one_by_one(database: Connection) -> None:
    begin = datetime(2026, 3, 1, tzinfo=timezone.utc)
    revenues: list[Any] = [9.5, "10.25", None, "much", -2, 7]
    rows = [
        Sample(begin + timedelta(hours=20 * hour), "purchase", person, country, properties=value)
        for hour, (person, country, value) in enumerate(
            (number % 2, "CA" if number else None, {} if revenue is None else {"revenue": revenue})
            for number, revenue in enumerate(revenues)
        )
    ]
    rows.append(Sample(begin, "refund", 5, "CA", properties={"revenue": 1_000}))
    project_id = put(database, "UTC", rows)
    client = client_of(make_user(database, project_id))
    base = f"/api/v1/analytics/{project_id}"
    goal = {"name": "Purchase", "event": "purchase", "value_property": "revenue"}
    bought = client.post(f"{base}/goals/", json=goal).json["id"]
    plain = client.post(f"{base}/goals/", json={"name": "Refund", "event": "refund"}).json["id"]
    names = [f"goal_value:{bought}", "unique_users", f"goal:{bought}"]
    gone = [f"goal_value:{plain}", "goal:999999999"]

    def ask(**more: str) -> list[dict[str, Any]]:
        query = {"from": "2026-03-03", "to": "2026-03-05", "interval": "day", **more}
        answer = client.get(f"{base}/key-metrics", query_string={"metric": names + gone, **query})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["metrics"]
        return found

    for countries, more in (
        (("CA", None), {}),
        (("CA",), {"filters": '{"property": "country", "operator": "is", "value": "CA"}'}),
    ):
        found = ask(**more)
        assert [one["metric"] for one in found] == names
        figures = [found[0], found[2]]
        now = _purchases(rows, begin + timedelta(days=2), countries)
        before = _purchases(rows, begin - timedelta(days=1), countries)
        assert [(one["value"], one["series"]) for one in figures] == now
        assert [(one["previous"]["value"], one["previous"]["series"]) for one in figures] == before
        assert all(one["record"] is one["expected"] is one["days"] is None for one in figures)
    client.delete(f"{base}/goals/{bought}")
    assert [one["metric"] for one in ask()] == ["unique_users"]
    refused = client.get(f"{base}/key-metrics", query_string={"metric": "goal:0"})
    assert (refused.status_code, "goal:ID" in refused.text) == (422, True)


def _purchases(rows: list[Sample], first: datetime, countries: tuple[str | None, ...]) -> list[Any]:
    """Count three days one by one: their revenue, and their buyers."""
    passing = [one for one in rows if one.name == "purchase" and one.country in countries]
    days = [first + timedelta(days=number) for number in range(3)]
    inside = [[one for one in passing if day <= one.at < day + timedelta(1)] for day in days]
    persons = [{one.person for one in day} for day in inside]
    numbers = [
        [float(one.properties["revenue"]) for one in day if _is_number(one.properties)]
        for day in inside
    ]
    return [
        (sum(map(sum, numbers)), [sum(day) for day in numbers]),
        (len(set().union(*persons)), [len(day) for day in persons]),
    ]


def _is_number(properties: dict[str, Any]) -> bool:
    try:
        float(properties.get("revenue", ""))
    except ValueError:
        return False
    return True
