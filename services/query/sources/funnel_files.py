"""Read the steps of a funnel from the files of sealed days, and from raw rows for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.copy_columns import Array, in_order
from services.query.sources.day_files import read_files
from services.query.sources.file_columns import DayColumns, TooManyValues
from services.query.sources.file_conditions import Tests, columns_of, find_passing

_COLUMNS = ("person", "at", "mask")


def read_masks(
    context: QueryContext,
    selectors: Sequence[EventSelector],
    *,
    every_event: bool,
    raw: Callable[[QueryContext], dict[str, Array]],
) -> dict[str, Array]:
    """Return ``person``, ``at`` and ``mask`` of events, by person, time and order of storing.

    Args:
        context: of the query.
        selectors: the events of each bit of the mask, the lowest first.
        every_event: whether events that have no bit are wanted too.
        raw: reads a part of the range from raw rows, in the same order.
    """
    query = context.query
    filters = [query.filters, *(selector.filters for selector in selectors)]
    tested = columns_of(filters)
    if tested is None:
        return raw(context)
    try:
        found = read_files(
            context.session, query.project_id, query.time_range, {"event_name", *tested}
        )
        days = [columns for columns in found.days.values() if columns is not None]
        tests = find_passing(context, filters, days)
    except TooManyValues:
        return raw(context)
    if not found.days:
        return raw(context)
    context.meta.add_source("sealed")
    context.meta.sealed_dates.update(found.days)
    parts = [_masked(context, columns, selectors, tests, every_event) for columns in days]
    parts += [raw(context.within(part)) for part in found.raw]
    joined = {
        name: np.concatenate([part[name] for part in parts]) if parts else np.empty(0, kind)
        for name, kind in zip(_COLUMNS, (np.int32, np.int64, np.int32), strict=True)
    }
    # Parts share no instant, and each is in order: rows at the same time keep theirs.
    order = in_order(joined["person"], joined["at"], np.arange(len(joined["at"])))
    return {name: column[order] for name, column in joined.items()}


def _masked(
    context: QueryContext,
    columns: DayColumns,
    selectors: Sequence[EventSelector],
    tests: Tests,
    every_event: bool,
) -> dict[str, Array]:
    names = columns.texts["event_name"]
    bits = np.zeros(len(names.values), np.int32)
    for bit, selector in enumerate(selectors):
        if not selector.is_filtered:
            bits |= [selector.event in {None, name} and 1 << bit for name in names.values]
    mask = bits[names.codes]
    for bit, selector in enumerate(selectors):
        if selector.is_filtered:
            mask |= tests.selected(selector, columns).astype(np.int32) << bit
    wanted = np.ones(len(mask), bool) if every_event else mask != 0
    if context.query.is_filtered:
        wanted &= tests.rows(context.query.filters, columns)
    chosen = np.flatnonzero(wanted)
    return {"person": columns.person[chosen], "at": columns.at[chosen], "mask": mask[chosen]}
