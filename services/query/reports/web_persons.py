"""The persons behind a number of the web report, or behind a row of one of its lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pyroaring import BitMap, FrozenBitMap
from sqlalchemy import ColumnElement

from services.query.execution.context import QueryContext, open_query
from services.query.execution.figure import Figure, FoundPersons, PersonsPage, found
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import ANY_SELECTOR, EventQuery, EventSelector
from services.query.parsing.filters import NO_FILTER
from services.query.parsing.insight_request import AnyEvent, Filters, RangeParameters
from services.query.parsing.request import QueryRequest
from services.query.parsing.web_dimensions import WEB_DIMENSIONS
from services.query.reports.web_values import read_values
from services.query.sources.active_persons import active_persons
from services.query.sources.conditions import matches_selector
from services.query.sources.event_values import EventValue
from services.query.sources.persons_of_rows import persons_of_visits, session_persons
from services.query.sources.session_columns import session_text
from services.query.sources.session_rows import MAX_EVENTS_OF_BOUNCE
from services.query.sources.visit_conditions import matches_visits
from shared.events.dimensions import PAGE_EVENTS
from shared.models import SessionRow
from shared.requests import Param

WebMetric = Literal["visitors", "visits", "page_views", "bounces"]
_DIMENSIONS = tuple(WEB_DIMENSIONS)


class WebPersonsRequest(RangeParameters, PersonsPage):
    """The range and the filters of the web report, and one of its numbers or rows."""

    filters: Filters
    metric: Annotated[
        WebMetric,
        Param("Whose events, visits, page views, or visits with one event.", default="visitors"),
    ]
    dimension: Annotated[
        str | None,
        Param("The list of a row. Null: all visitors.", default=None, choices=_DIMENSIONS),
    ]
    value: Annotated[
        str | None,
        Param("Of the row. Null: the row without a value.", default=None, maximum=32_768),
    ]
    event: AnyEvent


@dataclass(frozen=True, slots=True)
class WebPersonsPlan:
    """Which number or row of which web report."""

    query: EventQuery
    metric: WebMetric
    dimension: str | None
    value: str | None
    reached: EventSelector | None
    """Only visitors with such an event, as those who reached a goal; None: all."""


def parse_web_persons(request: QueryRequest[WebPersonsRequest]) -> WebPersonsPlan:
    """Parse a request for the persons behind a number or a row of the web report.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    dimension, value = data["dimension"], data["value"]
    if dimension is None and value is not None:
        raise invalid_field("dimension", "Name the list that has a row of this value.")
    if data["event"] is not None and dimension is not None:
        raise invalid_field("event", "Use one of event and dimension.")
    reached = None if data["event"] is None else request.selector("event")
    return WebPersonsPlan(request.event_query(), data["metric"], dimension, value, reached)


def run_web_persons(plan: WebPersonsPlan) -> FoundPersons:
    """Return the persons that the number or the row counts."""
    with open_query(plan.query) as context:
        return found(context.meta, _persons(context, plan))


WEB_PERSONS = Figure("web", WebPersonsRequest, parse_web_persons, run_web_persons)


def _persons(context: QueryContext, plan: WebPersonsPlan) -> BitMap | FrozenBitMap:
    query = context.query
    if plan.reached is not None:
        return _reached(context, plan.reached)
    if plan.dimension is None and not query.is_filtered:
        # Without a filter these are the numbers of every other page, which are those of events.
        if plan.metric == "visitors":
            return _active(context, [ANY_SELECTOR])
        if plan.metric == "page_views":
            return _active(context, [EventSelector(name) for name in PAGE_EVENTS])
    tests: list[ColumnElement[bool]] = []
    if plan.dimension is not None:
        dimension = WEB_DIMENSIONS[plan.dimension]
        if not dimension.is_of_visits:
            return read_values(context, dimension).get(plan.value, EventValue()).persons
        text = session_text(dimension.property, query.project_id)
        tests.append(text.is_(None) if plan.value is None else text == plan.value)
    if plan.metric == "bounces":
        tests.append(SessionRow.__table__.c.events <= MAX_EVENTS_OF_BOUNCE)
    if plan.metric == "page_views":
        tests.append(SessionRow.__table__.c.pageviews > 0)
    return session_persons(context, [*matches_visits(query), *tests])


def _active(context: QueryContext, selectors: list[EventSelector]) -> BitMap:
    """Return the persons with any of the events in the range."""
    by_selector = active_persons(context, selectors)
    return BitMap.union(BitMap(), *(persons for [persons] in by_selector))


def _reached(context: QueryContext, selector: EventSelector) -> BitMap:
    """Return the persons with such an event; with filters, in the visits that pass them."""
    query = context.query
    if not query.is_filtered:
        return _active(context, [selector])
    return persons_of_visits(
        context, [matches_selector(replace(query, filters=NO_FILTER), selector)]
    )
