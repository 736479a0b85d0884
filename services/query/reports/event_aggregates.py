"""Events, persons and sessions by day or hour, and by event name.

Sealed days have them summed up; the other days are counted from raw rows by the same rules. The
persons and sessions of several rows cannot be added up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple

from sqlalchemy import ColumnElement, Text, func, literal, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import (
    TimeRange,
    clock_hour_starts,
    interval_starts,
    whole_days,
)
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import PERSON, SESSION, interval_index
from shared.models import DailyEventSummary, Event, HourlyEventSummary
from shared.responses import Doc, LocalDate, Timestamp
from shared.web.pagination import decode_cursor, encode_cursor, invalid_cursor

INTERVALS = ("day", "hour")
MAX_AGGREGATES = 50_000


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


class _Row(NamedTuple):
    label: str
    """Of the interval: a date, or an instant with its offset. Rows are in order of it."""
    event_name: str
    source: str
    events: int
    persons: int
    sessions: int


def parse_event_aggregates(request: UntypedRequest) -> EventAggregatesPlan:
    """Parse a request for sums; the range is widened to whole local days.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    [offset] = [0] if data["cursor"] is None else decode_cursor(data["cursor"], int)
    if not 0 <= offset <= MAX_AGGREGATES:
        raise invalid_cursor()
    time_range = whole_days(request.time_range())
    interval_starts(time_range, data["interval"])  # refuses too many
    return EventAggregatesPlan(
        request.project_id,
        time_range,
        data["interval"],
        data["limit"],
        offset,
        data["event_name"] or data["event_type"],
        data["source"],
    )


@dataclass(frozen=True, slots=True)
class EventAggregate:
    """Events of one name on one day and of one source, or in one hour."""

    date: LocalDate
    hour: Annotated[Timestamp | None, Doc("Start of the hour; null by day.")]
    event_type: Annotated[str, Doc("The same as event_name.", example="button_click")]
    event_name: Annotated[str, Doc(example="button_click")]
    source: Annotated[str | None, Doc("Empty: no source. Null by hour.")]
    count: int
    unique_users: int
    unique_sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAggregatesResponse(QueryResponse):
    """A page of counts, in order of time, name and source."""

    interval: Annotated[str, Doc(choices=INTERVALS)]
    total_rows: int
    items: list[EventAggregate]
    next_cursor: str | None


def run_event_aggregates(plan: EventAggregatesPlan) -> EventAggregatesResponse:
    """Return rows in order of time, name and source.

    By day there is a row for each name and source; by hour one for each name (``source`` is null).

    Raises:
        Unprocessable: there are more than ``MAX_AGGREGATES`` rows.
    """
    with open_query(EventQuery(plan.project_id, plan.time_range)) as context:
        rows = sorted(
            read(
                context,
                cover(context),
                sealed=lambda coverage: _sealed_rows(context, plan, coverage),
                raw=lambda part: _raw_rows(part, plan),
            )
        )
    if len(rows) > MAX_AGGREGATES:
        raise invalid_field(
            "from", f"The result has more than {MAX_AGGREGATES:,} rows. Use a shorter range."
        )
    page = rows[plan.offset : plan.offset + plan.limit]
    end = plan.offset + len(page)
    return EventAggregatesResponse(
        **context.meta.fields(),
        interval=plan.interval,
        total_rows=len(rows),
        items=[_describe(row, plan.interval) for row in page],
        next_cursor=encode_cursor(end) if end < len(rows) else None,
    )


EVENT_AGGREGATES = CachedQuery(
    "event aggregates", parse_event_aggregates, run_event_aggregates, EventAggregatesResponse
)


def _describe(row: _Row, interval: str) -> EventAggregate:
    return EventAggregate(
        date=row.label[:10],
        hour=row.label if interval == "hour" else None,
        event_type=row.event_name,
        event_name=row.event_name,
        source=row.source if interval == "day" else None,
        count=row.events,
        unique_users=row.persons,
        unique_sessions=row.sessions,
    )


def _sealed_rows(
    context: QueryContext, plan: EventAggregatesPlan, coverage: Coverage
) -> Iterable[_Row]:
    by_day = plan.interval == "day"
    table: Any = DailyEventSummary if by_day else HourlyEventSummary
    statement = select(
        table.day if by_day else table.hour,
        table.event_name,
        table.source if by_day else literal("", Text()),
        table.events,
        table.unique_persons,
        table.unique_sessions,
    ).where(
        table.project_id == plan.project_id,
        table.day.in_(coverage.dates),
        table.event_name != "",
    )
    if plan.event_name is not None:
        statement = statement.where(table.event_name == plan.event_name)
    if plan.source is not None:
        statement = statement.where(table.source == plan.source)
    rows = context.session.execute(statement.limit(MAX_AGGREGATES + 1))
    return [_Row(_label(when, plan), *counts) for when, *counts in rows]


def _raw_rows(context: QueryContext, plan: EventAggregatesPlan) -> Iterable[_Row]:
    context.note_raw_rows()
    by_day = plan.interval == "day"
    time_range = context.query.time_range
    starts = interval_starts(time_range, "day") if by_day else clock_hour_starts(time_range)
    source: ColumnElement[Any] = func.coalesce(Event.source, "")
    conditions = matches_query(context.query)
    if plan.event_name is not None:
        conditions.append(Event.event_name == plan.event_name)
    if plan.source is not None:
        conditions.append(source == plan.source)
    statement = (
        select(
            interval_index(starts).label("interval_index"),
            Event.event_name,
            (source if by_day else literal("", Text())).label("origin"),
            func.count(),
            func.count(PERSON.distinct()),
            func.count(SESSION.distinct()),
        )
        .where(*conditions)
        .group_by("interval_index", Event.event_name, "origin")
        .limit(MAX_AGGREGATES + 1)
    )
    labels = [_label(start.date() if by_day else start, plan) for start in starts]
    return [_Row(labels[index], *counts) for index, *counts in context.session.execute(statement)]


def _label(when: date | datetime, plan: EventAggregatesPlan) -> str:
    if isinstance(when, datetime):
        return when.astimezone(plan.time_range.zone).isoformat()
    return when.isoformat()
