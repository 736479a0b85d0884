"""Trends: one or more series over time, each with its own metric; formulas over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

import msgspec
from sqlalchemy import func, or_

from services.query.execution.context import QueryContext, open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse, IntervalName, IsOther
from services.query.parsing.breakdown import (
    Breakdown,
    BreakdownPropertyRequest,
    parse_breakdown,
)
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery, parse_event_selector
from services.query.parsing.formulas import MAX_LENGTH, Formula, parse_formula
from services.query.parsing.insight_request import (
    MAX_SERIES,
    EventName,
    Filters,
    IntervalRequest,
)
from services.query.parsing.previous_period import (
    NONE,
    Comparison,
    PairedIntervals,
    pair_intervals,
    parse_comparison,
)
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.sources.conditions import matches_selector
from services.query.sources.series import (
    METRICS,
    PROPERTY_METRICS,
    Line,
    Lines,
    Number,
    Series,
    empty_line,
    read_sealed_breakdown,
    read_series,
)
from services.query.sources.top_values import BreakdownValues, find_top_values
from shared.requests import Param
from shared.responses import Doc, Timestamp


class SeriesRequest(TypedDict):
    """One series: the events and the metric."""

    event: EventName
    filters: Filters
    label: Annotated[str, Param(default="", maximum=200)]
    metric: Annotated[str, Param(default="count", choices=METRICS)]
    property: Annotated[str | None, Param(default=None, minimum=1, maximum=200)]


class TrendsRequest(IntervalRequest):
    """A trends query."""

    series: Annotated[list[SeriesRequest], Param(minimum=1, maximum=MAX_SERIES)]
    breakdown: Annotated[BreakdownPropertyRequest | None, Param(default=None)]
    formula: Annotated[
        str | None,
        Param(
            "Arithmetic over the series, of which A is the first: A / B * 100.",
            default=None,
            maximum=MAX_LENGTH,
        ),
    ]
    compare: Annotated[object, Param(default=False, schema="Compare")]


@dataclass(frozen=True, slots=True)
class TrendsPlan:
    """Which series, in which interval, broken down by what, compared with what."""

    query: EventQuery
    series: tuple[Series, ...]
    interval: str
    breakdown: Breakdown | None = None
    formula: Formula | None = None
    compare: Comparison | None = None


Row = tuple[int, str | None, bool | msgspec.UnsetType]
"""The index and the value of a row of the breakdown, and whether it is all other values."""


@dataclass(frozen=True, slots=True)
class TrendsSeries:
    """One series, or its part with one value of the breakdown."""

    label: str
    event: Annotated[str | None, Doc("Null: any event, or a formula.")]
    metric: Annotated[str, Doc(choices=(*METRICS, "formula"))]
    values: Annotated[
        list[Number], Doc("One for each interval; null: there was nothing to average.")
    ]
    total: Annotated[
        Number, Doc("Over the whole range; a unique person is counted once, not once per interval.")
    ]
    breakdown: Annotated[
        str | None,
        Doc(
            "The value of the property. Null: without the property, all other values together, or "
            "not broken down."
        ),
    ]
    dates: Annotated[list[Timestamp], Doc("Start of each interval.")]
    is_other: Annotated[
        IsOther | msgspec.UnsetType, Doc("Whether these are all other values. Only if broken down.")
    ] = msgspec.UNSET
    ignored: Annotated[
        int | msgspec.UnsetType,
        Doc("Events whose property is no number. Only of metrics of a property."),
    ] = msgspec.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendsResponse(InsightResponse):
    """Series over time."""

    interval: IntervalName
    series: list[TrendsSeries]
    previous: Annotated[
        list[TrendsSeries] | msgspec.UnsetType,
        Doc(
            "The previous period: as many series in the same order, with the same values of the "
            "breakdown. An hour without a counterpart, where clocks change, is null. Only if "
            "compare was requested."
        ),
    ] = msgspec.UNSET


def parse_trends(request: QueryRequest[TrendsRequest]) -> TrendsPlan:
    """Parse a request for trends.

    Raises:
        Unprocessable: names the invalid field.
    """
    query, data = request.event_query(), request.data
    series = []
    for index, raw in enumerate(data["series"]):
        if raw["metric"] in PROPERTY_METRICS and raw["property"] is None:
            raise invalid_field(f"series.{index}.property", f"{raw['metric']} needs a property.")
        parts = {"event": raw["event"], "filters": raw["filters"], "label": raw["label"]}
        series.append(
            Series(parse_event_selector(parts, f"series.{index}"), raw["metric"], raw["property"])
        )
    is_compared = parse_comparison(data["compare"]) != NONE
    compare = request.comparison(query.time_range) if is_compared else None
    formula = parse_formula(data["formula"], len(series))
    breakdown = parse_breakdown(data["breakdown"])
    return TrendsPlan(
        query, tuple(series), request.interval(query.time_range), breakdown, formula, compare
    )


def run_trends(plan: TrendsPlan) -> TrendsResponse:
    """Return every series with its dates, values and total; totals of uniques are uniques."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    previous: list[TrendsSeries] | msgspec.UnsetType = msgspec.UNSET
    with open_query(plan.query, starts) as context:
        values, found = _read(context, plan)
        if plan.compare is None:
            reported = _reported(values, found)
        else:
            paired = pair_intervals(plan.compare, plan.interval)
            earlier = context.over(plan.compare.previous, paired.starts)
            # The same values in the same order, so that each line is set against its own.
            values, before = _read(earlier, plan, () if values is None else values.values)
            reported = _reported(values, [*found, *before])
            previous = _lines(plan, before, reported, paired)
    series = _lines(plan, found, reported, PairedIntervals(starts, [*range(len(starts))], starts))
    return TrendsResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        series=series,
        previous=previous,
    )


