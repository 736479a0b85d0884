"""The persons behind a figure of sessions: of all, of one interval, of an entry or exit page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from sqlalchemy import func

from services.query.execution.context import open_query
from services.query.execution.figure import (
    Figure,
    FoundPersons,
    PersonsPage,
    PointDate,
    find_interval,
    found,
    interval_range,
)
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.reports.session_metrics import (
    SessionsPlan,
    SessionsRequest,
    parse_sessions,
)
from services.query.sources.persons_of_rows import session_persons
from services.query.sources.session_rows import MAX_EVENTS_OF_BOUNCE, passing_sessions
from shared.models import SessionRow
from shared.requests import Param


class SessionsPersonsRequest(SessionsRequest, PersonsPage):
    """A query of session metrics, and the interval or the page whose sessions are meant."""

    date: PointDate
    by: Annotated[
        Literal["entry_page", "exit_page"] | None,
        Param("Only sessions that began or ended with `page`.", default=None),
    ]
    page: Annotated[str | None, Param("Null: without a page.", default=None)]
    bounced: Annotated[bool, Param("Only sessions with at most one event.", default=False)]


@dataclass(frozen=True, slots=True)
class SessionsPersonsPlan:
    """Which sessions."""

    sessions: SessionsPlan
    part: TimeRange
    by: Literal["entry_page", "exit_page"] | None = None
    page: str | None = None
    bounced: bool = False


def parse_sessions_persons(request: QueryRequest[SessionsPersonsRequest]) -> SessionsPersonsPlan:
    """Parse a request for the persons behind a figure of sessions.

    Raises:
        Unprocessable: names the invalid field.
    """
    sessions, data = parse_sessions(request), request.data
    if data["by"] is None and data["page"] is not None:
        raise invalid_field("by", "Say whether sessions began or ended with the page.")
    time_range = sessions.query.time_range
    starts = interval_starts(time_range, sessions.interval)
    part = interval_range(starts, find_interval(starts, data["date"]), time_range)
    return SessionsPersonsPlan(sessions, part, data["by"], data["page"], data["bounced"])


def run_sessions_persons(plan: SessionsPersonsPlan) -> FoundPersons:
    """Return the persons who began such a session."""
    tests = passing_sessions(plan.sessions.query)
    if plan.by is not None:
        # A page view without a page is stored as the page "".
        column = func.nullif(SessionRow.__table__.c[plan.by], "")
        tests.append(column.is_(None) if plan.page is None else column == plan.page)
    if plan.bounced:
        tests.append(SessionRow.events <= MAX_EVENTS_OF_BOUNCE)
    with open_query(plan.sessions.query.within(plan.part)) as context:
        return found(context.meta, session_persons(context, tests))


SESSIONS_PERSONS = Figure(
    "sessions", SessionsPersonsRequest, parse_sessions_persons, run_sessions_persons
)
