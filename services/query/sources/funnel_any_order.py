"""When steps are done in any order, if each event does one step only.

Events do n steps if each of n steps can be given an event of its own: a matching of steps and
events. Mostly one event matches one step, and the times of the steps are all that is needed. Steps
of one event name, or with filters that overlap, share events and are computed together.
"""

from __future__ import annotations

import numpy as np

from services.query.parsing.errors import invalid_field
from services.query.sources.copy_columns import Array

MAX_PARTLY_OVERLAPPING = 6
"""Steps that share some events, while none of them matches all events of the others."""


def rows_when_done(mask: Array, steps: int) -> list[Array]:
    """Return, for n = 1, 2 …, the row by which n steps are done with the events from each row on.

    Args:
        mask: a bit for each step that the row's event matches.
        steps: the number of steps.

    Returns:
        For every row the index of a later row or of itself; the number of rows means never.

    Raises:
        Unprocessable: too many steps overlap partly.
    """
    kinds = [kind for kind in np.unique(mask).tolist() if kind]
    return _in_order(_when_done(mask, (1 << steps) - 1, kinds))


def _in_order(rows: list[Array]) -> list[Array]:
    return list(np.sort(np.stack(rows), axis=0)) if rows else []


def _when_done(mask: Array, steps: int, kinds: list[int]) -> list[Array]:
    """Return the rows by which 1, 2 … of the steps are done, of each part for itself."""
    return [row for part in _parts(steps, kinds) for row in _part_when_done(mask, part, kinds)]


def _parts(steps: int, kinds: list[int]) -> list[int]:
    """Divide steps, given as bits, into parts that share no event."""
    parts = [1 << bit for bit in range(steps.bit_length()) if steps >> bit & 1]
    for kind in kinds:
        shared = [part for part in parts if part & kind]
        parts = [part for part in parts if not part & kind]
        if shared:
            parts.append(sum(shared))
    return parts


def _part_when_done(mask: Array, part: int, kinds: list[int]) -> list[Array]:
    size = part.bit_count()
    flexible = part
    for kind in kinds:
        if kind & part:
            flexible &= kind
    if not flexible:
        return _any_matching(mask, part)
    # Any event of the part does for the flexible steps: n steps are done once there are n events,
    # and the other steps are as far as n events less those for the flexible ones.
    spare = flexible.bit_count()
    others = _in_order(_when_done(mask, part & ~flexible, kinds))
    rows = _next_rows(mask, part, size)
    return [*rows[:spare], *(np.maximum(*pair) for pair in zip(rows[spare:], others, strict=True))]


def _any_matching(mask: Array, part: int) -> list[Array]:
    """Apply Hall's theorem: n of the steps can be matched if no subset has too few events."""
    size = part.bit_count()
    if size > MAX_PARTLY_OVERLAPPING:
        raise invalid_field(
            "steps",
            f"In any order, at most {MAX_PARTLY_OVERLAPPING} steps may match events of each other "
            "in part. Use fewer steps, or steps with different events.",
        )
    rows = [np.zeros(len(mask), np.int64) for _ in range(size)]
    subset = part
    while subset:
        lacking = size - subset.bit_count()
        for row, nth in zip(rows[lacking:], _next_rows(mask, subset, size - lacking), strict=True):
            np.maximum(row, nth, out=row)
        subset = (subset - 1) & part
    return rows


def _next_rows(mask: Array, steps: int, count: int) -> list[Array]:
    """Return, for every row, the first rows from there on that match one of the steps."""
    hit = (mask & steps) != 0
    hits = np.append(np.flatnonzero(hit), np.full(count, len(mask)))
    before = np.cumsum(hit) - hit
    return [hits[n:][before] for n in range(count)]
