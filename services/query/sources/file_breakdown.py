"""Break events down by a property from the files of sealed days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pyroaring import BitMap

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.parsing.time_range import TimeRange
from services.query.sources.copy_columns import Array, interval_numbers
from services.query.sources.event_columns import event_values
from services.query.sources.file_columns import TooManyValues
from services.query.sources.file_conditions import column_of, different_values, evaluate
from services.query.sources.file_masks import SelectedDay, read_selected
from shared.events.person_bitmaps import person_bitmap

_ROWS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class FileCell:
    """What files add to one value in one interval."""

    value: str | None
    interval: int
    events: int
    first_events: int
    """Events of which this is the first value."""
    persons: BitMap


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a property by text of its column: of an array its different elements."""

    values: list[str | None]
    by_text: dict[str | None, list[int]]
    """Indexes of ``values``."""

    @property
    def has_several(self) -> bool:
        return any(len(found) > 1 for found in self.by_text.values())


def read_cells(
    context: QueryContext, selector: EventSelector, name: str, *, arrays: bool
) -> tuple[Iterator[FileCell], list[TimeRange]] | None:
    """Return the cells of a property and the rest of the range; a cell may come several times.

    Args:
        context: of the query; weights are not read.
        selector: the events.
        name: the property.
        arrays: whether an event may have several values.

    Returns:
        None if files cannot answer.
    """
    column = column_of(name)
    if column is None:
        return None
    found = read_selected(context, [selector], texts=[column])
    if found is None:
        return None
    try:
        values = _read_values(context, column, name, found.days)
    except TooManyValues:
        return None
    if values.has_several and not arrays:
        return None
    return _cells(context, column, values, found.days), found.raw


def _read_values(context: QueryContext, column: str, name: str, days: list[SelectedDay]) -> _Values:
    texts = different_values(column, [day.columns for day in days])
    numbers: dict[str | None, int] = {}
    by_text: dict[str | None, list[int]] = {text: [] for text in texts}
    for position, value in evaluate(context, column, texts, [event_values(name)]):
        by_text[texts[position - 1]].append(numbers.setdefault(value, len(numbers)))
    return _Values(list(numbers), by_text)


def _cells(
    context: QueryContext, column: str, values: _Values, days: list[SelectedDay]
) -> Iterator[FileCell]:
    waiting: list[tuple[Array, Array, Array]] = []
    for number, day in enumerate(days, 1):
        waiting.append(_keys(context, column, values, day))
        if number == len(days) or sum(len(keys) for keys, _, _ in waiting) > _ROWS_AT_ONCE:
            yield from _count(
                values, *(np.concatenate(parts) for parts in zip(*waiting, strict=True))
            )
            waiting = []


def _keys(
    context: QueryContext, column: str, values: _Values, day: SelectedDay
) -> tuple[Array, Array, Array]:
    """Return of each value of each event: interval and value as one number; person; is it first."""
    coded = day.columns.texts[column]
    lists = [values.by_text[text] for text in coded.values]
    # NumPy sorts numbers of 16 bits by counting.
    kind = np.min_scalar_type(len(context.starts) * len(values.values))
    first = np.array([found[0] for found in lists], kind)
    codes = coded.codes[day.rows]
    person = day.person
    intervals = np.zeros(1, kind)
    if len(context.starts) > 1:
        intervals = interval_numbers(day.at, context.starts).astype(kind) * len(values.values)
    keys = first[codes] + intervals
    is_first = np.ones(len(keys), bool)
    parts = [(keys, person, is_first)]
    for code, found in enumerate(lists):
        if len(found) > 1:
            rows = np.flatnonzero(codes == code)
            begins = np.broadcast_to(intervals, len(keys))[rows]
            later = np.zeros(len(rows), bool)
            parts += [((begins + value).astype(kind), person[rows], later) for value in found[1:]]
    if len(parts) == 1:
        return parts[0]
    keys, person, is_first = (np.concatenate(column) for column in zip(*parts, strict=True))
    return keys, person, is_first


def _count(values: _Values, keys: Array, person: Array, is_first: Array) -> Iterator[FileCell]:
    if not len(keys):
        return
    order = np.argsort(keys, kind="stable")
    keys, person = keys[order], person[order]
    has_several = values.has_several
    is_first = is_first[order] if has_several else is_first
    edges = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
    for begin, end in pairwise(edges):
        interval, value = divmod(int(keys[begin]), len(values.values))
        persons = person_bitmap(person[begin:end])
        firsts = int(np.count_nonzero(is_first[begin:end])) if has_several else end - begin
        yield FileCell(values.values[value], interval, end - begin, firsts, persons)
