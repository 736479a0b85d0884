"""Counts by day or hour and event: events, persons and sessions.

Sealed days have them summed up; the others are counted from raw rows by the same rules. Persons
and sessions of one row are different ones; those of several rows cannot be added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.filters import invalid_field
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_query import interval_index
from services.query.sources.person_identity import PERSON
from services.query.sources.sealed_days import coverage
from shared.events.buckets import BUCKET_SECONDS
from shared.events.local_days import day_of, days_between
from shared.events.local_days import span as day_span
from shared.models import DailyEventSummary, Event, HourlyEventSummary

INTERVALS = ("day", "hour")
MAX_ROWS = 50_000
_QUARTER = timedelta(seconds=BUCKET_SECONDS)
_Row = tuple[str, str, str, int, int, int]
"""Label of the interval, event name, source, events, persons, sessions."""


@dataclass(frozen=True, slots=True)
class EventAggregatesPlan:
    """Which sums, and which page of them."""

    project_id: int
    time_range: TimeRange
    """Whole local days."""
    interval: str
    limit: int
    offset: int = 0
    event_name: str | None = None
    source: str | None = None


def event_aggregates(plan: EventAggregatesPlan) -> dict[str, Any]:
    """Rows in order of time, name and source.

    By day there is a row for each name and source; by hour one for each name (``source`` is null).

    Raises:
        Unprocessable: there would be more than ``MOST_ROWS`` rows.
    """
    meta = ResultMeta(plan.time_range)
    with read_only_session() as session:
        cover = coverage(session, plan.project_id, plan.time_range)
        rows = _sealed(session, plan, cover.days)
        for part in cover.raw:
            rows += _raw(session, plan, part)
    if len(rows) > MAX_ROWS:
        raise invalid_field(
            "from", f"That is more than {MAX_ROWS:,} rows; ask for a shorter range."
        )
    meta.add_source(cover.source)
    rows.sort()
    page = rows[plan.offset : plan.offset + plan.limit]
    end = plan.offset + len(page)
    return meta.wrap(
        {
            "interval": plan.interval,
            "total_rows": len(rows),
            "items": [_shape(row, plan.interval) for row in page],
            "next_cursor": str(end) if end < len(rows) else None,
        }
    )


def _shape(row: _Row, interval: str) -> dict[str, Any]:
    label, name, source, events, persons, sessions = row
    return {
        "date": label[:10],
        "hour": label if interval == "hour" else None,
        "event_type": name,
        "event_name": name,
        "source": source if interval == "day" else None,
        "count": events,
        "unique_users": persons,
        "unique_sessions": sessions,
    }


def _sealed(session: Session, plan: EventAggregatesPlan, days: list[date]) -> list[_Row]:
    by_day = plan.interval == "day"
    table: Any = DailyEventSummary if by_day else HourlyEventSummary
    statement = select(
        table.day if by_day else table.hour,
        table.event_name,
        table.source if by_day else literal("", Text()),
        table.events,
        table.unique_persons,
        table.unique_sessions,
    ).where(table.project_id == plan.project_id, table.day.in_(days), table.event_name != "")
    if plan.event_name is not None:
        statement = statement.where(table.event_name == plan.event_name)
    if plan.source is not None:
        statement = statement.where(table.source == plan.source)
    rows = session.execute(statement.limit(MAX_ROWS + 1))
    return [(_label(when, plan), *rest) for when, *rest in rows]


def _label(when: date | datetime, plan: EventAggregatesPlan) -> str:
    if isinstance(when, datetime):
        return when.astimezone(plan.time_range.zone).isoformat()
    return when.isoformat()


def _raw(session: Session, plan: EventAggregatesPlan, part: TimeRange) -> list[_Row]:
    starts = _starts(plan, part)
    index = interval_index(starts).label("index")
    by_day = plan.interval == "day"
    source: ColumnElement[Any] = func.coalesce(Event.source, "")
    keys = [index, Event.event_name, (source if by_day else literal("", Text())).label("origin")]
    statement = (
        select(
            *keys,
            func.count(),
            func.count(PERSON.distinct()),
            func.count(Event.session_id.distinct()),
        )
        .where(
            Event.project_id == plan.project_id,
            Event.timestamp >= part.start,
            Event.timestamp < part.end,
        )
        .group_by("index", Event.event_name, "origin")
    )
    if plan.event_name is not None:
        statement = statement.where(Event.event_name == plan.event_name)
    if plan.source is not None:
        statement = statement.where(source == plan.source)
    return [
        (_label(starts[number].date() if by_day else starts[number], plan), *rest)
        for number, *rest in session.execute(statement.limit(MAX_ROWS + 1))
    ]


def _starts(plan: EventAggregatesPlan, part: TimeRange) -> list[datetime]:
    zone = plan.time_range.zone
    days = days_between(day_of(part.start, zone), day_of(part.end - _QUARTER, zone))
    if plan.interval == "day":
        return [day_span(day, zone)[0].astimezone(zone) for day in days]
    return [start for day in days for start in _hours(*day_span(day, zone), zone)]


def _hours(start: datetime, end: datetime, zone: Any) -> list[datetime]:
    """The local hours of a day; a shift of the clocks begins an hour of its own."""
    found: list[datetime] = []
    last = None
    while start < end:
        local = start.astimezone(zone)
        clock = (local.hour, local.utcoffset())
        if clock != last:
            found.append(local)
        last = clock
        start += _QUARTER
    return found
