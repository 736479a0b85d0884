"""Events and persons by value of a property and interval, from sealed days and raw rows.

Sealed days hold the values of each dimension, and of properties with few values, for all events
together and for page events. Days whose values are not complete are read as raw rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pyroaring import BitMap, FrozenBitMap
from sqlalchemy import Select, func, select

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.bitmap_cache import persons_by_interval_and_value
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import (
    EVENT_COLUMNS,
    PERSON,
    WEIGHT,
    event_values,
    interval_index,
    is_first_value,
)
from services.query.sources.file_breakdown import read_cells
from services.query.sources.postgres import array_agg
from services.query.sources.sealed_days import complete_days, value_counts
from shared.events.dimensions import DIMENSIONS, PAGE_EVENTS, Dimension
from shared.models import ANY_EVENT, Event


@dataclass(slots=True)
class Cell:
    """Events and persons of one value in one interval."""

    events: int = 0
    weight: float = 0.0
    """Sum of sample weights: events before sampling."""
    persons: BitMap = field(default_factory=BitMap)

    def add(self, events: int, weight: float, persons: BitMap | FrozenBitMap | None = None) -> None:
        """Add further events and persons."""
        self.events += events
        self.weight += weight
        if persons is not None:
            self.persons |= persons

    def size(self, *, weighted: bool) -> float:
        """Return the number of events, as stored or before sampling."""
        return self.weight if weighted else self.events


Cells = dict[str | None, list[Cell]]
"""By value and interval."""


class _Part(NamedTuple):
    """What a part of the range adds to a cell."""

    value: str | None
    interval: int
    events: int
    weight: float
    first_events: int
    """Events of which this is the first value."""
    first_weight: float
    persons: BitMap | None = None
    """None: they are read later."""


@dataclass(frozen=True, slots=True)
class BreakdownQuery:
    """Which events are broken down by which property."""

    selector: EventSelector
    property: str
    limit: int
    """How many values are reported individually."""
    with_others: bool = False
    """Whether the other values are reported too, combined."""
    first: tuple[str | None, ...] = ()
    """Values that are reported first, whether events have them or not."""


@dataclass(slots=True)
class BreakdownResult:
    """The values with the most events, largest first; ties in order of the value."""

    ranked: list[tuple[str | None, list[Cell]]]
    has_more: bool
    events: int = 0
    weight: float = 0.0
    """Of all values, in all intervals; an event with several values is counted once."""
    others: list[Cell] = field(default_factory=list)
    """All other values combined, by interval; empty if there are none or they are not reported."""


def query_breakdown(context: QueryContext, breakdown: BreakdownQuery) -> BreakdownResult | None:
    """Break events down by a property with the help of sealed days.

    Returns:
        None if no sealed day can answer; raw rows alone are then read faster by the caller.
    """
    session, query, selector = context.session, context.query, breakdown.selector
    dimension = dimension_name(breakdown.property)
    event = ANY_EVENT if selector.event is None else selector.event
    is_stored = dimension is not None and event in {ANY_EVENT, *PAGE_EVENTS}
    if dimension is None or not is_stored or query.is_filtered or selector.is_filtered:
        return _query_files(context, breakdown)
    coverage = cover(context)
    counts = value_counts(session, query.project_id, coverage.dates, dimension, event)
    complete = complete_days(session, query.project_id, coverage.dates, event, counts)
    if not complete:
        return _query_files(context, breakdown)
    coverage = coverage.limited_to(complete, query.time_range.zone)

    def sealed(coverage: Coverage) -> list[_Part]:
        interval_of = coverage.interval_by_date
        return [
            _Part(value, interval_of[day], events, weight, events, weight)
            for day, value, _, events, weight in counts
            if day in complete
        ]

    def raw(part: QueryContext) -> Iterator[_Part]:
        return _raw_cells(part, breakdown)

    parts = read(context, coverage, sealed=sealed, raw=raw)
    cells, found, has_arrays = _add_up(context, breakdown, parts)
    # The persons of a value are read last, as most values are not reported.
    reported = [value for value, _ in found.ranked]
    values = list(cells) if breakdown.with_others else reported
    bitmaps = persons_by_interval_and_value(
        session, query.project_id, coverage.days, dimension, event, values
    )
    for (interval, value), persons_of_value in bitmaps.items():
        cells[value][interval].persons |= persons_of_value
    if breakdown.with_others:
        found.others = _merge(cells, set(reported))
        raw_ranges = coverage.raw if has_arrays else []
        _count_once([context.within(part) for part in raw_ranges], breakdown, found)
    return found


def _query_files(context: QueryContext, breakdown: BreakdownQuery) -> BreakdownResult | None:
    """Break events down with the help of files of sealed days; None: they cannot answer."""
    if context.query.weighted:
        return None
    read_from_files = read_cells(
        context, breakdown.selector, breakdown.property, arrays=not breakdown.with_others
    )
    if read_from_files is None:
        return None
    cells_of_files, rest = read_from_files
    raw_parts = [context.within(part) for part in rest]

    def parts() -> Iterator[_Part]:
        for cell in cells_of_files:
            events, first_events = cell.events, cell.first_events
            yield _Part(
                *(cell.value, cell.interval, events, events, first_events, first_events),
                cell.persons,
            )
        for part in raw_parts:
            yield from _raw_cells(part, breakdown)

    cells, found, has_arrays = _add_up(context, breakdown, parts())
    if breakdown.with_others:
        found.others = _merge(cells, {value for value, _ in found.ranked})
        _count_once(raw_parts if has_arrays else [], breakdown, found)
    return found


def _add_up(
    context: QueryContext, breakdown: BreakdownQuery, parts: Iterable[_Part]
) -> tuple[Cells, BreakdownResult, bool]:
    """Return the cells, the ranked values, and whether any event has several values."""
    cells: Cells = defaultdict(lambda: [Cell() for _ in context.starts])
    total_events, total_weight, has_arrays = 0, 0.0, False
    for value, interval, events, weight, first_events, first_weight, persons in parts:
        has_arrays = has_arrays or events != first_events
        cells[value][interval].add(events, weight, persons)
        total_events, total_weight = total_events + first_events, total_weight + first_weight
    found = _rank(cells, breakdown, len(context.starts), weighted=context.query.weighted)
    found.events, found.weight = total_events, total_weight
    return cells, found, has_arrays


def dimension_name(name: str) -> str | None:
    """Return the name of a property in sealed days; None if they never have it."""
    if name not in DIMENSIONS and (name in EVENT_COLUMNS or name == "timestamp"):
        return None
    return Dimension.parse(name).stored_name


def _raw_cells(context: QueryContext, breakdown: BreakdownQuery) -> Iterator[_Part]:
    context.note_raw_rows()
    rows = (
        select(
            event_values(breakdown.property).label("value"),
            is_first_value(breakdown.property).label("is_first"),
            interval_index(context.starts).label("interval_index"),
            PERSON.label("person"),
            WEIGHT.label("weight"),
        )
        .where(*matches_query(context.query), matches_selector(context.query, breakdown.selector))
        .subquery("rows")
    )
    statement = select(
        rows.c.value,
        rows.c.interval_index,
        func.count(),
        func.sum(rows.c.weight),
        array_agg(rows.c.person.distinct()),
        func.count().filter(rows.c.is_first),
        func.coalesce(func.sum(rows.c.weight).filter(rows.c.is_first), 0),
    ).group_by(rows.c.value, rows.c.interval_index)
    for value, interval, events, weight, persons, *once in context.session.execute(statement):
        first_events, first_weight = once[0], float(once[1])
        yield _Part(
            value, interval, events, float(weight), first_events, first_weight, BitMap(persons)
        )


def _rank(
    cells: Cells, breakdown: BreakdownQuery, intervals: int, *, weighted: bool
) -> BreakdownResult:
    for value in breakdown.first:
        cells.setdefault(value, [Cell() for _ in range(intervals)])
    rank_of_first = {value: rank for rank, value in enumerate(breakdown.first)}
    limit = breakdown.limit

    def key(item: tuple[str | None, list[Cell]]) -> tuple[int, float, bool, str]:
        value, line = item
        size = sum(cell.size(weighted=weighted) for cell in line)
        return rank_of_first.get(value, len(rank_of_first)), -size, value is None, value or ""

    ranked = sorted(cells.items(), key=key)
    return BreakdownResult(ranked[:limit], len(ranked) > limit)


def _merge(cells: Cells, reported: set[str | None]) -> list[Cell]:
    """Add up the cells of all values but the reported ones, interval by interval."""
    lines = [line for value, line in cells.items() if value not in reported]
    merged = [Cell() for _ in lines[0]] if lines else []
    for line in lines:
        for total, cell in zip(merged, line, strict=True):
            total.add(cell.events, cell.weight, cell.persons)
    return merged


def _count_once(
    parts: list[QueryContext], breakdown: BreakdownQuery, found: BreakdownResult
) -> None:
    """Count raw events with several unreported values once among the others."""
    known = [value for value, _ in found.ranked if value is not None]
    for part in parts if found.others else ():
        statement = _repeated(part, breakdown, known)
        for interval, events, weight in part.session.execute(statement):
            found.others[interval].add(-events, -float(weight))


def _repeated(context: QueryContext, breakdown: BreakdownQuery, known: list[str]) -> Select[Any]:
    """Return how often, by interval, an event has a further value that is not known."""
    values = (
        select(
            event_values(breakdown.property).label("value"),
            Event.id.label("event"),
            interval_index(context.starts).label("interval_index"),
            WEIGHT.label("weight"),
        )
        .where(*matches_query(context.query), matches_selector(context.query, breakdown.selector))
        .subquery("all_values")
    )
    number = func.row_number().over(partition_by=values.c.event).label("number")
    unreported = (
        select(values.c.interval_index, values.c.weight, number)
        .where(values.c.value.not_in(known))
        .subquery("unreported")
    )
    return (
        select(unreported.c.interval_index, func.count(), func.sum(unreported.c.weight))
        .where(unreported.c.number > 1)
        .group_by(unreported.c.interval_index)
    )
