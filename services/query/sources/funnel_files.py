"""Read the steps of a funnel from the files of sealed days, and from raw rows for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from services.query.execution.context import QueryContext
from services.query.sources.copy_columns import Array, in_order
from services.query.sources.day_files import DayColumns, read_files

_COLUMNS = ("person", "at", "mask")


def read_by_name(
    context: QueryContext,
    names: Sequence[str | None],
    *,
    every_event: bool,
    raw: Callable[[QueryContext], dict[str, Array]],
) -> dict[str, Array]:
    """Return ``person``, ``at`` and ``mask`` of events, by person, time and order of storing.

    Args:
        context: of a query without filters.
        names: the event of each bit of the mask, the lowest first; None: any event.
        every_event: whether events that have no bit are wanted too.
        raw: reads a part of the range from raw rows, in the same order.
    """
    found = read_files(context.session, context.query.project_id, context.query.time_range)
    if not found.days:
        return raw(context)
    context.meta.add_source("sealed")
    context.meta.sealed_dates.update(found.days)
    parts = [
        _masked(columns, names, every_event=every_event)
        for columns in found.days.values()
        if columns is not None
    ]
    parts += [raw(context.within(part)) for part in found.raw]
    joined = {
        name: np.concatenate([part[name] for part in parts]) if parts else np.empty(0, kind)
        for name, kind in zip(_COLUMNS, (np.int32, np.int64, np.int32), strict=True)
    }
    # Parts share no instant, and each is in order: rows at the same time keep theirs.
    order = in_order(joined["person"], joined["at"], np.arange(len(joined["at"])))
    return {name: column[order] for name, column in joined.items()}


def _masked(
    columns: DayColumns, names: Sequence[str | None], *, every_event: bool
) -> dict[str, Array]:
    bits = np.zeros(max(len(columns.names), 1), np.int32)
    for code, name in enumerate(columns.names):
        for bit, wanted in enumerate(names):
            if wanted is None or wanted == name:
                bits[code] |= 1 << bit
    mask = bits[columns.name]
    if every_event or (bits != 0).all():
        return {"person": columns.person, "at": columns.at, "mask": mask}
    chosen = np.flatnonzero(mask)
    return {"person": columns.person[chosen], "at": columns.at[chosen], "mask": mask[chosen]}
