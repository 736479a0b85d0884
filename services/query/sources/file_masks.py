"""Read which events are selected from the files of sealed days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.parsing.time_range import TimeRange
from services.query.sources.copy_columns import Array
from services.query.sources.day_files import read_files
from services.query.sources.file_columns import DayColumns, TooManyValues
from services.query.sources.file_conditions import Tests, columns_of, find_passing


@dataclass(frozen=True, slots=True)
class SelectedDay:
    """The selected events of a day, by person, time and order of storing."""

    columns: DayColumns
    rows: Array
    """Indexes into the columns."""
    mask: Array
    """A bit for each selector, the lowest for the first."""

    @property
    def person(self) -> Array:
        """The person of each event."""
        return self.columns.person[self.rows]

    @property
    def at(self) -> Array:
        """The time of each event, in microseconds since 1970."""
        return self.columns.at[self.rows]


@dataclass(frozen=True, slots=True)
class Selected:
    """What files know of a range."""

    days: list[SelectedDay]
    raw: list[TimeRange]
    """The rest of the range, ascending, which raw rows answer for."""


def read_selected(
    context: QueryContext,
    selectors: Sequence[EventSelector],
    *,
    every_event: bool = False,
    texts: Iterable[str] = (),
) -> Selected | None:
    """Read the events of selectors from files.

    Args:
        context: of the query.
        selectors: at most 30.
        every_event: whether events that are not selected are wanted too.
        texts: columns that the caller reads besides.

    Returns:
        None if files cannot answer for any day. Otherwise the metadata has their days.
    """
    query = context.query
    filters = [query.filters, *(selector.filters for selector in selectors)]
    tested = columns_of(filters)
    if tested is None:
        return None
    try:
        found = read_files(
            context.session, query.project_id, query.time_range, {"event_name", *tested, *texts}
        )
        if not found.days:
            return None
        days = [columns for columns in found.days.values() if columns is not None]
        tests = find_passing(context, filters, days)
    except TooManyValues:
        return None
    context.meta.add_source("sealed")
    context.meta.sealed_dates.update(found.days)
    selected = [_select(context, columns, selectors, tests, every_event) for columns in days]
    return Selected(selected, found.raw)


def _select(
    context: QueryContext,
    columns: DayColumns,
    selectors: Sequence[EventSelector],
    tests: Tests,
    every_event: bool,
) -> SelectedDay:
    names = columns.texts["event_name"]
    bits = np.zeros(len(names.values), np.int32)
    filtered: list[tuple[int, Array]] = []
    for bit, selector in enumerate(selectors):
        if selector.is_filtered:
            filtered.append((bit, tests.selected(selector, columns)))
        else:
            bits |= [selector.event in {None, name} and 1 << bit for name in names.values]
    wanted = names.among(np.ones(len(bits), bool) if every_event else bits != 0)
    for _, selected in filtered:
        wanted |= selected
    if context.query.is_filtered:
        wanted &= tests.rows(context.query.filters, columns)
    rows = np.flatnonzero(wanted)
    mask = bits[names.codes[rows]]
    for bit, selected in filtered:
        mask |= selected[rows].astype(np.int32) << bit
    return SelectedDay(columns, rows, mask)
