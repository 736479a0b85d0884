"""Sessions: how many, how long, how many ended after one event, where they began and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, cast, distinct, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session
from sqlalchemy.types import Float

from services.query.identity import PERSON
from services.query.questions import NONE, Scope, bucket_number, intervals
from services.query.reading import Answer, reading
from shared.models import Event

MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Sessions:
    """The question. A session counts where its first event within the range lies."""

    scope: Scope
    interval: str


def session_rows(scope: Scope, *extra: Any) -> Subquery:
    """One row a session of the range: person, number of events, seconds, start; and ``extra``."""
    seconds = func.extract("epoch", func.max(Event.timestamp) - func.min(Event.timestamp))
    return (
        select(
            func.min(PERSON).label("person"),
            func.count().label("events"),
            cast(seconds, Float).label("seconds"),
            func.min(Event.timestamp).label("timestamp"),
            *extra,
        )
        .where(*scope.conditions(), Event.session_id.is_not(None))
        .group_by(Event.session_id)
        .subquery("events")
    )


def session_figures(plan: Sessions) -> dict[str, Any]:
    """Totals, a line by interval, and the pages that sessions begin and end with."""
    answer = Answer(plan.scope.span)
    answer.took_from("raw")
    with reading() as session:
        by_interval, total = _over_time(session, plan)
        entry, leave = (_pages(session, plan.scope, first=first) for first in (True, False))
    starts = intervals(plan.scope.span, plan.interval)
    empty = _shape(None)
    return answer.frame(
        {
            "interval": plan.interval,
            **(total or empty),
            "series": [
                {"date": start.isoformat(), **by_interval.get(place, empty)}
                for place, start in enumerate(starts)
            ],
            "entry_pages": entry,
            "exit_pages": leave,
        }
    )


def _over_time(
    session: Session, plan: Sessions
) -> tuple[dict[int, dict[str, Any]], dict[str, Any] | None]:
    rows = session_rows(plan.scope)
    starts = intervals(plan.scope.span, plan.interval)
    bucket = bucket_number(starts, rows.c.timestamp).label("bucket")
    placed = select(rows, bucket).subquery("placed")
    statement = select(
        func.grouping(placed.c.bucket).label("is_total"),
        placed.c.bucket,
        func.count().label("sessions"),
        func.count(distinct(placed.c.person)).label("persons"),
        func.sum(placed.c.events).label("events"),
        func.avg(placed.c.seconds).label("average"),
        func.percentile_cont(0.5).within_group(placed.c.seconds).label("median"),
        func.count().filter(placed.c.events == 1).label("bounced"),
    ).group_by(func.grouping_sets(tuple_(placed.c.bucket), tuple_()))
    by_interval, total = {}, None
    for row in session.execute(statement):
        if row.is_total:
            total = _shape(row) if row.sessions else None
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


def _pages(session: Session, scope: Scope, *, first: bool) -> list[dict[str, Any]]:
    order = [Event.timestamp, Event.id] if first else [Event.timestamp.desc(), Event.id.desc()]
    pages = func.array_agg(aggregate_order_by(Event.page_url, *order)).filter(
        Event.page_url.is_not(None)
    )
    rows = session_rows(scope, pages[1].label("page"))
    found = session.execute(
        select(rows.c.page, func.count().label("sessions"))
        .group_by(rows.c.page)
        .order_by(func.count().desc(), rows.c.page)
        .limit(MOST_PAGES)
    )
    return [{"page": NONE if page is None else page, "sessions": n} for page, n in found]
