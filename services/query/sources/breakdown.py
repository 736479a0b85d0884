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

from services.query.execution.read_session import Answer
from services.query.parsing.time_range import Range
from services.query.sources.bitmap_cache import stamped_days, value_unions
from services.query.sources.conditions import EVENT_COLUMNS, event_text
from services.query.sources.event_query import Pick, Scope, bucket_number
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import all_of
from services.query.sources.sealed_days import complete_days, coverage, stretches, value_figures
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
class ByValue:
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
class ValueQuestion:
    """What is broken down by what."""

    scope: Scope
    """The events in question; none is before the first of ``starts``."""
    pick: Pick
    property: str
    limit: int
    starts: Sequence[datetime]
    """Of the intervals, ascending."""
    with_rest: bool = False
    """Whether the further values are wanted too, together."""


def by_value(session: Session, question: ValueQuestion, answer: Answer) -> ByValue | None:
    """Break events down by a property, as far as sealed days help.

    Args:
        session: of a ``reading()`` block.
        question: what.
        answer: is told where this was taken from.

    Returns:
        None when no sealed day answers such a question.
    """
    scope, pick, starts = question.scope, question.pick, question.starts
    dimension = _dimension(question.property)
    event = ANY_EVENT if pick.event is None else pick.event
    if (
        dimension is None
        or (event != ANY_EVENT and event not in PAGE_EVENTS)
        or scope.filters.parts
        or pick.filters.parts
    ):
        return None
    cover = coverage(session, scope.project_id, scope.span, starts)
    figures = value_figures(session, scope.project_id, cover.days, dimension, event)
    complete = complete_days(session, scope.project_id, cover.days, event, figures)
    if not complete:
        return None
    cells: Cells = defaultdict(lambda: [Cell() for _ in starts])
    place_of = cover.places(starts)
    for row in figures:
        if row.day in complete:
            cells[row.value][place_of[row.day]].add(row.events, row.weight)
    partial = stretches((day for day in cover.days if day not in complete), scope.span.zone)
    for part in [*cover.raw, *partial]:
        _add_raw(session, question, part, cells)
    found = _ranked(cells, question.limit, weighted=scope.weighted)
    wanted = list(cells) if question.with_rest else [value for value, _ in found.ranked]
    days = stamped_days(cover, starts, complete)
    unions = value_unions(session, scope.project_id, days, (dimension, event), wanted)
    for (place, value), persons in unions.items():
        cells[value][place].persons |= persons
    if question.with_rest:
        found.rest = _together([line for value, line in cells.items() if value not in found.values])
    answer.took_from("mixed" if cover.raw or partial else "sealed")
    return found


def _dimension(name: str) -> str | None:
    """What sealed days call a property; None when they never have it."""
    if name in DIMENSIONS:
        return name
    if name in EVENT_COLUMNS or name == "timestamp":
        return None
    return PROPERTY_PREFIX + name.removeprefix(PROPERTY_PREFIX)


def _add_raw(session: Session, question: ValueQuestion, part: Range, cells: Cells) -> None:
    scope = question.scope.within(part)
    rows = (
        select(
            event_text(question.property).label("value"),
            bucket_number(question.starts).label("place"),
            PERSON.label("person"),
            func.coalesce(Event.sample_weight, 1.0).label("weight"),
        )
        .where(*scope.conditions(), scope.test(question.pick))
        .subquery("rows")
    )
    statement = select(
        rows.c.value,
        rows.c.place,
        func.count(),
        func.sum(rows.c.weight),
        all_of(rows.c.person.distinct()),
    ).group_by(rows.c.value, rows.c.place)
    for value, place, events, weight, persons in session.execute(statement):
        cells[value][place].add(events, float(weight), BitMap(persons))


def _ranked(cells: Cells, limit: int, *, weighted: bool) -> ByValue:
    def key(item: tuple[str | None, list[Cell]]) -> tuple[float, bool, str]:
        value, line = item
        size = sum(cell.size(weighted=weighted) for cell in line)
        return -size, value is None, value or ""

    ranked = sorted(cells.items(), key=key)
    everything = [cell for _, line in ranked for cell in line]
    return ByValue(
        ranked[:limit],
        len(ranked) > limit,
        sum(cell.events for cell in everything),
        sum(cell.weight for cell in everything),
    )


def _together(lines: list[list[Cell]]) -> list[Cell]:
    """Some values as one."""
    found = [Cell() for _ in lines[0]] if lines else []
    for line in lines:
        for whole, cell in zip(found, line, strict=True):
            whole.add(cell.events, cell.weight, cell.persons)
    return found
