"""Numbers of events by value of a dimension, without persons: from sealed days and raw rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, or_, select

from services.query.execution.context import QueryContext
from services.query.parsing.filters import Filter
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_filter, matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import event_text
from services.query.sources.postgres import array_of, unnest
from services.query.sources.sealed_days import ValueCount, complete_days, value_counts
from shared.models import ANY_EVENT, Event

Totals = Counter[str | None]
"""Number of events by value; under None those without."""


def count_by_value(
    context: QueryContext, dimension: str, event_names: Sequence[str] = ()
) -> Totals:
    """Return the number of events of the whole range by value of a dimension.

    Args:
        context: the query.
        dimension: one of ``shared.events.dimensions.DIMENSIONS``.
        event_names: of ``PAGE_EVENTS``; none: all events.
    """
    query, coverage = context.query, cover(context)
    counts: list[ValueCount] = []
    usable = set(coverage.dates)
    for name in event_names or (ANY_EVENT,):
        args = (context.session, query.project_id, coverage.dates)
        found = value_counts(*args, dimension, name)
        usable &= complete_days(*args, name, found)
        counts += found

    def sealed(coverage: Coverage) -> Iterator[tuple[str | None, int]]:
        days = set(coverage.dates)
        for row in counts:
            if row.day in days:
                yield row.value, row.events

    def raw(part: QueryContext) -> Iterator[tuple[str | None, int]]:
        part.note_raw_rows()
        value = event_text(dimension).label("value")
        conditions = matches_query(part.query)
        if event_names:
            conditions.append(Event.event_name.in_(event_names))
        statement = select(value, func.count()).where(*conditions).group_by("value")
        for row in part.session.execute(statement):
            yield row[0], row[1]

    totals: Totals = Counter()
    usable_coverage = coverage.limited_to(usable, query.time_range.zone)
    for value, events in read(context, usable_coverage, sealed=sealed, raw=raw):
        totals[value] += events
    return totals


def count_matching_by_value(
    context: QueryContext, parts: Sequence[tuple[Filter, str]]
) -> list[Totals]:
    """Return, for each filter, the events that match it by value of its dimension.

    All of them are counted in one pass over the rows.

    Args:
        context: the query.
        parts: filters, in addition to the query's own, each with a dimension.
    """
    context.note_raw_rows()
    query = context.query
    tests = [matches_filter(one, query.project_id, query.time_range) for one, _ in parts]
    numbers: list[ColumnElement[Any]] = [case((test, part)) for part, test in enumerate(tests)]
    values: list[ColumnElement[Any]] = [
        case((test, event_text(name))) for test, (_, name) in zip(tests, parts, strict=True)
    ]
    rows = (
        select(
            unnest(array_of(numbers), Integer()).label("part"),
            unnest(array_of(values)).label("value"),
        )
        .where(*matches_query(query), or_(*tests))
        .subquery("rows")
    )
    totals: list[Totals] = [Counter() for _ in parts]
    statement = (
        select(rows.c.part, rows.c.value, func.count())
        .where(rows.c.part.is_not(None))
        .group_by(rows.c.part, rows.c.value)
    )
    for part, value, events in context.session.execute(statement):
        totals[part][value] = events
    return totals
