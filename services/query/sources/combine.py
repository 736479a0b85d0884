"""Read a range from its sealed days and, for the rest of it, from raw rows.

Every reader that sealed days can answer goes through ``read``: it says how to read some sealed days
and how to read the raw rows of a part of the range, and adds up what both yield.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.coverage import Coverage, find_coverage

T = TypeVar("T")


def cover(context: QueryContext, selectors: Sequence[EventSelector] = ()) -> Coverage:
    """Divide the range of a query into its sealed days and the rest.

    Sealed days know events by name or by one dimension. They cannot answer for a filter, and so a
    filtered query is read from raw rows alone.
    """
    query = context.query
    if query.is_filtered or any(selector.is_filtered for selector in selectors):
        return Coverage([], [query.time_range])
    return find_coverage(context.session, query.project_id, query.time_range, context.starts)


def read(
    context: QueryContext,
    coverage: Coverage,
    *,
    sealed: Callable[[Coverage], Iterable[T]],
    raw: Callable[[QueryContext], Iterable[T]],
) -> Iterator[T]:
    """Yield what the sealed days hold, then what the raw rows of the rest of the range hold.

    Args:
        context: the query.
        coverage: its range, from ``cover``.
        sealed: reads the sealed days; called only if there are any.
        raw: reads the rows of a part of the range, and adds their source to the metadata.
    """
    if coverage.days:
        context.meta.add_source("sealed")
        context.meta.sealed_dates.update(coverage.dates)
        yield from sealed(coverage)
    for part in coverage.raw:
        yield from raw(context.within(part))
