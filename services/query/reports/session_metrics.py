"""Sessions: how many, how long, how many ended after one event, where they began and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, exists, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import interval_starts
from services.query.sources.conditions import filter_condition
from services.query.sources.event_query import NONE, EventQuery, interval_index
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import percentile
from shared.models import Event, SessionRow

MAX_PAGES = 20


@dataclass(frozen=True, slots=True)
class SessionsPlan:
    """The question.

    A session counts where it begins, and whole; filters ask for an event of it that passes.
    """

    query: EventQuery
    interval: str


def run_sessions(plan: SessionsPlan) -> dict[str, Any]:
    """Totals, a line by interval, and the pages that sessions begin and end with."""
    meta = ResultMeta(plan.query.time_range)
    meta.add_source("raw")
    starts = interval_starts(plan.query.time_range, plan.interval)
    with read_only_session() as session:
        by_interval, total = over_time(session, _conditions(plan.query), starts)
        entry = _pages(session, plan.query, SessionRow.entry_page)
        leave = _pages(session, plan.query, SessionRow.exit_page)
    return meta.wrap(
        {
            "interval": plan.interval,
            **total,
            "series": [
                {"date": start.isoformat(), **by_interval.get(index, _shape(None))}
                for index, start in enumerate(starts)
            ],
            "entry_pages": entry,
            "exit_pages": leave,
        }
    )


def _conditions(query: EventQuery) -> list[ColumnElement[bool]]:
    """The sessions in question."""
    found = [
        SessionRow.project_id == query.project_id,
        SessionRow.started_at >= query.time_range.start,
        SessionRow.started_at < query.time_range.end,
    ]
    if query.filters.parts:
        passing = [
            Event.project_id == query.project_id,
            # Nothing of these sessions is earlier; the end of the last one is not known.
            Event.timestamp >= query.time_range.start,
            filter_condition(query.filters, query.project_id, query.time_range),
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


def over_time(
    session: Session, conditions: Sequence[ColumnElement[bool]], starts: Sequence[datetime]
) -> tuple[dict[int, dict[str, Any]], dict[str, Any]]:
    """Figures of some sessions: by number of the interval they begin in, and of all of them."""
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
        func.count().filter(rows.c.events <= 1).label("bounced"),
    ).group_by(func.grouping_sets(tuple_(rows.c.bucket), tuple_()))
    by_interval, total = {}, _shape(None)
    for row in session.execute(statement):
        if row.is_total:
            total = _shape(row if row.sessions else None)
        else:
            by_interval[row.bucket] = _shape(row)
    return by_interval, total


def _shape(row: Any) -> dict[str, Any]:
    if row is None:
        return {"sessions": 0, "persons": 0, "events_per_session": None,
                "average_seconds": None, "median_seconds": None, "bounce_rate": None}  # fmt: skip
    return {
        "sessions": row.sessions,
        "persons": row.persons,
        "events_per_session": round(float(row.events) / row.sessions, 4),
        "average_seconds": round(float(row.average), 3),
        "median_seconds": round(float(row.median), 3),
        "bounce_rate": round(row.bounced / row.sessions, 6),
    }


def _pages(
    session: Session, query: EventQuery, page: InstrumentedAttribute[str | None]
) -> list[dict[str, Any]]:
    found = session.execute(
        select(page, func.count().label("sessions"))
        .where(*_conditions(query))
        .group_by(page)
        .order_by(func.count().desc(), page)
        .limit(MAX_PAGES)
    )
    return [{"page": NONE if name is None else name, "sessions": n} for name, n in found]
