"""One series over time: a metric of selected events by interval, and by value of a breakdown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from pyroaring import BitMap
from sqlalchemy import (
    ColumnElement,
    Float,
    Numeric,
    Select,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
)

from services.query.execution.context import QueryContext
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventSelector
from services.query.parsing.numbers import answer_number
from services.query.sources.active_persons import active_persons
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.copy_columns import interval_numbers
from services.query.sources.event_columns import (
    PERSON,
    WEIGHT,
    event_number,
    event_number_text,
    interval_index,
)
from services.query.sources.event_counts import count_by_interval
from services.query.sources.file_masks import read_selected
from services.query.sources.file_numbers import metric_statement
from services.query.sources.postgres import percentile
from services.query.sources.session_counts import count_sessions
from services.query.sources.sessions_of_events import SessionCount, count_sessions_of_events
from services.query.sources.top_values import BreakdownValues

METRICS = (
    "count",
    "unique_persons",
    "unique_sessions",
    "per_session",
    "sum",
    "average",
    "median",
    "p90",
    "min",
    "max",
)
SESSION_METRICS = frozenset({"unique_sessions", "per_session"})
PROPERTY_METRICS = frozenset({"sum", "average", "median", "p90", "min", "max"})
_NULL_WITHOUT_EVENTS = frozenset({"per_session", "average", "median", "p90", "min", "max"})
Number = float | int | None


class Line(NamedTuple):
    """Values by interval, and the total over the range. Totals of uniques are uniques, not sums."""

    values: list[Number]
    total: Number
    ignored: int | None = None
    """Events of the range whose property is no number; None: the metric reads no property."""


Lines = dict[int, Line]
"""By index of the breakdown's value; index 0 without a breakdown."""


@dataclass(frozen=True, slots=True)
class Series:
    """Which metric of which events."""

    selector: EventSelector
    metric: str = "count"
    property: str | None = None
    """For ``PROPERTY_METRICS``: the property with the numbers; events without one are left out."""


def read_series(context: QueryContext, series: Series, values: BreakdownValues | None) -> Lines:
    """Return a series for each value of a breakdown, from the cheapest source that has it."""
    if values is None:
        line = _read_prepared(context, series)
        if line is not None:
            return {0: line}
    if series.metric in SESSION_METRICS:
        return _read_sessions(context, series, values)
    return _read_raw_series(context, series, values)


def _read_prepared(context: QueryContext, series: Series) -> Line | None:
    """Return a series without a breakdown from counts, sealed days or files; None: none has it."""
    selector, query = series.selector, context.query
    is_filtered = query.is_filtered or selector.is_filtered
    if series.metric == "count" and not query.weighted and not is_filtered:
        names = [] if selector.event is None else [selector.event]
        counts = count_by_interval(context, names)
        return Line([*counts], sum(counts))
    if series.metric == "count" and not query.weighted:
        return _count_filtered(context, series)
    if series.metric == "unique_persons":
        [persons] = active_persons(context, [selector])
        everybody = BitMap.union(BitMap(), *persons)
        return Line([len(one) for one in persons], len(everybody))
    if series.metric == "unique_sessions" and selector.event is None and not is_filtered:
        sessions = count_sessions(context)
        return Line([*sessions], sum(sessions))
    if series.metric in PROPERTY_METRICS and not query.weighted:
        statement = metric_statement(context, selector, series.property or "", series.metric)
        return None if statement is None else _read_lines(context, series, None, statement)[0]
    return None


def read_sealed_breakdown(
    context: QueryContext,
    series: Series,
    breakdown: Breakdown,
    first: tuple[str | None, ...] = (),
) -> tuple[BreakdownValues, Lines] | None:
    """Return the most frequent values and the series of each, with the help of sealed days.

    Args:
        context: the query.
        series: the series.
        breakdown: the property and the number of values.
        first: values that come first, whether events have them or not.

    Returns:
        None if no sealed day can answer.
    """
    if series.metric not in {"count", "unique_persons"}:
        return None
    query = BreakdownQuery(
        series.selector, breakdown.property, breakdown.limit, with_others=True, first=first
    )
    found = query_breakdown(context, query)
    if found is None:
        return None
    cells = dict(enumerate((line for _, line in found.ranked), 1))
    if found.others:
        cells[0] = found.others
    lines: Lines = {}
    for index, line in cells.items():
        if series.metric == "count":
            sizes = [_number(cell.size(weighted=context.query.weighted), 0) for cell in line]
            lines[index] = Line([*sizes], _number(sum(size or 0 for size in sizes), 0))
        else:
            everybody = BitMap.union(BitMap(), *(cell.persons for cell in line))
            lines[index] = Line([len(cell.persons) for cell in line], len(everybody))
    return BreakdownValues(breakdown, tuple(value for value, _ in found.ranked)), lines


