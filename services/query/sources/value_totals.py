"""Numbers of events by value of a dimension, without persons: from sealed days and raw rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from services.query.execution.context import QueryContext
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import event_text
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
