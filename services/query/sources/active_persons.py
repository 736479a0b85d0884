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

from services.query.execution.read_session import ResultMeta
from services.query.parsing.time_range import TimeRange
from services.query.sources.bitmap_cache import days_by_interval, persons_by_interval
from services.query.sources.conditions import filter_condition
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_query import EventQuery, EventSelector
from services.query.sources.person_identity import PERSON
from services.query.sources.sealed_days import Coverage, coverage
from shared.models import ANY_EVENT, Event

PersonsByInterval = list[BitMap]
"""The persons of each interval."""


def active_persons(
    session: Session,
    query: EventQuery,
    selectors: Sequence[EventSelector],
    starts: Sequence[datetime],
    meta: ResultMeta,
) -> list[PersonsByInterval]:
    """For each pick: who did it in each interval.

    Args:
        session: of a ``read_only_session()`` block.
        query: the events in question; none is before the first of ``starts``.
        selectors: at most 30.
        starts: of the intervals, ascending.
        meta: receives the sources that were read.
    """
    found: list[PersonsByInterval] = [[BitMap() for _ in starts] for _ in selectors]
    cover = _coverage(session, query, selectors, starts)
    _add_sealed(session, query, selectors, starts, cover, found)
    for part in cover.raw:
        _add_raw(session, query.within(part), selectors, starts, found)
    meta.add_source(cover.source)
    return found


def active_before(session: Session, query: EventQuery, selector: EventSelector) -> BitMap:
    """The persons who did it before the range began."""
    ever = TimeRange(
        datetime(1970, 1, 1, tzinfo=timezone.utc), query.time_range.start, query.time_range.zone
    )
    cover = _coverage(session, query.within(ever), [selector], ())
    days = days_by_interval(cover, [ever.start])
    unions = persons_by_interval(session, query.project_id, days, [_name(selector)])
    found = BitMap.union(BitMap(), *unions.values())
    for part in cover.raw:
        conditions = [
            Event.project_id == query.project_id,
            Event.timestamp >= part.start,
            Event.timestamp < part.end,
            query.test(selector),
        ]
        if query.filters.parts:
            conditions.append(filter_condition(query.filters, query.project_id, query.time_range))
        rows = fetch(
            session, select(PERSON).where(*conditions).group_by(PERSON), {"person": "integer"}
        )
        found |= _bitmap(rows["person"])
    return found


def _coverage(
    session: Session,
    query: EventQuery,
    selectors: Sequence[EventSelector],
    starts: Sequence[datetime],
) -> Coverage:
    if query.filters.parts or any(selector.filters.parts for selector in selectors):
        return Coverage([], [], [], [query.time_range])
    return coverage(session, query.project_id, query.time_range, starts)


def _name(selector: EventSelector) -> str:
    return ANY_EVENT if selector.event is None else selector.event


def _add_sealed(  # noqa: PLR0917
    session: Session,
    query: EventQuery,
    selectors: Sequence[EventSelector],
    starts: Sequence[datetime],
    cover: Coverage,
    found: list[PersonsByInterval],
) -> None:
    days = days_by_interval(cover, starts)
    unions = persons_by_interval(
        session, query.project_id, days, {_name(selector) for selector in selectors}
    )
    for selector, intervals in zip(selectors, found, strict=True):
        for index in days:
            intervals[index] |= unions[index, _name(selector)]


def _add_raw(
    session: Session,
    query: EventQuery,
    selectors: Sequence[EventSelector],
    starts: Sequence[datetime],
    found: list[PersonsByInterval],
) -> None:
    tests = [query.test(selector) for selector in selectors]
    mask = sum((case((test, 1 << index), else_=0) for index, test in enumerate(tests[1:], 1)),
               case((tests[0], 1), else_=0))  # fmt: skip
    rows = fetch(
        session,
        select(PERSON, Event.timestamp, mask).where(*query.conditions(), or_(*tests)),
        {"person": "integer", "at": "moment", "mask": "integer"},
    )
    order = np.argsort(rows["at"], kind="stable")
    person, hits = rows["person"][order], rows["mask"][order]
    edges = np.searchsorted(rows["at"][order], [microseconds(start) for start in starts[1:]])
    for index, (first, last) in enumerate(pairwise([0, *edges.tolist(), len(person)])):
        if first == last:
            continue
        for bit, intervals in enumerate(found):
            hit = (hits[first:last] >> bit) & 1 == 1
            intervals[index] |= _bitmap(person[first:last][hit])


def _bitmap(persons: Array) -> BitMap:
    return BitMap(np.ascontiguousarray(np.unique(persons), dtype=np.uint32))


def persons_by_frequency(persons: PersonsByInterval) -> PersonsByInterval:
    """By n, from 0 to the number of intervals: who was there in exactly n of them (0: not said).

    All persons are counted at once, in binary: a full adder makes two bitmaps of three, the sum and
    what is carried to the next binary digit, until each digit has one bitmap. That takes a fifth of
    the time of counting person by person, and depends little on how many persons there are.
    """
    digits = [list(persons)]
    for digit in digits:
        carried: PersonsByInterval = []
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


def count_started(starts: Sequence[datetime], now: datetime) -> int:
    """How many of the intervals have begun."""
    return sum(start <= now for start in starts)
