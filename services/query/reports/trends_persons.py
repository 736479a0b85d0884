"""The persons behind a point of a trend: of a series, an interval, a value of the breakdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, or_, select

from services.query.execution.context import QueryContext, ResultMeta, open_query
from services.query.execution.figure import (
    Figure,
    FoundPersons,
    PersonsPage,
    PointDate,
    Row,
    RowOfBreakdown,
    find_interval,
    found,
    interval_range,
    parse_row,
)
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.errors import invalid_field
from services.query.parsing.insight_request import MAX_SERIES
from services.query.parsing.previous_period import pair_intervals
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.reports.trends import TrendsPlan, TrendsRequest, parse_trends
from services.query.sources.active_persons import active_persons
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.event_columns import PERSON, SESSION, event_number
from services.query.sources.persons_of_rows import persons_of_events, session_persons
from services.query.sources.series import PROPERTY_METRICS, Series
from services.query.sources.top_values import BreakdownValues, find_top_values
from shared.requests import Param


class TrendsPersonsRequest(TrendsRequest, RowOfBreakdown, PersonsPage):
    """A trends query and one of its points: the persons whose events the point counts."""

    series_index: Annotated[
        int,
        Param("From 0. A formula has no persons: name one of its series.",
              default=0, minimum=0, maximum=MAX_SERIES - 1),
    ]  # fmt: skip
    date: PointDate
    previous: Annotated[bool, Param("A point of the previous period.", default=False)]


@dataclass(frozen=True, slots=True)
class TrendsPersonsPlan:
    """Which point of which trend."""

    trends: TrendsPlan
    part: TimeRange
    """The interval, or the whole range, of the current or the previous period."""
    series_index: int = 0
    row: Row | None = None
    """A row of the breakdown; None: all of them."""
    previous: bool = False

    @property
    def series(self) -> Series:
        """The series that the point belongs to."""
        return self.trends.series[self.series_index]


def parse_trends_persons(request: QueryRequest[TrendsPersonsRequest]) -> TrendsPersonsPlan:
    """Parse a request for the persons behind a point of a trend.

    Raises:
        Unprocessable: names the invalid field.
    """
    trends, data = parse_trends(request), request.data
    if data["series_index"] >= len(trends.series):
        raise invalid_field(
            "series_index", f"Use a series of the query: 0 to {len(trends.series) - 1}."
        )
    if data["previous"] and trends.compare is None:
        raise invalid_field("previous", "The query compares with nothing. Set compare: true.")
    time_range, starts = trends.query.time_range, []
    if data["previous"] and trends.compare is not None:
        time_range = trends.compare.previous
        starts = pair_intervals(trends.compare, trends.interval).starts
    else:
        starts = interval_starts(time_range, trends.interval)
    part = interval_range(starts, find_interval(starts, data["date"]), time_range)
    row = parse_row(data, is_broken_down=trends.breakdown is not None)
    return TrendsPersonsPlan(trends, part, data["series_index"], row, data["previous"])


def run_trends_persons(plan: TrendsPersonsPlan) -> FoundPersons:
    """Return the persons with an event that the point counts."""
    with open_query(plan.trends.query.within(plan.part)) as context:
        return found(context.meta, _persons(context, plan))


TRENDS_PERSONS = Figure("trends", TrendsPersonsRequest, parse_trends_persons, run_trends_persons)


def _persons(context: QueryContext, plan: TrendsPersonsPlan) -> BitMap:
    series, breakdown = plan.series, plan.trends.breakdown
    if plan.row is None or breakdown is None:
        return _undivided(context, series)
    value, is_other = plan.row
    values: tuple[str | None, ...] = _reported(context, plan, breakdown) if is_other else (value,)
    if series.metric in {"count", "unique_persons"}:
        query = BreakdownQuery(
            series.selector, breakdown.property, len(values), with_others=is_other, first=values
        )
        sealed = query_breakdown(context, query)
        if sealed is not None:
            cells = sealed.others if is_other else sealed.ranked[0][1]
            return BitMap.union(BitMap(), *(cell.persons for cell in cells))
    return _of_row(context, series, BreakdownValues(breakdown, values), 0 if is_other else 1)


def _undivided(context: QueryContext, series: Series) -> BitMap:
    selector, query = series.selector, context.query
    is_filtered = query.is_filtered or selector.is_filtered
    if series.metric == "unique_sessions" and selector.event is None and not is_filtered:
        # The figure counts sessions by their start, however late their events are.
        return session_persons(context)
    tests = _counted(series)
    if tests:
        return persons_of_events(context, [matches_selector(query, selector), *tests])
    [[persons]] = active_persons(context, [selector])
    return persons


def _counted(series: Series) -> list[ColumnElement[bool]]:
    """Return what an event needs, beside passing the selector, for the metric to count it."""
    if series.metric in {"unique_sessions", "per_session"}:
        return [SESSION.is_not(None)]
    if series.metric in PROPERTY_METRICS:
        return [event_number(series.property or "").is_not(None)]
    return []


def _of_row(context: QueryContext, series: Series, values: BreakdownValues, index: int) -> BitMap:
    rows: Any = (
        select(PERSON.label("person"), values.indexes().label("value_index"))
        .where(
            *matches_query(context.query),
            matches_selector(context.query, series.selector),
            *_counted(series),
        )
        .subquery("rows")
    )
    context.note_raw_rows()
    statement = select(rows.c.person).where(rows.c.value_index == index).distinct()
    return BitMap(context.session.scalars(statement))


def _reported(
    context: QueryContext, plan: TrendsPersonsPlan, breakdown: Breakdown
) -> tuple[str | None, ...]:
    """Return the values with rows of their own, as the trend has them over the whole range."""
    trends = plan.trends
    whole = _unnoted(context, trends.query.time_range)
    values = _top_values(whole, plan, breakdown, ())
    if plan.previous and trends.compare is not None:
        values = _top_values(_unnoted(context, trends.compare.previous), plan, breakdown, values)
    return values


def _unnoted(context: QueryContext, time_range: TimeRange) -> QueryContext:
    """Return the context of another range, whose sources are not those of the answer."""
    over = context.over(time_range)
    return QueryContext(over.session, over.query, over.starts, ResultMeta(time_range))


def _top_values(
    context: QueryContext,
    plan: TrendsPersonsPlan,
    breakdown: Breakdown,
    first: tuple[str | None, ...],
) -> tuple[str | None, ...]:
    trends = plan.trends
    if len(trends.series) == 1 and trends.series[0].metric in {"count", "unique_persons"}:
        selector = trends.series[0].selector
        query = BreakdownQuery(selector, breakdown.property, breakdown.limit, first=first)
        sealed = query_breakdown(context, query)
        if sealed is not None:
            return tuple(value for value, _ in sealed.ranked)
    any_series = or_(*(matches_selector(context.query, one.selector) for one in trends.series))
    passes = [func.coalesce(any_series, False)]
    return find_top_values(context, breakdown, passes, first).values