INSIGHT = Insight(
    kind="trends",
    summary="Count events or persons over time, in one or more series.",
    request=TrendsRequest,
    parse=parse_trends,
    run=run_trends,
    response=TrendsResponse,
)


def _lines(
    plan: TrendsPlan,
    found: list[Lines],
    reported: list[Row],
    intervals: PairedIntervals,
) -> list[TrendsSeries]:
    dates = [start.isoformat() for start in intervals.dates]
    lines = []
    for index, value, is_other in reported:
        columns = [
            one.get(index, empty_line(series.metric, len(intervals.starts)))
            for one, series in zip(found, plan.series, strict=True)
        ]
        rows: list[tuple[str, str | None, str, Line]]
        if plan.formula is not None:
            rows = [(plan.formula.text, None, "formula", _calculate(plan.formula, columns))]
        else:
            rows = [
                (series.selector.label, series.selector.event, series.metric, line)
                for series, line in zip(plan.series, columns, strict=True)
            ]
        for name, event, metric, line in rows:
            values = [None if one is None else line.values[one] for one in intervals.indexes]
            ignored = msgspec.UNSET if line.ignored is None else line.ignored
            lines.append(
                TrendsSeries(
                    name, event, metric, values, line.total, value, dates, is_other, ignored
                )
            )
    return lines


def _read(
    context: QueryContext, plan: TrendsPlan, first: tuple[str | None, ...] = ()
) -> tuple[BreakdownValues | None, list[Lines]]:
    """Return the values of the breakdown, ``first`` ones first, and the lines of each series."""
    values: BreakdownValues | None = None
    if plan.breakdown is not None:
        if len(plan.series) == 1:
            sealed = read_sealed_breakdown(context, plan.series[0], plan.breakdown, first)
            if sealed is not None:
                return sealed[0], [sealed[1]]
        # The same values for every series, so that their lines can be compared.
        any_series = or_(*(matches_selector(context.query, one.selector) for one in plan.series))
        passes = [func.coalesce(any_series, False)]
        values = find_top_values(context, plan.breakdown, passes, first)
    return values, [read_series(context, series, values) for series in plan.series]


def _reported(values: BreakdownValues | None, found: list[Lines]) -> list[Row]:
    """Return the index of each value in the order of the result, and the value."""
    if values is None:
        return [(0, None, msgspec.UNSET)]
    return [
        (index, values.value(index), index == 0)
        for index in values.reported_indexes
        if index or any(one.get(0) for one in found)
    ]


def _calculate(formula: Formula, columns: list[Line]) -> Line:
    by_interval = zip(*(line.values for line in columns), strict=True)
    values = [formula.value(values) for values in by_interval]
    return Line(values, formula.value([line.total for line in columns]))
