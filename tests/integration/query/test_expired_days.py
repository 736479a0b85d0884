"""Ranges with expired days: an answer that does not say what it lacks is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.sealing.day import seal_day
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.parsing.previous_period import with_previous
from services.query.parsing.time_range import TimeRange
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.overview import OverviewPlan, run_overview
from services.query.reports.revenue import RevenuePlan, run_revenue
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.series import Series
from tests.support.insight_oracle import NOW, begin_of, figure, inside, quick, span_of
from tests.support.insights import Sample, put, samples
from tests.support.reader import client_of, make_user

ZONE = "Australia/Lord_Howe"
FIRST = date(2026, 4, 3)
DAYS = 4
DAY = timedelta(days=1)


def expire(connection: Connection, project_id: int, days: list[date], zone: str = ZONE) -> None:
    """Seal the days and remove the rows of all, as retention does."""
    with connection.cursor() as cursor:
        for day in days:
            seal_day(connection, project_id, day, ZoneInfo(zone))
            cursor.execute(
                "UPDATE sealed_days SET expired_at = now() WHERE project_id = %s AND day = %s"
                " RETURNING ends_at",
                (project_id, day),
            )
            [ends_at] = cursor.fetchone() or ()
            for table, column in (("events", "timestamp"), ("sessions", "ended_at")):
                cursor.execute(
                    f"DELETE FROM {table} WHERE project_id = %s AND {column} < %s",
                    (project_id, ends_at),
                )
    connection.commit()


@dataclass(frozen=True)
class Question:
    """How an insight is asked, counted by hand, and read."""

    ask: Callable[[EventQuery], Any]
    figure: Callable[[list[Sample]], Any]
    read: Callable[[Any], Any]


def trend(metric: str) -> Callable[[EventQuery], Any]:
    series = (Series(EventSelector("a"), metric, "amount"),)
    return lambda query: run_trends(TrendsPlan(query, series, "day"))


def total(metric: str) -> Question:
    return Question(
        trend(metric),
        lambda rows: figure([row for row in rows if row.name == "a"], metric, weighted=False),
        lambda answer: answer.series[0].total,
    )


QUESTIONS = {
    "count": total("count"),
    "unique persons": total("unique_persons"),
    "sum": total("sum"),
    "filter": Question(
        lambda query: trend("count")(
            EventQuery(
                query.project_id,
                query.time_range,
                parse_filter({"property": "country", "value": "CA"}),
            )
        ),
        lambda rows: sum(row.name == "a" and row.country == "CA" for row in rows),
        lambda answer: answer.series[0].total,
    ),
    "breakdown": Question(
        lambda query: run_breakdown(
            BreakdownPlan(query, EventSelector(None), Breakdown("country"))
        ),
        len,
        lambda answer: answer.total_events,
    ),
    "overview": Question(
        lambda query: run_overview(
            OverviewPlan(query, with_previous(query.time_range, NOW, by_calendar=False))
        ),
        lambda rows: (len(rows), len({row.person for row in rows})),
        lambda answer: (answer.total_events, answer.unique_users),
    ),
}


@quick
@given(data=st.data(), kind=st.sampled_from(sorted(QUESTIONS)))
def test_an_answer_is_right_or_says_what_it_lacks(
    database: Connection, data: st.DataObject, kind: str
) -> None:
    begin = begin_of(ZONE)
    rows = data.draw(samples(begin, DAYS, max_size=20))
    project_id = put(database, ZONE, rows)
    expired = data.draw(st.integers(0, DAYS - 1), label="expired days")
    expire(database, project_id, [FIRST + timedelta(days=n) for n in range(expired)])
    minutes = st.integers(0, DAYS * 144 - 1)
    start, end = sorted((data.draw(minutes), data.draw(minutes)))
    local = ZoneInfo(ZONE)
    span = TimeRange(
        (begin + timedelta(minutes=start * 10)).astimezone(local),
        (begin + timedelta(minutes=(end + 1) * 10)).astimezone(local),
        local,
    )
    question = QUESTIONS[kind]
    answer = question.ask(EventQuery(project_id, span))
    if answer.expired is msgspec.UNSET:
        assert question.read(answer) == pytest.approx(question.figure(inside(rows, span)))
        return
    limit = span_of(ZONE, FIRST, FIRST + timedelta(days=max(expired, 1) - 1)).end
    for part in answer.expired:
        assert datetime.fromisoformat(part.from_) < datetime.fromisoformat(part.to) <= limit


@pytest.mark.parametrize(
    ("start", "end", "lacks"),
    [
        (0, 48, []),
        (-24, 24, []),
        (24, 48, []),
        (5, 53, [(5, 24)]),
        (5, 19, [(5, 19)]),
        (-24, 9, [(0, 9)]),
    ],
)
def test_what_unique_persons_lack_is_named(
    database: Connection, start: int, end: int, lacks: list[tuple[int, int]]
) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    hour = timedelta(hours=1)
    rows = [Sample(begin + n * hour, "a", n) for n in (3, 9, 20, 30, 50)]
    project_id = put(database, "UTC", rows)
    expire(database, project_id, [begin.date()], "UTC")
    utc = ZoneInfo("UTC")
    first, last = ((begin + n * hour).astimezone(utc) for n in (start, end))
    span = TimeRange(first, last, utc)
    answer = trend("unique_persons")(EventQuery(project_id, span))
    named = [] if answer.expired is msgspec.UNSET else answer.expired
    assert [(part.from_, part.to) for part in named] == [
        tuple((begin + n * hour).isoformat() for n in part) for part in lacks
    ]


def test_a_changed_time_zone_says_that_unique_persons_are_lacking(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    rows = [Sample(begin + timedelta(hours=hour), "a", hour % 3 + 1) for hour in range(48)]
    project_id = put(database, "UTC", rows)
    expire(database, project_id, [begin.date()], "UTC")
    span = span_of("Europe/Berlin", date(2026, 3, 9), date(2026, 3, 12))
    counted = trend("count")(EventQuery(project_id, span))
    assert (counted.series[0].total, counted.expired) == (48, msgspec.UNSET)
    persons = trend("unique_persons")(EventQuery(project_id, span))
    assert [(part.from_, part.to) for part in persons.expired] == [
        ("2026-03-10T01:00:00+01:00", "2026-03-11T01:00:00+01:00")
    ]


@pytest.mark.parametrize(("order", "lacks"), [("A-1", ["2026-03-08T00:00:00+00:00"]), (None, [])])
def test_a_purchase_that_may_repeat_an_expired_order_says_so(
    database: Connection, order: str | None, lacks: list[str]
) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    bought = {"amount": 5} if order is None else {"amount": 5, "order_id": order}
    times = (begin - timedelta(hours=40), begin + timedelta(hours=1))
    rows = [Sample(at, "bought", 1, properties=bought) for at in times]
    project_id = put(database, "UTC", rows)
    expire(database, project_id, [date(2026, 3, 8)], "UTC")
    span = TimeRange(begin, begin + timedelta(days=1), ZoneInfo("UTC"))
    selector = EventSelector("bought")
    answer = run_revenue(RevenuePlan(EventQuery(project_id, span), selector, "amount", "day"))
    expired = [] if answer.expired is msgspec.UNSET else answer.expired
    assert [part.from_ for part in expired] == lacks


def test_the_json_of_a_report_says_from_when_to_when_it_lacks(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    project_id = put(database, "UTC", [Sample(begin + timedelta(hours=3), "a", 1)])
    expire(database, project_id, [begin.date()], "UTC")
    answer = client_of(make_user(database, project_id)).get(
        f"/api/v1/analytics/{project_id}/web/",
        query_string={"from": "2026-03-10", "to": "2026-03-11", "compare": "none"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json["expired"] == [
        {"from": "2026-03-10T00:00:00+00:00", "to": "2026-03-11T00:00:00+00:00"}
    ]


_BY_EVENTS = '{"property": "event_name", "value": "a"}'


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/v1/analytics/admin/events/?project_id={id}", True),
        ("/api/v1/analytics/{id}/sessions", True),
        ("/api/v1/analytics/{id}/persons/{person}/events", False),
        ("/api/v1/analytics/{id}/persons/{person}/activity?days=365", False),
        ('/api/v1/analytics/{id}/persons/?filters={filters}', False),
        ("/api/v1/analytics/{id}/exports/events?format=jsonl", True),
        (
            '/api/v1/analytics/{id}/persons/export?filters={filters}',
            False,
        ),
    ],
)  # fmt: skip
def test_lists_and_files_say_which_days_have_expired(
    database: Connection, path: str, asked: bool
) -> None:
    begin = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) - 9 * DAY
    rows = [Sample(begin + n * DAY + timedelta(hours=1), "a", 1) for n in (0, 3)]
    project_id = put(database, "UTC", rows)
    expire(database, project_id, [begin.date()], "UTC")
    client = client_of(make_user(database, project_id))

    def told(begins: datetime) -> tuple[str, str] | None:
        span = {"from": begins.isoformat(), "to": (begin + 5 * DAY).isoformat()} if asked else {}
        joint = "&" if "?" in path else "?"
        answer = client.get(
            path.format(id=project_id, person=1, filters=_BY_EVENTS) + joint + urlencode(span)
        )
        assert answer.status_code == 200, answer.text
        header = answer.headers.get("X-Answer-Expired")
        if header is not None:
            first, last = header.split("/")
            return first, last
        parts = (answer.json or {}).get("expired", []) if answer.is_json else []
        return (parts[0]["from"], parts[0]["to"]) if parts else None

    lacks = (begin.isoformat(), (begin + DAY).isoformat())
    assert told(begin) == lacks
    if asked:
        assert told(begin + DAY) is None


def test_files_of_visitors_and_of_a_figure_say_which_days_have_expired(
    database: Connection,
) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    rows = [Sample(begin + n * DAY + timedelta(hours=3), "a", 1) for n in (0, 3)]
    project_id = put(database, "UTC", rows)
    expire(database, project_id, [begin.date()], "UTC")
    client = client_of(make_user(database, project_id))

    def told(answer: Any) -> str | None:
        assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
        header: str | None = answer.headers.get("X-Answer-Expired")
        return header

    def visitors() -> str | None:
        days = {"start_date": "2026-03-10", "end_date": "2026-03-14"}
        query = {"project_id": project_id, **days}
        return told(client.get("/api/analytics/export/", query_string=query))

    def figure_of(begins: datetime) -> str | None:
        body = {
            "from": begins.isoformat(),
            "to": (begin + 5 * DAY).isoformat(),
            "series": [{"event": "a"}],
            "compare": "none",
            "filters": {"property": "country", "value": "CA"},
        }
        path = f"/api/v1/analytics/{project_id}/insights/trends/persons/export"
        return told(client.post(path, json=body))

    assert figure_of(begin) == f"{begin.isoformat()}/{(begin + DAY).isoformat()}"
    assert figure_of(begin + DAY) is None
    # Sealed days answer, until the days of another zone would need the rows of parts of them.
    assert visitors() is None
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE projects SET timezone = 'Europe/Berlin' WHERE id = %s", (project_id,)
        )
    database.commit()
    assert visitors() == "2026-03-10T01:00:00+01:00/2026-03-11T01:00:00+01:00"


def test_a_goal_on_a_page_keeps_no_other_goal_from_sealed_days(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    rows = [Sample(begin + timedelta(hours=20 * number), "signup", number) for number in (0, 1, 2)]
    project_id = put(database, "UTC", rows)
    expire(database, project_id, [begin.date()], "UTC")
    client, base = client_of(make_user(database, project_id)), f"/api/v1/analytics/{project_id}"
    for goal in ({"event": "signup"}, {"page": "/docs"}):
        body = {"name": next(iter(goal)), **goal}
        assert client.post(f"{base}/goals/", json=body).status_code == 201
    span = {"from": "2026-03-10", "to": "2026-03-11", "compare": "none", "interval": "day"}
    answer = client.get(f"{base}/goals/report", query_string=span)
    assert answer.status_code == 200, answer.text
    found = {one["name"]: (one["conversions"], one["visitors"]) for one in answer.json["items"]}
    assert found == {"event": (3, 3), "page": (0, 0)}


@pytest.mark.parametrize(
    ("last", "visits", "bounce_rate", "seconds"),
    [("2026-03-11", 5, 0.5, 300.0), ("2026-03-10", 3, None, None)],
)
def test_bounces_and_durations_are_those_of_visits_that_are_stored(
    database: Connection, last: str, visits: int, bounce_rate: float | None, seconds: float | None
) -> None:
    begin = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    starts = [*((begin, person) for person in (1, 2, 3)), *((begin + DAY, one) for one in (1, 2))]
    rows = [Sample(at, "page_view", person) for at, person in starts]
    rows.append(Sample(begin + DAY + timedelta(minutes=10), "page_view", 1))
    project_id = put(database, "UTC", rows)
    expire(database, project_id, [begin.date()], "UTC")
    answer = client_of(make_user(database, project_id)).get(
        f"/api/v1/analytics/{project_id}/web/",
        query_string={"from": "2026-03-10", "to": last, "compare": "none", "interval": "day"},
    )
    totals = answer.json["totals"]
    assert totals["visits"] == visits
    assert (totals["bounce_rate"], totals["visit_seconds"]) == (bounce_rate, seconds)
    first = answer.json["series"][0]["metrics"]
    assert (first["visits"], first["bounce_rate"], first["visit_seconds"]) == (3, None, None)
