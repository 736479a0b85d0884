"""A breakdown out of sealed days: events and persons by value and interval.

Sealed days hold the values of each usual dimension, and of properties with few values, for all
events together and for page events. Days whose values are not complete are read as raw rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pyroaring import BitMap
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta
from services.query.parsing.time_range import TimeRange
from services.query.sources.bitmap_cache import days_by_interval, persons_by_interval_and_value
from services.query.sources.conditions import EVENT_COLUMNS, event_text
from services.query.sources.event_query import EventQuery, EventSelector, interval_index
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import array_agg
from services.query.sources.sealed_days import (
    complete_days,
    consecutive_days,
    coverage,
    value_counts,
)
from shared.events.dimensions import DIMENSIONS, PAGE_EVENTS, PROPERTY_PREFIX
from shared.models import ANY_EVENT, Event


@dataclass(slots=True)
class Cell:
    """What there is of one value in one interval."""

    events: int = 0
    weight: float = 0.0
    """Sum of sample weights: events before sampling."""
    persons: BitMap = field(default_factory=BitMap)

    def add(self, events: int, weight: float, persons: BitMap | None = None) -> None:
        """More of the same."""
        self.events += events
        self.weight += weight
        if persons is not None:
            self.persons |= persons

    def size(self, *, weighted: bool) -> float:
        """Events as they were stored, or before sampling."""
        return self.weight if weighted else self.events


Cells = dict[str | None, list[Cell]]
"""By value and interval."""


@dataclass(slots=True)
class BreakdownResult:
    """The most frequent values, most events first (ties in order of the value)."""

    ranked: list[tuple[str | None, list[Cell]]]
    has_more: bool
    events: int
    weight: float
    """Of all values, in all intervals."""
    rest: list[Cell] = field(default_factory=list)
    """All other values together, by interval; empty without such, or when it was not asked for."""

    @property
    def values(self) -> set[str | None]:
        """The values that are told one by one."""
        return {value for value, _ in self.ranked}


@dataclass(frozen=True, slots=True)
class BreakdownQuery:
    """What is broken down by what."""

    query: EventQuery
    """The events in question; none is before the first of ``starts``."""
    selector: EventSelector
    property: str
    limit: int
    starts: Sequence[datetime]
    """Of the intervals, ascending."""
    with_rest: bool = False
    """Whether the further values are wanted too, together."""


def query_breakdown(
    session: Session, question: BreakdownQuery, meta: ResultMeta
) -> BreakdownResult | None:
    """Break events down by a property, as far as sealed days help.

    Args:
        session: of a ``read_only_session()`` block.
        question: what.
        meta: receives the sources that were read.

    Returns:
        None when no sealed day answers such a question.
    """
    query, selector, starts = question.query, question.selector, question.starts
    dimension = _dimension(question.property)
    event = ANY_EVENT if selector.event is None else selector.event
    if (
        dimension is None
        or (event != ANY_EVENT and event not in PAGE_EVENTS)
        or query.filters.parts
        or selector.filters.parts
    ):
        return None
    cover = coverage(session, query.project_id, query.time_range, starts)
    figures = value_counts(session, query.project_id, cover.days, dimension, event)
    complete = complete_days(session, query.project_id, cover.days, event, figures)
    if not complete:
        return None
    cells: Cells = defaultdict(lambda: [Cell() for _ in starts])
    index_of = cover.interval_indexes(starts)
    for row in figures:
        if row.day in complete:
            cells[row.value][index_of[row.day]].add(row.events, row.weight)
    partial = consecutive_days(
        (day for day in cover.days if day not in complete), query.time_range.zone
    )
    for part in [*cover.raw, *partial]:
        _add_raw(session, question, part, cells)
    found = _ranked(cells, question.limit, weighted=query.weighted)
    wanted = list(cells) if question.with_rest else [value for value, _ in found.ranked]
    days = days_by_interval(cover, starts, complete)
    unions = persons_by_interval_and_value(
        session, query.project_id, days, (dimension, event), wanted
    )
    for (index, value), persons in unions.items():
        cells[value][index].persons |= persons
    if question.with_rest:
        found.rest = _merge([line for value, line in cells.items() if value not in found.values])
    meta.add_source("mixed" if cover.raw or partial else "sealed")
    return found


def _dimension(name: str) -> str | None:
    """What sealed days call a property; None when they never have it."""
    if name in DIMENSIONS:
        return name
    if name in EVENT_COLUMNS or name == "timestamp":
        return None
    return PROPERTY_PREFIX + name.removeprefix(PROPERTY_PREFIX)


def _add_raw(session: Session, question: BreakdownQuery, part: TimeRange, cells: Cells) -> None:
    query = question.query.within(part)
    rows = (
        select(
            event_text(question.property).label("value"),
            interval_index(question.starts).label("index"),
            PERSON.label("person"),
            func.coalesce(Event.sample_weight, 1.0).label("weight"),
        )
        .where(*query.conditions(), query.test(question.selector))
        .subquery("rows")
    )
    statement = select(
        rows.c.value,
        rows.c.index,
        func.count(),
        func.sum(rows.c.weight),
        array_agg(rows.c.person.distinct()),
    ).group_by(rows.c.value, rows.c.index)
    for value, index, events, weight, persons in session.execute(statement):
        cells[value][index].add(events, float(weight), BitMap(persons))


def _ranked(cells: Cells, limit: int, *, weighted: bool) -> BreakdownResult:
    def key(item: tuple[str | None, list[Cell]]) -> tuple[float, bool, str]:
        value, line = item
        size = sum(cell.size(weighted=weighted) for cell in line)
        return -size, value is None, value or ""

    ranked = sorted(cells.items(), key=key)
    everything = [cell for _, line in ranked for cell in line]
    return BreakdownResult(
        ranked[:limit],
        len(ranked) > limit,
        sum(cell.events for cell in everything),
        sum(cell.weight for cell in everything),
    )


def _merge(lines: list[list[Cell]]) -> list[Cell]:
    """Some values as one."""
    found = [Cell() for _ in lines[0]] if lines else []
    for line in lines:
        for whole, cell in zip(found, line, strict=True):
            whole.add(cell.events, cell.weight, cell.persons)
    return found
