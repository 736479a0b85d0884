"""Compute sums, averages, percentiles and extremes of a property with files of sealed days.

The files say how often each different value occurs in each interval, and PostgreSQL computes the
metric from these counts and from the raw rows of the rest. So a number means the same in both, and
sums are exact decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Numeric,
    Select,
    Subquery,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.types import TypeEngine

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.copy_columns import Array, interval_numbers
from services.query.sources.event_columns import event_number, event_number_text, interval_index
from services.query.sources.file_columns import TooManyValues
from services.query.sources.file_conditions import column_of, different_values, evaluate
from services.query.sources.file_masks import SelectedDay, read_selected
from services.query.sources.postgres import unnest

_MAX_COUNTS = 100_000
"""Pairs of interval and value that are sent to PostgreSQL; more are left to raw rows."""
_SHARES = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many events have a value in an interval."""

    interval: Array
    value: Array
    """Index of the value."""
    events: Array


def metric_statement(
    context: QueryContext, selector: EventSelector, name: str, metric: str
) -> Select[Any] | None:
    """Return the statement that computes a metric with the help of files.

    Args:
        context: of an unweighted query.
        selector: the events.
        name: the property.
        metric: one of ``services.query.sources.series.PROPERTY_METRICS``.

    Returns:
        None if files cannot answer. Otherwise the rows of a series without a breakdown.
    """
    column = column_of(name)
    found = None if column is None else read_selected(context, [selector], texts=[column])
    if column is None or found is None:
        return None
    try:
        values = different_values(column, [day.columns for day in found.days])
    except TooManyValues:
        return None
    counts = _count(context, column, values, found.days)
    if len(counts.events) > _MAX_COUNTS:
        return None
    tested = evaluate(
        context,
        column,
        values,
        [cast(event_number(name), Text), event_number_text(name).is_not(None)],
    )
    tested = sorted(tested, key=itemgetter(0))
    parts = [_counted(counts, [(text, is_set) for _, text, is_set in tested])]
    parts += [_raw(context.within(rest), selector, name) for rest in found.raw]
    rows = union_all(*parts).subquery("rows")
    return _percentiles(rows, _SHARES[metric]) if metric in _SHARES else _aggregates(rows, metric)


def _count(
    context: QueryContext, column: str, values: Sequence[str | None], days: Sequence[SelectedDay]
) -> _Counts:
    numbers = {value: number for number, value in enumerate(values)}
    keys, events = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for day in days:
        coded = day.columns.texts[column]
        value = np.array([numbers[one] for one in coded.values], np.int64)[coded.codes[day.rows]]
        interval = interval_numbers(day.at, context.starts)
        key = interval * len(values) + value
        first = int(key.min(initial=len(context.starts) * len(values)))
        count = np.bincount(key - first)  # the keys of a day lie together
        occurring = np.flatnonzero(count)
        keys.append(occurring + first)
        events.append(count[occurring])
    # Days of one interval have keys in common.
    key, index = np.unique(np.concatenate(keys), return_inverse=True)
    sizes = np.bincount(index, np.concatenate(events), len(key)).astype(np.int64)
    return _Counts(key // max(1, len(values)), key % max(1, len(values)), sizes)


def _counted(counts: _Counts, numbers: Sequence[tuple[str | None, bool]]) -> Select[Any]:
    """Return rows of interval, number (null: none) and events; of set properties only.

    Args:
        counts: of the files.
        numbers: of each value: its number as text, and whether it is set.
    """
    is_set = np.array([is_set for _, is_set in numbers], bool)[counts.value]
    texts = [numbers[value][0] for value in counts.value[is_set].tolist()]
    return select(
        _rows_of(counts.interval[is_set], Integer()).label("bucket"),
        cast(unnest(literal(texts, ARRAY(Text))), Numeric).label("number"),
        _rows_of(counts.events[is_set], BigInteger()).label("events"),
    )


def _rows_of(numbers: Array, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    return unnest(literal(numbers.tolist(), ARRAY(kind)), kind)


def _raw(context: QueryContext, selector: EventSelector, name: str) -> Select[Any]:
    """Return the same of the raw rows of a part, a row for each event."""
    context.note_raw_rows()
    return select(
        interval_index(context.starts).label("bucket"),
        event_number(name).label("number"),
        literal(1, BigInteger()).label("events"),
    ).where(
        *matches_query(context.query),
        matches_selector(context.query, selector),
        event_number_text(name).is_not(None),
    )


def _aggregates(rows: Subquery, metric: str) -> Select[Any]:
    number, events = rows.c.number, rows.c.events
    total = func.sum(number * events)
    expressions: dict[str, Callable[[], ColumnElement[Any]]] = {
        "sum": lambda: total,
        "average": lambda: total / func.sum(events).filter(number.is_not(None)),
        "min": lambda: func.min(number),
        "max": lambda: func.max(number),
    }
    return _by_interval(
        func.grouping(rows.c.bucket), rows.c.bucket, expressions[metric](), _ignored(rows)
    ).group_by(func.grouping_sets(tuple_(rows.c.bucket), tuple_()))


def _percentiles(rows: Subquery, share: float) -> Select[Any]:
    """Interpolate between two values as ``percentile_cont`` does, of values with their counts."""
    # Each row counts for its interval and for the total.
    group = unnest(literal([0, 1], ARRAY(Integer)), Integer())
    both = select(group.label("is_total"), rows.c.bucket, rows.c.number, rows.c.events).subquery()
    bucket = case((both.c.is_total == 0, both.c.bucket))
    # Of quarters, as in ``services.query.sources.series``.
    number = (cast(func.round(both.c.number, 20), Float) * 0.25).label("number")
    named = select(both.c.is_total, bucket.label("bucket"), number, both.c.events).subquery()
    partition = [named.c.is_total, named.c.bucket, named.c.number.is_(None)]
    below = func.sum(named.c.events).over(
        partition_by=partition, order_by=named.c.number, rows=(None, 0)
    )
    size = func.sum(named.c.events).over(partition_by=partition)
    at = (cast(size, Float) - 1) * share
    ranked = select(named, below.label("below"), at.label("at")).subquery()
    values = [
        func.min(ranked.c.number).filter(cast(ranked.c.below, Float) > rounded)
        for rounded in (func.floor(ranked.c.at), func.ceil(ranked.c.at))
    ]
    part = func.max(ranked.c.at - func.floor(ranked.c.at)).filter(ranked.c.number.is_not(None))
    low, high = values
    return _by_interval(
        ranked.c.is_total, ranked.c.bucket, (low + part * (high - low)) * 4.0, _ignored(ranked)
    ).group_by(ranked.c.is_total, ranked.c.bucket)


def _by_interval(
    is_total: ColumnElement[Any],
    bucket: ColumnElement[Any],
    metric: ColumnElement[Any],
    ignored: ColumnElement[Any],
) -> Select[Any]:
    return select(is_total, func.coalesce(bucket, 0), literal(0), metric, ignored)


def _ignored(rows: Subquery) -> ColumnElement[Any]:
    found = func.sum(rows.c.events).filter(rows.c.number.is_(None))
    return cast(func.coalesce(found, 0), BigInteger)