def empty_line(metric: str, intervals: int) -> Line:
    """Return the line of a metric without events."""
    empty: Number = None if metric in _NULL_WITHOUT_EVENTS else 0
    return Line([empty] * intervals, empty, 0 if metric in PROPERTY_METRICS else None)


def _count_filtered(context: QueryContext, series: Series) -> Line:
    found = read_selected(context, [series.selector])
    if found is None:
        return _read_raw_series(context, series, None)[0]
    counts = np.zeros(len(context.starts), np.int64)
    for day in found.days:
        intervals = interval_numbers(day.at, context.starts)
        counts += np.bincount(intervals, minlength=len(counts))
    for rest in found.raw:
        counts += np.array(_read_raw_series(context.within(rest), series, None)[0].values, np.int64)
    return Line([*counts.tolist()], int(counts.sum()))


def _read_raw_series(
    context: QueryContext, series: Series, values: BreakdownValues | None
) -> Lines:
    context.note_raw_rows()
    return _read_lines(context, series, values, _statement(context, series, values))


def _read_lines(
    context: QueryContext,
    series: Series,
    values: BreakdownValues | None,
    statement: Select[Any],
) -> Lines:
    nothing = empty_line(series.metric, len(context.starts))
    lines: Lines = {}
    if values is None:
        lines[0] = nothing
    rows = context.session.execute(statement)
    for is_total, interval, value_index, value, ignored in rows:
        line = lines.get(value_index) or empty_line(series.metric, len(context.starts))
        if is_total:
            line = Line(line.values, _number(value, nothing.total), ignored)
        else:
            line.values[interval] = _number(value, nothing.total)
        lines[value_index] = line
    return lines


def _read_sessions(context: QueryContext, series: Series, values: BreakdownValues | None) -> Lines:
    counts = count_sessions_of_events(context, series.selector, values)
    per_session = series.metric == "per_session"

    def number(count: SessionCount) -> Number:
        if not per_session:
            return count.sessions
        return answer_number(count.events / count.sessions) if count.sessions else None

    if values is None and not counts:
        return {0: empty_line(series.metric, len(context.starts))}
    return {
        index: Line([number(one) for one in count.by_interval], number(count.total))
        for index, count in counts.items()
    }


def _statement(
    context: QueryContext, series: Series, values: BreakdownValues | None
) -> Select[Any]:
    """Compute a metric by interval and value, and by value over the whole range, in one pass."""
    query = context.query
    rows = (
        select(
            interval_index(context.starts).label("bucket"),
            (values.indexes() if values is not None else literal(0)).label("value_index"),
            *_needed_columns(series, weighted=query.weighted),
        )
        .where(*matches_query(query), matches_selector(query, series.selector))
        .offset(0)  # keeps PostgreSQL from computing a number once for each of its uses
        .subquery("rows")
    )
    groups = (tuple_(rows.c.bucket, rows.c.value_index), tuple_(rows.c.value_index))
    return select(
        func.grouping(rows.c.bucket),
        func.coalesce(rows.c.bucket, 0),
        rows.c.value_index,
        _metric(rows.c, series.metric, weighted=query.weighted),
        _ignored(rows.c, series.metric),
    ).group_by(func.grouping_sets(*groups))


def _needed_columns(series: Series, *, weighted: bool) -> list[Any]:
    weight = WEIGHT.label("weight")
    if series.metric == "count":
        return [weight] if weighted else []
    if series.metric == "unique_persons":
        return [PERSON.label("person")]
    name = series.property or ""
    is_set = event_number_text(name).is_not(None).label("is_set")
    return [event_number(name).label("number"), is_set, weight]


def _metric(rows: Any, metric: str, *, weighted: bool) -> ColumnElement[Any]:
    expressions: dict[str, Callable[[], Any]] = {
        "count": lambda: func.sum(rows.weight) if weighted else func.count(),
        "unique_persons": lambda: func.count(rows.person.distinct()),
        "sum": lambda: func.sum(
            rows.number * cast(rows.weight, Numeric) if weighted else rows.number
        ),
        "average": lambda: func.avg(rows.number),
        "median": lambda: _percentile(rows.number, 0.5),
        "p90": lambda: _percentile(rows.number, 0.9),
        "min": lambda: func.min(rows.number),
        "max": lambda: func.max(rows.number),
    }
    element: ColumnElement[Any] = expressions[metric]()
    return element


def _ignored(rows: Any, metric: str) -> ColumnElement[Any]:
    if metric not in PROPERTY_METRICS:
        return null()
    return func.count().filter(rows.is_set, rows.number.is_(None))


def _percentile(numbers: Any, share: float) -> ColumnElement[Any]:
    # Of quarters, as the distance of two doubles may be larger than a double. PostgreSQL refuses to
    # divide the smallest doubles.
    return percentile(cast(func.round(numbers, 20), Float) * 0.25, share) * 4.0


def _number(value: Any, empty: Number) -> Number:
    if value is None:
        return empty
    return value if isinstance(value, int) else answer_number(value)
