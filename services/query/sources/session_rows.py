"""Rows of ``sessions``: which start in a range, and the metrics of a set of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, distinct, func, select, tuple_
from sqlalchemy.orm import Session

from services.query.parsing.events import EventQuery
from services.query.parsing.time_range import TimeRange
from services.query.sources.conditions import matches_filters
from services.query.sources.event_columns import SESSION, interval_index
from services.query.sources.postgres import percentile
from shared.models import Event, SessionRow

MAX_EVENTS_OF_BOUNCE = 1
"""A session with more events is no bounce, in the insight of sessions and in the web report."""


@dataclass(frozen=True, slots=True)
class SessionMetrics:
    """Metrics of a set of sessions. Averages of no sessions are None."""

    sessions: int = 0
    persons: int = 0
    events_per_session: float | None = None
    average_seconds: float | None = None
    median_seconds: float | None = None
    bounce_rate: float | None = None


NO_SESSIONS = SessionMetrics()


def started_in_range(project_id: int, time_range: TimeRange) -> list[ColumnElement[bool]]:
    """Return the conditions for the sessions of a project that start in a time range."""
    return [
        SessionRow.project_id == project_id,
        SessionRow.started_at >= time_range.start,
        SessionRow.started_at < time_range.end,
    ]


def passing_sessions(query: EventQuery) -> list[ColumnElement[bool]]:
    """Return the condition for the sessions with an event that passes the filters, if any."""
    if not query.is_filtered:
        return []
    passing = [
        Event.project_id == query.project_id,
        # These sessions have no earlier event; how late the last one ends is not known.
        Event.timestamp >= query.time_range.start,
        *matches_filters(query),
    ]
    return [SessionRow.session_id.in_(select(SESSION).where(*passing))]


def session_metrics(
    session: Session, conditions: Sequence[ColumnElement[bool]], starts: Sequence[datetime]
) -> tuple[dict[int, SessionMetrics], SessionMetrics]:
    """Return metrics of sessions, by index of the interval they start in, and of all together.

    Durations are seconds from the first event to the last. A session with at most one event is a
    bounce; the rate is a share of 1. Without sessions the averages are null.
    """
    rows = (
        select(
            interval_index(starts, SessionRow.started_at).label("bucket"),
            SessionRow.person_id,
            SessionRow.events,
            func.extract("epoch", SessionRow.ended_at - SessionRow.started_at).label("seconds"),
        )
        .where(*conditions)
        .subquery("rows")
    )
    statement = select(
        func.grouping(rows.c.bucket).label("is_total"),
        rows.c.bucket,
        func.count().label("sessions"),
        func.count(distinct(rows.c.person_id)).label("persons"),
        func.sum(rows.c.events).label("events"),
        func.avg(rows.c.seconds).label("average"),
        percentile(rows.c.seconds, 0.5).label("median"),
        func.count().filter(rows.c.events <= MAX_EVENTS_OF_BOUNCE).label("bounced"),
    ).group_by(func.grouping_sets(tuple_(rows.c.bucket), tuple_()))
    by_interval, total = {}, NO_SESSIONS
    for row in session.execute(statement):
        if not row.is_total:
            by_interval[row.bucket] = _metrics(row)
        elif row.sessions:
            total = _metrics(row)
    return by_interval, total


def _metrics(row: Any) -> SessionMetrics:
    return SessionMetrics(
        sessions=row.sessions,
        persons=row.persons,
        events_per_session=round(float(row.events) / row.sessions, 4),
        average_seconds=round(float(row.average), 3),
        median_seconds=round(float(row.median), 3),
        bounce_rate=round(row.bounced / row.sessions, 6),
    )
