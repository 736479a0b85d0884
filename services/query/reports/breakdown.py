"""A breakdown: events and persons by value of a property, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import func, select

from services.query.execution.context import QueryContext, open_query
from services.query.parsing.breakdown import NONE, Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.sources.active_persons import active_persons
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.event_columns import PERSON, WEIGHT, event_text
from shared.models import Event


@dataclass(frozen=True, slots=True)
class BreakdownPlan:
    """Which events are broken down by which property."""

    query: EventQuery
    selector: EventSelector
    breakdown: Breakdown
    with_sessions: bool = False
    """Whether sessions are counted too, which only raw rows can."""


def run_breakdown(plan: BreakdownPlan) -> dict[str, Any]:
    """Return the most frequent values with their events, persons and sessions; the totals."""
    with open_query(plan.query) as context:
        found = None if plan.with_sessions else _from_sealed_days(context, plan)
        if found is None:
            found = _from_raw_rows(context, plan)
    return context.meta.wrap({"property": plan.breakdown.property, **found})


def _from_sealed_days(context: QueryContext, plan: BreakdownPlan) -> dict[str, Any] | None:
    weighted, breakdown = plan.query.weighted, plan.breakdown
    query = BreakdownQuery(plan.selector, breakdown.property, breakdown.limit)
    found = query_breakdown(context, query)
    if found is None:
        return None
    if found.has_more:
        [[everybody]] = active_persons(context, [plan.selector])
    else:
        everybody = BitMap.union(BitMap(), *(cell.persons for _, [cell] in found.ranked))
    total = found.weight if weighted else found.events
    return {
        "items": [
            _item(value, cell.size(weighted=weighted), len(cell.persons), total)
            for value, [cell] in found.ranked
        ],
        "has_more": found.has_more,
        "total_events": _number(total),
        "total_persons": len(everybody),
    }


def _from_raw_rows(context: QueryContext, plan: BreakdownPlan) -> dict[str, Any]:
    """Compute everything from one pass over the rows: what each person did with each value."""
    context.meta.add_source("raw")
    rows = (
        select(
            event_text(plan.breakdown.property).label("value"),
            PERSON.label("person"),
            Event.session_id.label("session"),
            WEIGHT.label("weight"),
        )
        .where(*matches_query(plan.query), matches_selector(plan.query, plan.selector))
        .subquery("rows")
    )
    size = func.sum(rows.c.weight) if plan.query.weighted else func.count()
    keys = [rows.c.value, rows.c.person, *([rows.c.session] if plan.with_sessions else [])]
    # Grouped before persons are counted: unlike count(distinct), that runs in parallel.
    grouped = select(*keys, size.label("events")).group_by(*keys).cte("grouped")
    persons = func.count(grouped.c.person.distinct()) if plan.with_sessions else func.count()
    metrics = [func.sum(grouped.c.events).label("events"), persons.label("persons")]
    totals = [func.sum(grouped.c.events), func.count(grouped.c.person.distinct())]
    if plan.with_sessions:
        metrics.append(func.count(grouped.c.session.distinct()).label("sessions"))
    limit = plan.breakdown.limit
    found = context.session.execute(
        select(grouped.c.value, *metrics, *(select(total).scalar_subquery() for total in totals))
        .group_by(grouped.c.value)
        .order_by(metrics[0].desc(), grouped.c.value)
        .limit(limit + 1)
    ).all()
    total_events, total_persons = (found[0][-2], found[0][-1]) if found else (0, 0)
    return {
        "items": [
            _item(row.value, row.events, row.persons, float(total_events))
            | ({"sessions": row.sessions} if plan.with_sessions else {})
            for row in found[:limit]
        ],
        "has_more": len(found) > limit,
        "total_events": _number(total_events),
        "total_persons": total_persons,
    }


def _item(value: str | None, events: float, persons: int, total: float) -> dict[str, Any]:
    return {
        "value": NONE if value is None else value,
        "events": _number(events),
        "persons": persons,
        "share": round(float(events) / total, 6),
    }


def _number(events: float) -> int | float:
    return int(events) if float(events).is_integer() else round(float(events), 3)
