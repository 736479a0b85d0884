"""The web report: visitors, visits, page views, bounces and durations, in total and over time.

Without a filter these are the numbers of every other page: visitors are the persons with an event
in the range, page views its page views, visits those that start in it. A filter passes or refuses a
whole visit, so that then visitors and page views are those of the visits that start in the range
and pass (docs/decisions/0033-the-web-report.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import IntervalName, QueryResponse
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.filters import parse_filter_text
from services.query.parsing.previous_period import NONE, Comparison, pair_intervals
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import interval_starts
from services.query.sources.active_persons import active_persons
from services.query.sources.event_counts import count_by_interval
from services.query.sources.session_counts import count_sessions
from services.query.sources.visit_numbers import NO_VISITS, VisitNumbers, count_visits
from shared.events.dimensions import PAGE_EVENTS
from shared.responses import Doc, Timestamp


@dataclass(frozen=True, slots=True)
class WebPlan:
    """The visits of a range, in which interval, and what they are compared with."""

    query: EventQuery
    interval: str
    compare: Comparison | None


@dataclass(frozen=True, slots=True)
class WebMetrics:
    """The numbers of the visits of a time."""

    visitors: Annotated[int, Doc("Persons.", example=1739)]
    visits: Annotated[int, Doc("Sessions that start in this time.", example=2224)]
    page_views: Annotated[int, Doc("Views of pages and screens.", example=5180)]
    views_per_visit: Annotated[float | None, Doc("Null: no visit.", example=2.33)]
    bounce_rate: Annotated[
        float | None,
        Doc(
            "Share of visits with at most one event, of those that have not expired. Null: none.",
            example=0.41,
        ),
    ]
    visit_seconds: Annotated[
        float | None,
        Doc(
            "Mean, from the first event to the last, of visits that have not expired. Null: none.",
            example=115.2,
        ),
    ]


@dataclass(frozen=True, slots=True)
class WebInterval:
    """The numbers of one interval."""

    date: Annotated[Timestamp, Doc("Start of the interval.")]
    metrics: WebMetrics


@dataclass(frozen=True, slots=True)
class WebPrevious:
    """The numbers of the time that the range is compared with."""

    starts_at: Timestamp
    ends_at: Annotated[Timestamp, Doc("Not part of it.")]
    totals: WebMetrics
    series: Annotated[
        list[WebInterval | None],
        Doc("In the order of the range's intervals. Null: clocks change, and it has no such hour."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebResponse(QueryResponse):
    """The numbers of a range's visits."""

    interval: IntervalName
    totals: WebMetrics
    series: list[WebInterval]
    previous: Annotated[WebPrevious | None, Doc("Null: not compared.")]


def parse_web(request: UntypedRequest) -> WebPlan:
    """Parse a request for the web report.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = parse_visits(request)
    return WebPlan(query, request.interval(query.time_range), parse_comparison(request, query))


def parse_visits(request: UntypedRequest) -> EventQuery:
    """Parse the range and the filters.

    Raises:
        Unprocessable: names the invalid field.
    """
    filters = parse_filter_text(request.data["filters"])
    return EventQuery(request.project_id, request.time_range(), filters)


def parse_comparison(request: UntypedRequest, query: EventQuery) -> Comparison | None:
    """Parse what the range is compared with; None: nothing."""
    return None if request.data["compare"] == NONE else request.comparison(query.time_range)


def run_web(plan: WebPlan) -> WebResponse:
    """Return the numbers of the range and of the time it is compared with."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    with open_query(plan.query, starts) as context:
        totals, series = _metrics(context)
        previous = None if plan.compare is None else _previous(context, plan, plan.compare)
    return WebResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        totals=totals,
        series=_intervals(starts, series),
        previous=previous,
    )


WEB = CachedQuery("web", parse_web, run_web, WebResponse)


def _previous(context: QueryContext, plan: WebPlan, compare: Comparison) -> WebPrevious:
    paired = pair_intervals(compare, plan.interval)
    totals, series = _metrics(context.over(compare.previous, paired.starts))
    found = _intervals(paired.starts, series)
    return WebPrevious(
        starts_at=compare.previous.start.isoformat(),
        ends_at=compare.previous.end.isoformat(),
        totals=totals,
        series=[None if index is None else found[index] for index in paired.indexes],
    )


def _intervals(starts: Sequence[datetime], series: Sequence[WebMetrics]) -> list[WebInterval]:
    return [
        WebInterval(start.isoformat(), metrics)
        for start, metrics in zip(starts, series, strict=True)
    ]


def _metrics(context: QueryContext) -> tuple[WebMetrics, list[WebMetrics]]:
    """Return the numbers of the range, and of each of its intervals."""
    by_interval, total = count_visits(context)
    series = [by_interval.get(index, NO_VISITS) for index in range(len(context.starts))]
    if not context.query.is_filtered:
        total, series = _as_on_every_page(context, total, series)
    return describe_visits(total), [describe_visits(one) for one in series]


def _as_on_every_page(
    context: QueryContext, total: VisitNumbers, series: list[VisitNumbers]
) -> tuple[VisitNumbers, list[VisitNumbers]]:
    [persons] = active_persons(context, [ANY_SELECTOR])
    visits = count_sessions(context)
    views = count_by_interval(context, PAGE_EVENTS)
    together = replace(
        total,
        visitors=len(BitMap.union(BitMap(), *persons)),
        visits=sum(visits),
        page_views=sum(views),
    )
    return together, [
        replace(one, visitors=len(who), visits=count, page_views=seen)
        for one, who, count, seen in zip(series, persons, visits, views, strict=True)
    ]


def describe_visits(numbers: VisitNumbers) -> WebMetrics:
    """Return the numbers of visits, with the rates that follow from them."""
    visits, measured = numbers.visits, numbers.measured
    return WebMetrics(
        visitors=numbers.visitors,
        visits=visits,
        page_views=numbers.page_views,
        views_per_visit=round(numbers.page_views / visits, 4) if visits else None,
        bounce_rate=round(numbers.bounces / measured, 6) if measured else None,
        visit_seconds=round(numbers.seconds / measured, 3) if measured else None,
    )
