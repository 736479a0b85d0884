"""A project's key metrics by interval, each from the cheapest source that has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple, get_args

from pyroaring import BitMap

from services.query.execution.context import QueryContext
from services.query.parsing.events import ANY_SELECTOR
from services.query.parsing.filters import NO_FILTER
from services.query.sources.active_persons import active_before, active_persons
from services.query.sources.event_counts import count_by_interval
from services.query.sources.session_counts import count_sessions
from shared.events.dimensions import PAGE_EVENTS

MetricName = Literal["unique_users", "new_users", "unique_sessions", "page_views", "total_events"]
METRIC_NAMES: tuple[MetricName, ...] = get_args(MetricName)


class MetricLine(NamedTuple):
    """The values by interval, and the value of the whole range; of persons that is no sum."""

    values: list[int]
    total: int


def read_metric(context: QueryContext, metric: MetricName) -> MetricLine:
    """Return a metric of a query's range, by interval and in total."""
    return _READERS[metric](context)


def _unique_users(context: QueryContext) -> MetricLine:
    [persons] = active_persons(context, [ANY_SELECTOR])
    return MetricLine([len(one) for one in persons], len(BitMap.union(BitMap(), *persons)))


def _new_users(context: QueryContext) -> MetricLine:
    """Count the persons whose first event of any kind is in the interval that they pass in."""
    [present] = active_persons(context, [ANY_SELECTOR])
    unfiltered = replace(context, query=replace(context.query, filters=NO_FILTER))
    anybody = (
        active_persons(unfiltered, [ANY_SELECTOR])[0] if context.query.is_filtered else present
    )
    known = active_before(unfiltered, ANY_SELECTOR)
    values = []
    for matching, active in zip(present, anybody, strict=True):
        values.append(len(matching - known))
        known |= active
    return MetricLine(values, sum(values))


def _unique_sessions(context: QueryContext) -> MetricLine:
    sessions = count_sessions(context)
    total = (
        count_sessions(context.over(context.query.time_range))
        if context.query.is_filtered
        else [sum(sessions)]
    )
    return MetricLine(sessions, total[0])


def _page_views(context: QueryContext) -> MetricLine:
    views = count_by_interval(context, PAGE_EVENTS)
    return MetricLine(views, sum(views))


def _total_events(context: QueryContext) -> MetricLine:
    events = count_by_interval(context)
    return MetricLine(events, sum(events))


_READERS: dict[MetricName, Callable[[QueryContext], MetricLine]] = {
    "unique_users": _unique_users,
    "new_users": _new_users,
    "unique_sessions": _unique_sessions,
    "page_views": _page_views,
    "total_events": _total_events,
}
