"""A breakdown: events and persons by value of a property, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.sources.active_persons import active_persons
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.conditions import event_text
from services.query.sources.event_query import NONE, Breakdown, EventQuery, EventSelector
from services.query.sources.person_identity import PERSON
from shared.models import Event


@dataclass(frozen=True, slots=True)
class BreakdownPlan:
    """The question."""

    query: EventQuery
    selector: EventSelector
    breakdown: Breakdown
    with_sessions: bool = False
    """Whether sessions are counted too, which only raw rows can."""


def run_breakdown(plan: BreakdownPlan) -> dict[str, Any]:
    """The most frequent values, with the events and persons (and sessions) of each; the totals."""
    meta = ResultMeta(plan.query.time_range)
    with read_only_session() as session:
        found = None if plan.with_sessions else _from_sealed(session, plan, meta)
        if found is None:
            found = _from_raw(session, plan, meta)
    return meta.wrap({"property": plan.breakdown.property, **found})


def _from_sealed(session: Session, plan: BreakdownPlan, meta: ResultMeta) -> dict[str, Any] | None:
    query, breakdown = plan.query, plan.breakdown
    starts = [query.time_range.start]
    question = BreakdownQuery(query, plan.selector, breakdown.property, breakdown.limit, starts)
    found = query_breakdown(session, question, meta)
    if found is None:
        return None
    everybody = (
        active_persons(session, query, [plan.selector], starts, meta)[0][0]
        if found.has_more
        else BitMap.union(BitMap(), *(cell.persons for _, [cell] in found.ranked))
    )
    total = found.weight if query.weighted else found.events
    return {
        "items": [
            _item(value, cell.size(weighted=query.weighted), len(cell.persons), total)
            for value, [cell] in found.ranked
        ],
        "has_more": found.has_more,
        "total_events": _plain(total),
        "total_persons": len(everybody),
    }


def _from_raw(session: Session, plan: BreakdownPlan, meta: ResultMeta) -> dict[str, Any]:
    """Everything out of one pass over the rows: what each person did with each value."""
    meta.add_source("raw")
    rows = (
        select(
            event_text(plan.breakdown.property).label("value"),
            PERSON.label("person"),
            Event.session_id.label("session"),
            func.coalesce(Event.sample_weight, 1.0).label("weight"),
        )
        .where(*plan.query.conditions(), plan.query.test(plan.selector))
        .subquery("rows")
    )
    size = func.sum(rows.c.weight) if plan.query.weighted else func.count()
    keys = [rows.c.value, rows.c.person, *([rows.c.session] if plan.with_sessions else [])]
    # Grouped before persons are counted: unlike count(distinct), that runs in parallel.
    done = select(*keys, size.label("events")).group_by(*keys).cte("done")
    persons = func.count(done.c.person.distinct()) if plan.with_sessions else func.count()
    figures = [func.sum(done.c.events).label("events"), persons.label("persons")]
    totals = [func.sum(done.c.events), func.count(done.c.person.distinct())]
    if plan.with_sessions:
        sessions = func.count(done.c.session.distinct())
        figures.append(sessions.label("sessions"))
    found = session.execute(
        select(done.c.value, *figures, *(select(total).scalar_subquery() for total in totals))
        .group_by(done.c.value)
        .order_by(figures[0].desc(), done.c.value)
        .limit(plan.breakdown.limit + 1)
    ).all()
    total_events, total_persons = (found[0][-2], found[0][-1]) if found else (0, 0)
    return {
        "items": [
            _item(row.value, row.events, row.persons, float(total_events))
            | ({"sessions": row.sessions} if plan.with_sessions else {})
            for row in found[: plan.breakdown.limit]
        ],
        "has_more": len(found) > plan.breakdown.limit,
        "total_events": _plain(total_events),
        "total_persons": total_persons,
    }


def _item(value: str | None, events: float, persons: int, total: float) -> dict[str, Any]:
    return {
        "value": NONE if value is None else value,
        "events": _plain(events),
        "persons": persons,
        "share": round(float(events) / total, 6),
    }


def _plain(events: float) -> int | float:
    return int(events) if float(events).is_integer() else round(float(events), 3)
