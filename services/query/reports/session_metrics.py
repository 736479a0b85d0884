"""Sessions: how many, how long, how many bounced, and where they started and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.query.execution.context import open_query
from services.query.parsing.breakdown import NONE
from services.query.parsing.events import EventQuery
from services.query.parsing.time_range import interval_starts
from services.query.sources.conditions import matches_filters
from services.query.sources.event_columns import PERSON
from services.query.sources.session_rows import NO_SESSIONS, session_metrics, started_in_range
from shared.models import Event, SessionRow

MAX_PAGES = 20


@dataclass(frozen=True, slots=True)
class SessionsPlan:
    """The sessions of a range.

    A session counts as a whole, in the interval it starts in; filters pass a session if one of its
    events passes.
    """

    query: EventQuery
    interval: str


def run_sessions(plan: SessionsPlan) -> dict[str, Any]:
    """Return totals, metrics by interval, and the pages that sessions start and end with."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    conditions = _conditions(plan.query)
    with open_query(plan.query, starts) as context:
        context.meta.add_source("raw")
        by_interval, total = session_metrics(context.session, conditions, starts)
        entry_pages = _top_pages(context.session, conditions, SessionRow.entry_page)
        exit_pages = _top_pages(context.session, conditions, SessionRow.exit_page)
    return context.meta.wrap(
        {
            "interval": plan.interval,
            **total,
            "series": [
                {"date": start.isoformat(), **by_interval.get(index, NO_SESSIONS)}
                for index, start in enumerate(starts)
            ],
            "entry_pages": entry_pages,
            "exit_pages": exit_pages,
        }
    )


def _conditions(query: EventQuery) -> list[ColumnElement[bool]]:
    """Return the conditions for the sessions of a query."""
    found = started_in_range(query.project_id, query.time_range)
    if query.is_filtered:
        passing = [
            Event.project_id == query.project_id,
            # These sessions have no earlier event; how late the last one ends is not known.
            Event.timestamp >= query.time_range.start,
            *matches_filters(query),
        ]
        named = SessionRow.session_id.in_(
            select(Event.session_id).where(*passing, Event.session_id.is_not(None))
        )
        within = exists().where(
            *passing,
            Event.session_id.is_(None),
            SessionRow.person_id == PERSON,
            Event.timestamp >= SessionRow.started_at,
            Event.timestamp <= SessionRow.ended_at,
        )
        found.append(
            or_(
                and_(~SessionRow.by_inactivity, named),
                and_(SessionRow.by_inactivity, within.correlate(SessionRow)),
            )
        )
    return found


def _top_pages(
    session: Session,
    conditions: list[ColumnElement[bool]],
    page: InstrumentedAttribute[str | None],
) -> list[dict[str, Any]]:
    rows = session.execute(
        select(page, func.count().label("sessions"))
        .where(*conditions)
        .group_by(page)
        .order_by(func.count().desc(), page)
        .limit(MAX_PAGES)
    )
    return [
        {"page": NONE if name is None else name, "sessions": sessions} for name, sessions in rows
    ]
