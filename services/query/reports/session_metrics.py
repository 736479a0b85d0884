"""Sessions: how many, how long, how many bounced, and where they started and ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.query.execution.context import open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.events import EventQuery
from services.query.parsing.insight_request import IntervalRequest
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.sources.session_rows import (
    NO_SESSIONS,
    SessionMetrics,
    passing_sessions,
    session_metrics,
    started_in_range,
)
from shared.models import SessionRow
from shared.responses import Doc, Timestamp

MAX_PAGES = 20


class SessionsRequest(IntervalRequest):
    """A query of session metrics."""


@dataclass(frozen=True, slots=True)
class SessionsPlan:
    """The sessions of a range.

    A session counts as a whole, in the interval it starts in; filters pass a session if one of its
    events passes.
    """

    query: EventQuery
    interval: str


@dataclass(frozen=True, slots=True)
class SessionsInterval:
    """Metrics of the sessions that started in one interval."""

    date: Annotated[Timestamp, Doc("Start of the interval.")]
    sessions: int
    persons: int
    events_per_session: float | None
    average_seconds: Annotated[float | None, Doc("From the first event to the last.")]
    median_seconds: Annotated[float | None, Doc("From the first event to the last.")]
    bounce_rate: Annotated[float | None, Doc("Share of sessions with at most one event.")]


@dataclass(frozen=True, slots=True)
class PageSessions:
    """A page, and the number of sessions that started or ended with it."""

    page: Annotated[str | None, Doc("Null: no page.")]
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsResponse(InsightResponse):
    """Metrics of sessions. Without sessions the averages are null."""

    interval: IntervalName
    sessions: int
    persons: int
    events_per_session: float | None
    average_seconds: Annotated[float | None, Doc("From the first event to the last.")]
    median_seconds: Annotated[float | None, Doc("From the first event to the last.")]
    bounce_rate: Annotated[float | None, Doc("Share of sessions with at most one event.")]
    series: list[SessionsInterval]
    entry_pages: list[PageSessions]
    exit_pages: list[PageSessions]


def parse_sessions(request: QueryRequest[SessionsRequest]) -> SessionsPlan:
    """Parse a request for session metrics.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = request.event_query()
    return SessionsPlan(query, request.interval(query.time_range))


def run_sessions(plan: SessionsPlan) -> SessionsResponse:
    """Return totals, metrics by interval, and the pages that sessions start and end with."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    query = plan.query
    conditions = [*started_in_range(query.project_id, query.time_range), *passing_sessions(query)]
    with open_query(plan.query, starts) as context:
        context.note_raw_rows()
        by_interval, total = session_metrics(context.session, conditions, starts)
        entry_pages = _top_pages(context.session, conditions, SessionRow.entry_page)
        exit_pages = _top_pages(context.session, conditions, SessionRow.exit_page)
    return SessionsResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        **asdict(total),
        series=[
            _describe(start, by_interval.get(index, NO_SESSIONS))
            for index, start in enumerate(starts)
        ],
        entry_pages=entry_pages,
        exit_pages=exit_pages,
    )


INSIGHT = Insight(
    kind="sessions",
    summary="Measure sessions: number, length, bounce rate, entry and exit pages.",
    request=SessionsRequest,
    parse=parse_sessions,
    run=run_sessions,
    response=SessionsResponse,
)


def _describe(start: datetime, metrics: SessionMetrics) -> SessionsInterval:
    return SessionsInterval(
        date=start.isoformat(),
        sessions=metrics.sessions,
        persons=metrics.persons,
        events_per_session=metrics.events_per_session,
        average_seconds=metrics.average_seconds,
        median_seconds=metrics.median_seconds,
        bounce_rate=metrics.bounce_rate,
    )


def _top_pages(
    session: Session,
    conditions: list[ColumnElement[bool]],
    page: InstrumentedAttribute[str | None],
) -> list[PageSessions]:
    # A page view without a page is stored as the page "".
    name = func.nullif(page, "").label("name")
    rows = session.execute(
        select(name, func.count().label("sessions"))
        .where(*conditions)
        .group_by(name)
        .order_by(func.count().desc(), name)
        .limit(MAX_PAGES)
    )
    return [PageSessions(found, sessions) for found, sessions in rows]
