"""Who did something in which interval, as bitmaps of person numbers.

What uniques, retention, lifecycle and stickiness are made of. Sealed days answer for what they can,
raw rows for the rest: open and dirty days, intervals shorter than a day, and anything filtered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from itertools import pairwise

import numpy as np
from pyroaring import BitMap
from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import Answer
from services.query.parsing.time_range import Range
from services.query.sources.bitmap_cache import person_unions, stamped_days
from services.query.sources.conditions import where
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_query import Pick, Scope
from services.query.sources.person_identity import PERSON
from services.query.sources.sealed_days import Coverage, coverage
from shared.models import ANY_EVENT, Event

Intervals = list[BitMap]
"""The persons of each interval."""


def presence(
    session: Session,
    scope: Scope,
    picks: Sequence[Pick],
    starts: Sequence[datetime],
    answer: Answer,
) -> list[Intervals]:
    """For each pick: who did it in each interval.

    Args:
        session: of a ``reading()`` block.
        scope: the events in question; none is before the first of ``starts``.
        picks: at most 30.
        starts: of the intervals, ascending.
        answer: is told where this was taken from.
    """
    found: list[Intervals] = [[BitMap() for _ in starts] for _ in picks]
    cover = _coverage(session, scope, picks, starts)
    _add_sealed(session, scope, picks, starts, cover, found)
    for part in cover.raw:
        _add_raw(session, scope.within(part), picks, starts, found)
    answer.took_from(cover.source)
    return found


def seen_before(session: Session, scope: Scope, pick: Pick) -> BitMap:
    """The persons who did it before the range began."""
    ever = Range(datetime(1970, 1, 1, tzinfo=timezone.utc), scope.span.start, scope.span.zone)
    cover = _coverage(session, scope.within(ever), [pick], ())
    days = stamped_days(cover, [ever.start])
    unions = person_unions(session, scope.project_id, days, [_name(pick)])
    found = BitMap.union(BitMap(), *unions.values())
    for part in cover.raw:
        conditions = [
            Event.project_id == scope.project_id,
            Event.timestamp >= part.start,
            Event.timestamp < part.end,
            scope.test(pick),
        ]
        if scope.filters.parts:
            conditions.append(where(scope.filters, scope.project_id, scope.span))
        rows = fetch(
            session, select(PERSON).where(*conditions).group_by(PERSON), {"person": "integer"}
        )
        found |= _bitmap(rows["person"])
    return found


def _coverage(
    session: Session, scope: Scope, picks: Sequence[Pick], starts: Sequence[datetime]
) -> Coverage:
    if scope.filters.parts or any(pick.filters.parts for pick in picks):
        return Coverage([], [], [], [scope.span])
    return coverage(session, scope.project_id, scope.span, starts)


def _name(pick: Pick) -> str:
    return ANY_EVENT if pick.event is None else pick.event


def _add_sealed(  # noqa: PLR0917
    session: Session,
    scope: Scope,
    picks: Sequence[Pick],
    starts: Sequence[datetime],
    cover: Coverage,
    found: list[Intervals],
) -> None:
    days = stamped_days(cover, starts)
    unions = person_unions(session, scope.project_id, days, {_name(pick) for pick in picks})
    for pick, intervals in zip(picks, found, strict=True):
        for place in days:
            intervals[place] |= unions[place, _name(pick)]


def _add_raw(
    session: Session,
    scope: Scope,
    picks: Sequence[Pick],
    starts: Sequence[datetime],
    found: list[Intervals],
) -> None:
    tests = [scope.test(pick) for pick in picks]
    mask = sum((case((test, 1 << place), else_=0) for place, test in enumerate(tests[1:], 1)),
               case((tests[0], 1), else_=0))  # fmt: skip
    rows = fetch(
        session,
        select(PERSON, Event.timestamp, mask).where(*scope.conditions(), or_(*tests)),
        {"person": "integer", "at": "moment", "mask": "integer"},
    )
    order = np.argsort(rows["at"], kind="stable")
    person, hits = rows["person"][order], rows["mask"][order]
    edges = np.searchsorted(rows["at"][order], [microseconds(start) for start in starts[1:]])
    for place, (first, last) in enumerate(pairwise([0, *edges.tolist(), len(person)])):
        if first == last:
            continue
        for bit, intervals in enumerate(found):
            hit = (hits[first:last] >> bit) & 1 == 1
            intervals[place] |= _bitmap(person[first:last][hit])


def _bitmap(persons: Array) -> BitMap:
    return BitMap(np.ascontiguousarray(np.unique(persons), dtype=np.uint32))


def by_times(persons: Intervals) -> Intervals:
    """By n, from 0 to the number of intervals: who was there in exactly n of them (0: not said).

    All persons are counted at once, in binary: a full adder makes two bitmaps of three, the sum and
    what is carried to the next binary digit, until each digit has one bitmap. That takes a fifth of
    the time of counting person by person, and depends little on how many persons there are.
    """
    digits = [list(persons)]
    for digit in digits:
        carried: Intervals = []
        while len(digit) > 2:
            one, two, three = digit.pop(), digit.pop(), digit.pop()
            either = one ^ two
            digit.append(either ^ three)
            carried.append((one & two) | (either & three))
        if len(digit) == 2:
            one, two = digit
            digit[:] = [one ^ two]
            carried.append(one & two)
        if carried:
            digits.append(carried)
    found = [BitMap() for _ in range(len(persons) + 1)]
    waiting = [(BitMap.union(BitMap(), *persons), len(digits), 0)]
    while waiting:
        members, digit_number, times = waiting.pop()
        if not members:
            continue
        if not digit_number:
            found[times] = members
            continue
        [digit_members] = digits[digit_number - 1] or [BitMap()]
        bit = 1 << digit_number - 1
        waiting.append((members & digit_members, digit_number - 1, times | bit))
        waiting.append((members - digit_members, digit_number - 1, times))
    return found


def number_of(starts: Sequence[datetime], now: datetime) -> int:
    """How many of the intervals have begun."""
    return sum(start <= now for start in starts)
