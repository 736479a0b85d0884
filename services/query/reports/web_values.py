"""A list of the web report: visitors by source, page, country, browser …, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.ratios import change_in_percent, share
from services.query.execution.responses import QueryResponse
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import ANY_SELECTOR, EventQuery, EventSelector
from services.query.parsing.previous_period import Comparison
from services.query.parsing.request import UntypedRequest
from services.query.parsing.web_dimensions import WEB_DIMENSIONS, WebDimension
from services.query.reports.web import describe_visits, parse_comparison, parse_visits
from services.query.sources.active_persons import active_persons
from services.query.sources.event_values import (
    EventValue,
    EventValues,
    read_event_names,
    read_event_values,
)
from services.query.sources.visit_numbers import (
    ValuePage,
    VisitNumbers,
    count_visits,
    count_visits_by_value,
)
from shared.responses import Doc, Timestamp


@dataclass(frozen=True, slots=True)
class WebValuesPlan:
    """Which list, of which visits, and which page of it."""

    query: EventQuery
    dimension: str
    page: ValuePage
    compare: Comparison | None
    goal: EventSelector | None


@dataclass(frozen=True, slots=True)
class WebValue:
    """The visitors of one row of a list."""

    value: Annotated[str | None, Doc("Null: without one, as a visit that came directly.")]
    visitors: Annotated[int, Doc("Persons.")]
    share: Annotated[float, Doc("Of all visitors, from 0 to 1; they may be in several rows.")]
    visits: Annotated[int | None, Doc("Null: visits have no single value of this.")]
    page_views: Annotated[
        int | None, Doc("Views in these visits; of pages: of the page. Null: not counted here.")
    ]
    events: Annotated[int | None, Doc("Number of events. Null: of a property of visits.")]
    bounce_rate: Annotated[float | None, Doc("From 0 to 1. Null: not of this list.")]
    visit_seconds: Annotated[float | None, Doc("Mean duration. Null: not of this list.")]
    conversions: Annotated[
        int | None, Doc("Visitors who reached the goal. Null: no goal was named.")
    ]
    conversion_rate: Annotated[float | None, Doc("Share of the row's visitors, from 0 to 1.")]
    previous_visitors: Annotated[int | None, Doc("Of the previous period. Null: not compared.")]
    change: Annotated[
        float | None, Doc("Of the visitors, in percent. Null: not compared, or there were none.")
    ]


@dataclass(frozen=True, slots=True)
class WebPreviousRange:
    """The time that the rows are compared with."""

    starts_at: Timestamp
    ends_at: Annotated[Timestamp, Doc("Not part of it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebValuesResponse(QueryResponse):
    """A page of a list, and how long the list is."""

    dimension: str
    property: Annotated[str, Doc("The property that a filter for one of the rows tests.")]
    scope: Annotated[str | None, Doc("The scope of that filter. Null: rows are no filters.")]
    items: list[WebValue]
    total: Annotated[int, Doc("Number of rows of the whole list.", example=43)]
    visitors: Annotated[int, Doc("All visitors, of whom the rows have shares.")]
    previous: Annotated[WebPreviousRange | None, Doc("Null: not compared.")]


def parse_web_values(request: UntypedRequest) -> WebValuesPlan:
    """Parse a request for a list.

    Raises:
        Unprocessable: names the invalid field.
    """
    data, query = request.data, parse_visits(request)
    dimension = WEB_DIMENSIONS[data["dimension"]]
    sort = data["sort"]
    if sort == "events" and dimension.is_of_visits:
        raise invalid_field("sort", "Sort by events only what events are listed by, as pages.")
    if not dimension.is_of_visits and sort not in _EVENT_SORTS:
        raise invalid_field("sort", f"Sort this list by one of: {', '.join(_EVENT_SORTS)}.")
    if sort.startswith("conver") and data["goal"] is None:
        raise invalid_field("sort", "Name a goal to sort by conversions.")
    page = ValuePage(
        dimension.property,
        sort,
        data["limit"],
        data["offset"],
        data["search"],
        dimension.with_null,
    )
    compare = parse_comparison(request, query)
    return WebValuesPlan(query, data["dimension"], page, compare, data["goal"])


def run_web_values(plan: WebValuesPlan) -> WebValuesResponse:
    """Return a page of a list; ties in order of the value."""
    dimension = WEB_DIMENSIONS[plan.dimension]
    read = _of_visits if dimension.is_of_visits else _of_events
    with open_query(plan.query) as context:
        items, total, visitors = read(context, plan, dimension)
    before = plan.compare.previous if plan.compare is not None else None
    return WebValuesResponse(
        **context.meta.fields(),
        dimension=plan.dimension,
        property=dimension.property,
        scope=None if dimension.group is not None else dimension.scope,
        items=items,
        total=total,
        visitors=visitors,
        previous=None
        if before is None
        else WebPreviousRange(before.start.isoformat(), before.end.isoformat()),
    )


WEB_VALUES = CachedQuery("web values", parse_web_values, run_web_values, WebValuesResponse)
_Found = tuple[list[WebValue], int, int]
"""The rows of the page, the number of all rows, and all visitors."""


def _of_visits(context: QueryContext, plan: WebValuesPlan, _dimension: WebDimension) -> _Found:
    found = count_visits_by_value(context, plan.page, plan.goal)
    _, everybody = count_visits(context)
    before: dict[str | None, VisitNumbers] | None = None
    if plan.compare is not None:
        values = tuple(value for value, _ in found.rows)
        page = replace(plan.page, only=values, offset=0, limit=len(values) or 1, search="")
        earlier = context.over(plan.compare.previous)
        before = dict(count_visits_by_value(earlier, page).rows)
    items = []
    for value, numbers in found.rows:
        rates = describe_visits(numbers)
        previous = None if before is None else before.get(value, VisitNumbers()).visitors
        converted = None if plan.goal is None else numbers.converted
        items.append(
            _row(
                value,
                numbers.visitors,
                everybody.visitors,
                converted,
                previous,
                visits=numbers.visits,
                page_views=numbers.page_views,
                bounce_rate=rates.bounce_rate,
                visit_seconds=rates.visit_seconds,
            )
        )
    return items, found.total, everybody.visitors


_EVENT_SORTS: dict[str, Callable[[EventValue, BitMap], float]] = {
    "visitors": lambda one, _: len(one.persons),
    "events": lambda one, _: one.events,
    "page_views": lambda one, _: one.events,
    "conversions": lambda one, goal: len(one.persons & goal),
    "conversion_rate": lambda one, goal: share(len(one.persons & goal), len(one.persons)),
}


def _of_events(context: QueryContext, plan: WebValuesPlan, dimension: WebDimension) -> _Found:
    found = read_values(context, dimension)
    everybody = _everybody(context)
    goal = BitMap() if plan.goal is None else _persons_of(context, plan.goal)
    ranked = sorted(
        (item for item in found.items() if _is_wanted(item[0], plan.page)),
        key=lambda item: (
            -_EVENT_SORTS[plan.page.sort](item[1], goal),
            item[0] is None,
            item[0] or "",
        ),
    )
    before: EventValues | None = None
    if plan.compare is not None:
        before = read_values(context.over(plan.compare.previous), dimension)
    items = []
    for value, one in ranked[plan.page.offset : plan.page.offset + plan.page.limit]:
        previous = None if before is None else len(before.get(value, EventValue()).persons)
        converted = None if plan.goal is None else len(one.persons & goal)
        items.append(
            _row(
                value,
                len(one.persons),
                everybody,
                converted,
                previous,
                page_views=one.events if plan.dimension == "page" else None,
                events=one.events,
            )
        )
    return items, len(ranked), everybody


def read_values(context: QueryContext, dimension: WebDimension) -> EventValues:
    """Return the rows of a list of what events have, by value."""
    if dimension.property == "event_name":
        return read_event_names(context)
    found = read_event_values(context, dimension.property, dimension.events)
    if dimension.group is None:
        return found
    grouped: EventValues = defaultdict(EventValue)
    for value, one in found.items():
        row = grouped[dimension.group(value)]
        row.events += one.events
        row.persons |= one.persons
    return grouped


def _is_wanted(value: str | None, page: ValuePage) -> bool:
    if value is None:
        return page.with_null and not page.search
    return page.search.lower() in value.lower()


def _everybody(context: QueryContext) -> int:
    if context.query.is_filtered:
        return count_visits(context)[1].visitors
    return len(_persons_of(context, ANY_SELECTOR))


def _persons_of(context: QueryContext, selector: EventSelector) -> BitMap:
    whole = replace(context, query=EventQuery(context.query.project_id, context.query.time_range))
    [[persons]] = active_persons(whole, [selector])
    return persons


def _row(
    value: str | None,
    visitors: int,
    everybody: int,
    converted: int | None,
    previous: int | None,
    *,
    visits: int | None = None,
    page_views: int | None = None,
    events: int | None = None,
    bounce_rate: float | None = None,
    visit_seconds: float | None = None,
) -> WebValue:
    """Return a row; what its list does not count is null."""
    return WebValue(
        value=value,
        visitors=visitors,
        share=share(visitors, everybody),
        visits=visits,
        page_views=page_views,
        events=events,
        bounce_rate=bounce_rate,
        visit_seconds=visit_seconds,
        conversions=converted,
        conversion_rate=None if converted is None else share(converted, visitors),
        previous_visitors=previous,
        change=None if previous is None else change_in_percent(visitors, previous),
    )
