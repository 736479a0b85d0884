"""Questions whose range begins, ends or lies where clocks change, and zones off by quarters."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.monitoring.live import parse_live, run_live
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import parse_time_range
from services.query.reports import retention, revenue
from services.query.reports.lifecycle import LifecyclePlan, run_lifecycle
from tests.support.insight_oracle import quick
from tests.support.insights import Sample, put, seal_some
from tests.support.reader import client_of, make_user

HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).astimezone(timezone.utc)


FIRST_INTERVALS = {
    "the day whose first hour is skipped": (
        "Africa/Cairo", "day", "2026-04-22T22:00Z 2026-04-23T22:00Z 2026-04-24T21:00Z",
    ),
    "the day after one of 25 hours": (
        "Africa/Cairo", "day", "2026-10-28T21:00Z 2026-10-29T22:00Z 2026-10-30T22:00Z",
    ),
    "the hour after the skipped one": (
        "Europe/Berlin", "hour", "2026-03-29T00:00Z 2026-03-29T01:00Z 2026-03-29T02:00Z",
    ),
    "the hour that comes again": (
        "Europe/Berlin", "hour", "2026-10-25T00:00Z 2026-10-25T01:00Z 2026-10-25T02:00Z",
    ),
    "the hour after the one that came twice": (
        "Europe/Berlin", "hour", "2026-10-25T01:00Z 2026-10-25T02:00Z 2026-10-25T03:00Z",
    ),
}  # fmt: skip
"""Zone, interval, and in UTC the starts of the interval before, of the first one, and its end."""


@pytest.mark.parametrize("name", FIRST_INTERVALS)
@quick
@given(
    moments=st.lists(st.tuples(st.integers(0, 80), st.integers(1, 4)), max_size=20),
    data=st.data(),
)
def test_the_interval_before_the_range_is_the_one_that_elapsed(
    database: Connection, name: str, moments: list[tuple[int, int]], data: st.DataObject
) -> None:
    zone, interval, texts = FIRST_INTERVALS[name]
    edges = [at(text) for text in texts.split()]
    unit = 24 * HOUR if interval == "day" else HOUR
    rows = [Sample(edges[0] - unit + number * unit / 24, "a", person) for number, person in moments]
    rows = [row for row in rows if row.at < edges[-1]]
    project_id = put(database, zone, rows)
    if interval == "day":
        seal_some(data, database, project_id, zone, edges[1].astimezone(ZoneInfo(zone)).date(), 1)
    local = [edge.astimezone(ZoneInfo(zone)).isoformat() for edge in edges[1:]]
    span = parse_time_range(zone, edges[-1], period=None, start=local[0], end=local[1])
    answer = run_lifecycle(
        LifecyclePlan(EventQuery(project_id, span), EventSelector(None), interval)
    )
    known = {row.person for row in rows if row.at < edges[0]}
    before, now = (
        {row.person for row in rows if start <= row.at < end} for start, end in pairwise(edges)
    )
    assert {line.label: line.values for line in answer.series} == {
        "new": [len(now - before - known)],
        "returning": [len(now & before)],
        "resurrecting": [len(now & (known - before))],
        "dormant": [-len(before - now)],
    }


def ask(database: Connection, project_id: int, path: str, body: Any = None, **query: str) -> Any:
    """Return the answer to an owner."""
    client = client_of(make_user(database, project_id))
    url = f"/api/v1/analytics/{project_id}/{path}"
    answer = client.get(url, query_string=query) if body is None else client.post(url, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.parametrize("minutes", [15, 60])
def test_each_part_of_an_hour_that_comes_twice_can_be_asked_for(
    database: Connection, minutes: int
) -> None:
    begin = at("2026-10-24T23:00Z")
    rows = [Sample(begin + number * timedelta(minutes=7), "a", 1) for number in range(40)]
    project_id = put(database, "Europe/Berlin", rows)
    step, found = timedelta(minutes=minutes), 0
    for number in range(int(5 * HOUR / step)):
        start = begin + number * step
        body = {"from": start.isoformat(), "to": (start + step).isoformat(), "interval": "hour",
                "series": [{"event": "a"}], "compare": True}  # fmt: skip
        answer = ask(database, project_id, "insights/trends", body)
        expected = sum(start <= row.at < start + step for row in rows)
        assert answer["series"][0]["values"] == [expected], start
        found += expected
    assert found == len(rows)


@pytest.mark.parametrize("path", ["daily-summaries", "pages"])
def test_a_range_that_ends_where_a_day_begins_late_has_nothing_of_that_day(
    database: Connection, path: str
) -> None:
    zone = "Africa/Cairo"
    rows = [Sample(at("2026-04-23T12:00Z") + day * 24 * HOUR, "$pageview", 1) for day in range(2)]
    project_id = put(database, zone, rows)
    span = {"from": "2026-04-23T00:00:00+02:00", "to": "2026-04-24T01:00:00+03:00"}
    answer = ask(database, project_id, path, None, **span)
    assert {item["date"] for item in answer["items"]} == {"2026-04-23"}


@pytest.mark.parametrize("now", ["2026-10-25T00:50Z", "2026-10-25T01:10Z", "2026-03-29T01:10Z"])
def test_users_of_now_are_there_while_clocks_change(database: Connection, now: str) -> None:
    rows = [Sample(at(now) - minutes * HOUR / 60, "a", minutes) for minutes in range(1, 30)]
    project_id = put(database, "Europe/Berlin", rows)
    request = QueryRequest(
        project_id, "Europe/Berlin", at(now), {"filters": None, "limit": 0, "event_name": None}
    )
    found = run_live(parse_live(request))
    assert found.users_now == 5
    assert [minute.users for minute in found.minutes] == [0] + [1] * 29


@pytest.mark.parametrize("kind", ["retention", "revenue"])
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Asia/Kolkata"])
def test_the_day_that_began_a_few_minutes_ago_has_its_row(
    database: Connection, kind: str, zone: str
) -> None:
    now = datetime(2026, 5, 6, 18, 50, tzinfo=timezone.utc)  # soon after midnight there
    rows = [Sample(now - minutes * HOUR / 60, "a", minutes) for minutes in (1, 2, 300)]
    project_id = put(database, zone, rows)
    data: Any = {
        **dict.fromkeys(("period", "filters", "interval", "currency")),
        "start": "2026-05-06", "end": "2026-05-08", "weighted": False,
    }  # fmt: skip
    if kind == "retention":
        data |= {"target": None, "returning": None, "kind": "first_time", "rule": "strict"}
        plan = retention.parse_retention(QueryRequest(project_id, zone, now, data))
        found = [(one.date[:10], one.returned) for one in retention.run_retention(plan).cohorts]
        assert found == [("2026-05-06", [1, 0]), ("2026-05-07", [2])]
        return
    data |= {"event": "a", "property": "amount"}
    request = QueryRequest(project_id, zone, now, data)
    values = revenue.run_revenue(revenue.parse_revenue(request)).lifetime_value
    assert [(one.after, one.persons) for one in values] == [(0, 3), (1, 1)]
    assert date(2026, 5, 7) == now.astimezone(ZoneInfo(zone)).date()
