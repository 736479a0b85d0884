"""Sessions one by one, newest first, with the metrics of all of them.

A session belongs to the instant it starts: it counts as a whole in the range of its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Text, and_, literal_column, select, tuple_
from sqlalchemy.orm import Session

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.filters import NO_FILTER, Group, parse_filter_text
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange
from services.query.sources.session_rows import (
    MAX_EVENTS_OF_BOUNCE,
    passing_sessions,
    session_metrics,
    started_in_range,
)
from shared.events.dimensions import DIMENSIONS, FOLDED, fold
from shared.models import Event, PersonDistinctId, SessionRow
from shared.responses import Doc, Timestamp
from shared.web.pagination import decode_cursor, encode_cursor

FILTERS = (
    "source", "country", "device_type", "browser", "os_name", "utm_source", "utm_campaign",
    "entry_page",
)  # fmt: skip
"""The columns that select sessions, with the values of the first event (or first page view)."""
_COPIED_COLUMNS = (
    "source", "referrer", "utm_source", "utm_medium", "utm_campaign", "country", "device_type",
    "browser", "os_name",
)  # fmt: skip
_OF_FIRST_EVENT = ("distinct_id", "device_id", "app_version", "os_version")
Position = tuple[datetime, str]
"""Start and id of a session."""


@dataclass(frozen=True, slots=True)
class SessionListPlan:
    """Which sessions, and which page of them."""

    project_id: int
    time_range: TimeRange
    limit: int
    after: Position | None = None
    """The last session of the previous page."""
    person_id: int | None = None
    distinct_id: str | None = None
    filters: tuple[tuple[str, str], ...] = ()
    """Names from ``FILTERS`` with the wanted values."""
    event_filters: Group = NO_FILTER
    """Of the sessions with an event that passes."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions for the rows of ``sessions``."""
        found = [
            *started_in_range(self.project_id, self.time_range),
            *(_is(name, value) for name, value in self.filters),
            *passing_sessions(EventQuery(self.project_id, self.time_range, self.event_filters)),
        ]
        if self.person_id is not None:
            found.append(SessionRow.person_id == self.person_id)
        if self.distinct_id is not None:
            persons = select(PersonDistinctId.person_id).where(
                PersonDistinctId.project_id == self.project_id,
                PersonDistinctId.distinct_id == self.distinct_id,
            )
            found.append(SessionRow.person_id.in_(persons))
        return found


def _is(name: str, value: str) -> ColumnElement[bool]:
    column: ColumnElement[Any] = SessionRow.__table__.c[name]
    if name not in FOLDED:
        return column == value
    folded = literal_column(DIMENSIONS[name].expression_of(f"sessions.{name}"), Text())
    return folded == fold(value)


def parse_session_list(request: UntypedRequest) -> SessionListPlan:
    """Parse a request for a page of sessions.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    after: Position | None = None
    if data["cursor"] is not None:
        started_at, session_id = decode_cursor(data["cursor"], datetime, str)
        after = (started_at, session_id)
    return SessionListPlan(
        request.project_id,
        request.time_range(),
        data["limit"],
        after,
        data["person_id"],
        data["distinct_id"],
        tuple((name, data[name]) for name in FILTERS if data[name] is not None),
        parse_filter_text(data["filters"]),
    )


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session. Source, campaign, place and device are those of its first event."""

    session_id: str
    person_id: int
    distinct_id: str | None
    device_id: str | None
    app_version: str | None
    os_version: str | None
    started_at: Timestamp
    ended_at: Timestamp
    duration_seconds: float
    events: int
    pageviews: int
    entry_page: str | None
    exit_page: str | None
    is_bounce: Annotated[bool, Doc("Whether it has at most one event.")]
    source: str | None
    referrer: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    country: str | None
    device_type: str | None
    browser: str | None
    os_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionListResponse(QueryResponse):
    """A page of sessions, newest first, and the metrics of all of them."""

    total_sessions: Annotated[int, Doc(example=1234)]
    unique_users: Annotated[int, Doc(example=800)]
    events_per_session: float | None
    average_seconds: Annotated[float | None, Doc("From the first event to the last.")]
    median_seconds: Annotated[float | None, Doc("From the first event to the last.")]
    bounce_rate: Annotated[
        float | None, Doc("Share of sessions with at most one event.", example=0.35)
    ]
    items: list[SessionSummary]
    next_cursor: str | None


