"""A breakdown: events and persons by value of a property, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from pyroaring import BitMap
from sqlalchemy import func, select

from services.query.execution.context import QueryContext, open_query
from services.query.execution.insight import Insight
from services.query.execution.ratios import share
from services.query.execution.responses import InsightResponse, Share
from services.query.parsing.breakdown import (
    Breakdown,
    BreakdownPropertyRequest,
    parse_breakdown,
)
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.insight_request import AnyEvent, InsightRequest
from services.query.parsing.request import QueryRequest
from services.query.sources.active_persons import active_persons
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.event_columns import (
    PERSON,
    SESSION,
    WEIGHT,
    event_values,
    is_first_value,
)
from shared.requests import Param
from shared.responses import Doc


class BreakdownRequest(InsightRequest):
    """A breakdown query."""

    event: AnyEvent
    breakdown: BreakdownPropertyRequest
    sessions: Annotated[
        bool,
        Param("Count sessions too. This is slower, as only raw rows have them.", default=False),
    ]


@dataclass(frozen=True, slots=True)
class BreakdownPlan:
    """Which events are broken down by which property."""

    query: EventQuery
    selector: EventSelector
    breakdown: Breakdown
    with_sessions: bool = False
    """Whether sessions are counted too, which only raw rows can."""


@dataclass(frozen=True, slots=True)
class BreakdownItem:
    """The events with one value of the property."""

    value: Annotated[str | None, Doc("Null: without the property.")]
    events: Annotated[int | float, Doc("Weighted, if weighted was requested.")]
    persons: int
    share: Annotated[Share, Doc("Share of all events, from 0 to 1.")]
    sessions: Annotated[int | msgspec.UnsetType, Doc("Only if sessions were requested.")] = (
        msgspec.UNSET
    )


@dataclass(frozen=True, slots=True)
class _Breakdown:
    """The most frequent values and the totals."""

    items: list[BreakdownItem]
    has_more: bool
    total_events: int | float
    total_persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownResponse(InsightResponse):
    """Events and persons by value of a property, most events first."""

    property: str
    items: list[BreakdownItem]
    has_more: Annotated[bool, Doc("Whether there are more values.")]
    total_events: Annotated[int | float, Doc("Weighted, if weighted was requested.")]
    total_persons: int


def parse_breakdown_insight(request: QueryRequest[BreakdownRequest]) -> BreakdownPlan:
    """Parse a request for a breakdown.

    Raises:
        Unprocessable: names the invalid field.
    """
    breakdown = parse_breakdown(request.data["breakdown"])
    assert breakdown is not None
    return BreakdownPlan(
        request.event_query(), request.selector("event"), breakdown, request.data["sessions"]
    )


def run_breakdown(plan: BreakdownPlan) -> BreakdownResponse:
    """Return the most frequent values with their events, persons and sessions; the totals."""
    with open_query(plan.query) as context:
        found = None if plan.with_sessions else _from_sealed_days(context, plan)
        if found is None:
            found = _from_raw_rows(context, plan)
    return BreakdownResponse(
        **context.meta.fields(),
        property=plan.breakdown.property,
        items=found.items,
        has_more=found.has_more,
        total_events=found.total_events,
        total_persons=found.total_persons,
    )


INSIGHT = Insight(
    kind="breakdown",
    summary="Count events and persons by value of a property.",
    request=BreakdownRequest,
    parse=parse_breakdown_insight,
    run=run_breakdown,
    response=BreakdownResponse,
)


def _from_sealed_days(context: QueryContext, plan: BreakdownPlan) -> _Breakdown | None:
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
    return _Breakdown(
        items=[
            _item(value, cell.size(weighted=weighted), len(cell.persons), total)
            for value, [cell] in found.ranked
        ],
        has_more=found.has_more,
        total_events=_number(total),
        total_persons=len(everybody),
    )


def _from_raw_rows(context: QueryContext, plan: BreakdownPlan) -> _Breakdown:
    """Compute everything from one pass over the rows: what each person did with each value."""
    context.note_raw_rows()
    rows = (
        select(
            event_values(plan.breakdown.property).label("value"),
            is_first_value(plan.breakdown.property).label("is_first"),
            PERSON.label("person"),
            *([SESSION.label("session")] if plan.with_sessions else []),
            WEIGHT.label("weight"),
        )
        .where(*matches_query(plan.query), matches_selector(plan.query, plan.selector))
        .subquery("rows")
    )
    size: Any = func.sum(rows.c.weight) if plan.query.weighted else func.count()
    keys = [rows.c.value, rows.c.person, *([rows.c.session] if plan.with_sessions else [])]
    # Grouped before persons are counted: unlike count(distinct), that runs in parallel.
    once = func.coalesce(size.filter(rows.c.is_first), 0)  # an event with several values
    grouped = select(*keys, size.label("events"), once.label("once")).group_by(*keys).cte("grouped")
    persons = func.count(grouped.c.person.distinct()) if plan.with_sessions else func.count()
    metrics = [func.sum(grouped.c.events).label("events"), persons.label("persons")]
    totals = [func.sum(grouped.c.once), func.count(grouped.c.person.distinct())]
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
    return _Breakdown(
        items=[
            _item(
                row.value,
                row.events,
                row.persons,
                float(total_events),
                row.sessions if plan.with_sessions else msgspec.UNSET,
            )
            for row in found[:limit]
        ],
        has_more=len(found) > limit,
        total_events=_number(total_events),
        total_persons=total_persons,
    )


def _item(
    value: str | None,
    events: float,
    persons: int,
    total: float,
    sessions: int | msgspec.UnsetType = msgspec.UNSET,
) -> BreakdownItem:
    return BreakdownItem(
        value=value,
        events=_number(events),
        persons=persons,
        share=share(float(events), total),
        sessions=sessions,
    )


def _number(events: float) -> int | float:
    return int(events) if float(events).is_integer() else round(float(events), 3)
