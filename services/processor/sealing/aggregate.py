"""Count a day: events, weight and persons of every name and of every dimension's values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.processor.sealing.rows import Codes, Column, DayRows, weight_sum
from shared.events.dimensions import PAGE_EVENTS, Dimension
from shared.events.person_bitmaps import person_bitmap
from shared.models import ANY_EVENT

MAX_VALUES = 500
"""Values of a dimension that are stored one by one; the others are combined."""

Rows = npt.NDArray[np.int64]
"""Row indexes, ascending; so persons ascend too."""


@dataclass(frozen=True, slots=True)
class Count:
    """Events, the weight they stand for, and their persons."""

    events: int
    weight: float
    persons: int
    bitmap: bytes


@dataclass(frozen=True, slots=True)
class RankedValue:
    """A value of a dimension; rank 0 combines all values beyond the limit."""

    event_name: str
    dimension: str
    rank: int
    value: str | None
    count: Count


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows in groups by a code: the rows of code ``c`` are ``rows[starts[c]:starts[c + 1]]``."""

    rows: Rows
    starts: Rows

    def of(self, code: int) -> Rows:
        """Return the rows of a code, ascending."""
        return self.rows[self.starts[code] : self.starts[code + 1]]

    def size(self, code: int) -> int:
        """Return the number of rows of a code."""
        return int(self.starts[code + 1] - self.starts[code])


def group(codes: Codes, number_of_codes: int, among: Rows | None = None) -> Grouping:
    """Group rows (all, or some) by their code."""
    picked = codes if among is None else codes[among]
    # Sorting 16-bit numbers is a radix sort, several times as fast.
    keys = picked.astype(np.uint16) if number_of_codes <= 1 << 16 else picked
    rows = np.argsort(keys, kind="stable")
    sizes = np.bincount(picked, minlength=number_of_codes)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    return Grouping(rows if among is None else among[rows], starts)


def count_names(day: DayRows) -> dict[str, Count]:
    """Count every event name, and all events together under ``ANY_EVENT``."""
    counts = {ANY_EVENT: _count(day, None)} if len(day) else {}
    grouping = group(day.names.codes, len(day.names.values))
    for code, name in enumerate(day.names.values):
        if name is not None and grouping.size(code):
            counts[name] = _count(day, grouping.of(code))
    return counts


def count_dimensions(day: DayRows) -> Iterator[RankedValue]:
    """Count every dimension, for all events together and for each kind of page event."""
    if not len(day):
        return
    yield from _count_values(day, ANY_EVENT, None)
    grouping = group(day.names.codes, len(day.names.values))
    for name in PAGE_EVENTS:
        code = day.names.values.index(name) if name in day.names.values else -1
        if code >= 0 and grouping.size(code):
            yield from _count_values(day, name, grouping.of(code))


def _count_values(day: DayRows, event_name: str, among: Rows | None) -> Iterator[RankedValue]:
    for dimension, column in day.dimensions.items():
        is_property = Dimension.parse(dimension).property_key is not None
        grouping = group(column.codes, len(column.values), among)
        ranked = rank(column, grouping)
        if is_property and len(ranked) > MAX_VALUES:
            continue  # the sample was misleading: the property has many values after all
        for position, code in enumerate(ranked[:MAX_VALUES], start=1):
            yield RankedValue(
                event_name,
                dimension,
                position,
                column.values[code],
                _count(day, grouping.of(code)),
            )
        if len(ranked) > MAX_VALUES:
            others = np.sort(np.concatenate([grouping.of(c) for c in ranked[MAX_VALUES:]]))
            yield RankedValue(event_name, dimension, 0, None, _count(day, others))


def rank(column: Column, grouping: Grouping) -> list[int]:
    """Rank the codes that occur, most events first; ties by value, missing values last."""
    occurring = [code for code in range(len(column.values)) if grouping.size(code)]
    return sorted(
        occurring,
        key=lambda code: (
            -grouping.size(code),
            column.values[code] is None,
            column.values[code] or "",
        ),
    )


def _count(day: DayRows, rows: Rows | None) -> Count:
    persons = day.persons if rows is None else day.persons[rows]
    bitmap = person_bitmap(persons)
    # The same set must have the same bytes, however it was built.
    bitmap.run_optimize()
    events = len(persons)
    if day.weights is None:
        weight = float(events)
    else:
        units = day.weights if rows is None else day.weights[rows]
        weight = weight_sum(float(units.sum()))
    return Count(events, weight, len(bitmap), bitmap.serialize())


def _distinct(ascending: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    if len(ascending) < 2:
        return ascending
    return ascending[np.concatenate(([True], ascending[1:] != ascending[:-1]))]


def distinct_persons(day: DayRows, rows: Rows) -> int:
    """Count the different persons of some rows (ascending)."""
    return len(_distinct(day.persons[rows]))
