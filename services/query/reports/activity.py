"""Who was active in which interval: what retention, lifecycle and stickiness are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from services.query.columns import Array, fetch, microseconds
from services.query.conditions import where
from services.query.identity import PERSON
from services.query.questions import Pick, Scope
from shared.models import Event


def active(
    session: Session, scope: Scope, picks: Sequence[Pick], starts: Sequence[datetime]
) -> list[tuple[Array, Array]]:
    """For each pick: who did it when, each pair of person and interval once, sorted by both.

    Args:
        session: of a ``reading()`` block.
        scope: the rows in question; none is before the first of ``starts``.
        picks: at most 30.
        starts: of the intervals.
    """
    tests = [scope.test(pick) for pick in picks]
    mask = sum((case((test, 1 << place), else_=0) for place, test in enumerate(tests[1:], 1)),
               case((tests[0], 1), else_=0))  # fmt: skip
    rows = fetch(
        session,
        select(PERSON, Event.timestamp, mask).where(*scope.conditions(), or_(*tests)),
        {"person": "integer", "at": "moment", "mask": "integer"},
    )
    edges = np.array([microseconds(start) for start in starts])
    place = np.searchsorted(edges, rows["at"], side="right") - 1
    pair = rows["person"].astype(np.int64) * len(starts) + place
    found = []
    for bit in range(len(picks)):
        unique = np.unique(pair[(rows["mask"] >> bit) & 1 == 1])
        found.append((unique // len(starts), unique % len(starts)))
    return found


def seen_before(session: Session, scope: Scope, pick: Pick) -> Array:
    """The persons (ascending) who did it before the range began."""
    conditions = [Event.project_id == scope.project_id, Event.timestamp < scope.span.start]
    if scope.filters.parts:
        conditions.append(where(scope.filters, scope.project_id, scope.span))
    rows = fetch(
        session,
        select(PERSON).where(*conditions, scope.test(pick)).group_by(PERSON),
        {"person": "integer"},
    )
    return np.sort(rows["person"])


def first_of_each(person: Array) -> Array:
    """The places at which a new person begins in a sorted array."""
    if not len(person):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.concatenate(([True], person[1:] != person[:-1])))


def number_of(starts: Sequence[datetime], now: datetime) -> int:
    """How many of the intervals have begun."""
    return sum(start <= now for start in starts)