def list_sessions(plan: SessionListPlan) -> SessionListResponse:
    """Return a page of sessions, and the same metrics of all of them as the sessions insight."""
    time_range = plan.time_range
    with open_query(EventQuery(plan.project_id, time_range)) as context:
        context.note_raw_rows()
        session = context.session
        _, metrics = session_metrics(session, plan.conditions(), [time_range.start])
        rows = _page(session, plan)
        shown = rows[: plan.limit]
        first_events = _first_events(session, plan, shown)
    next_cursor = None
    if len(rows) > plan.limit:
        next_cursor = encode_cursor(shown[-1].started_at, shown[-1].session_id)
    return SessionListResponse(
        **context.meta.fields(),
        total_sessions=metrics.sessions,
        unique_users=metrics.persons,
        events_per_session=metrics.events_per_session,
        average_seconds=metrics.average_seconds,
        median_seconds=metrics.median_seconds,
        bounce_rate=metrics.bounce_rate,
        items=[_describe(row, first_events.get(row.session_id)) for row in shown],
        next_cursor=next_cursor,
    )


SESSION_LIST = CachedQuery("sessions", parse_session_list, list_sessions, SessionListResponse)


def _page(session: Session, plan: SessionListPlan) -> Sequence[SessionRow]:
    """Return the page's sessions and one more, if there is one, which tells that pages follow."""
    statement = select(SessionRow).where(*plan.conditions())
    if plan.after is not None:
        statement = statement.where(
            SessionRow.started_at <= plan.after[0],
            tuple_(SessionRow.started_at, SessionRow.session_id) < tuple_(*plan.after),
        )
    statement = statement.order_by(SessionRow.started_at.desc(), SessionRow.session_id.desc())
    return session.scalars(statement.limit(plan.limit + 1)).all()


def _first_events(
    session: Session, plan: SessionListPlan, rows: Sequence[SessionRow]
) -> dict[str, Any]:
    """Return the first event of each session that is still stored."""
    if not rows:
        return {}
    is_first = and_(
        Event.project_id == SessionRow.project_id,
        Event.person_id == SessionRow.person_id,
        Event.timestamp == SessionRow.started_at,
        Event.event_id == SessionRow.first_event_id,
    )
    found = session.execute(
        select(SessionRow.session_id, *(Event.__table__.c[name] for name in _OF_FIRST_EVENT))
        .join(Event, is_first)
        .where(
            SessionRow.project_id == plan.project_id,
            SessionRow.session_id.in_([row.session_id for row in rows]),
            Event.project_id == plan.project_id,
            # Only the partitions that the page touches are read.
            Event.timestamp >= min(row.started_at for row in rows),
            Event.timestamp <= max(row.started_at for row in rows),
        )
    )
    return {row.session_id: row for row in found}


def _describe(row: SessionRow, first_event: Any) -> SessionSummary:
    return SessionSummary(
        session_id=row.session_id,
        person_id=row.person_id,
        **{name: getattr(first_event, name, None) for name in _OF_FIRST_EVENT},
        started_at=row.started_at.isoformat(),
        ended_at=row.ended_at.isoformat(),
        duration_seconds=(row.ended_at - row.started_at).total_seconds(),
        events=row.events,
        pageviews=row.pageviews,
        # A page view without a page is stored as the page "".
        entry_page=row.entry_page or None,
        exit_page=row.exit_page or None,
        is_bounce=row.events <= MAX_EVENTS_OF_BOUNCE,
        **{name: getattr(row, name) for name in _COPIED_COLUMNS},
    )
