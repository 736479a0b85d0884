"""Who was there in an interval, out of sealed days, remembered by this process.

New events change what an answer says of today, and nothing of the days that are sealed: their
bitmaps, united, are kept in memory under what they were made of. A day that is sealed again has
another stamp, and so another key; nothing has to be told.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from cachetools import LRUCache
from pyroaring import BitMap, FrozenBitMap
from sqlalchemy.orm import Session

from services.query.sources.sealed_days import Coverage, person_bitmaps, value_bitmaps

_MAX_BYTES = 64 * 1024 * 1024
_BYTES_OF_AN_ENTRY = 500

VersionedDays = list[tuple[date, datetime]]
"""Sealed days with their stamps."""


def days_by_interval(
    cover: Coverage, starts: Sequence[datetime], usable: Collection[date] | None = None
) -> dict[int, VersionedDays]:
    """The sealed days of each interval, by its number.

    Args:
        cover: of the range, with ``within`` the intervals.
        starts: of the intervals, ascending.
        usable: those of the days to take; None: all.
    """
    found: dict[int, VersionedDays] = defaultdict(list)
    index_of = cover.interval_indexes(starts)
    for day, stamp in zip(cover.days, cover.stamps, strict=True):
        if usable is None or day in usable:
            found[index_of[day]].append((day, stamp))
    return found


def persons_by_interval(
    session: Session, project_id: int, days: Mapping[int, VersionedDays], names: Collection[str]
) -> dict[tuple[int, str], FrozenBitMap]:
    """Who did what, by number of the interval and event name.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: from ``stamped_days``.
        names: event names; ``ANY_EVENT`` is all together.
    """
    wanted = _Lookup((project_id,), days, names)
    if wanted.missing:
        bitmaps = person_bitmaps(session, project_id, wanted.missing_days(), wanted.missing_names())
        wanted.unite([(day, name, bitmap) for (day, name), bitmap in bitmaps.items()])
    return wanted.found


def persons_by_interval_and_value(
    session: Session,
    project_id: int,
    days: Mapping[int, VersionedDays],
    of: tuple[str, str],
    values: Collection[str | None],
) -> dict[tuple[int, str | None], FrozenBitMap]:
    """Who the events of a value were of, by number of the interval and value.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: from ``stamped_days``; their values are complete.
        of: dimension and event name.
        values: of the dimension.
    """
    wanted = _Lookup((project_id, *of), days, values)
    if wanted.missing:
        wanted.unite(
            value_bitmaps(
                session, project_id, wanted.missing_days(), *of, values=wanted.missing_names()
            )
        )
    return wanted.found


class _Lookup:
    """Unions by interval and name: those that are remembered, and those that are not."""

    def __init__(
        self, of: tuple[object, ...], days: Mapping[int, VersionedDays], names: Collection[Any]
    ) -> None:
        self._days = days
        self.found: dict[tuple[int, Any], FrozenBitMap] = {}
        self.missing: dict[tuple[int, Any], tuple[object, ...]] = {}
        for index, stamped in days.items():
            digest = _digest(stamped)
            for name in names:
                key = (*of, name, digest)
                known = _cache.get(key)
                if known is None:
                    self.missing[index, name] = key
                else:
                    self.found[index, name] = known

    def missing_days(self) -> list[date]:
        """The days of which something is not remembered."""
        divisions = {index for index, _ in self.missing}
        return [day for index in sorted(divisions) for day, _ in self._days[index]]

    def missing_names(self) -> list[Any]:
        """The names of which something is not remembered."""
        return list({name for _, name in self.missing})

    def unite(self, bitmaps: Any) -> None:
        """Find, and remember, what is missing, out of (day, name, bitmap)."""
        index_of = {day: index for index, stamped in self._days.items() for day, _ in stamped}
        several: dict[tuple[int, Any], list[BitMap]] = defaultdict(list)
        for day, name, bitmap in bitmaps:
            several[index_of[day], name].append(bitmap)
        for which, key in self.missing.items():
            union = FrozenBitMap.union(FrozenBitMap(), *several[which])
            _cache.put(key, union)
            self.found[which] = union


def _digest(stamped: VersionedDays) -> bytes:
    text = ";".join(f"{day.toordinal()},{stamp.timestamp()!r}" for day, stamp in stamped)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class _LruCache:
    """The unions asked for last, up to so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._lock = threading.Lock()
        self._entries: LRUCache[tuple[object, ...], FrozenBitMap] = LRUCache(
            most_bytes, getsizeof=lambda bitmap: _BYTES_OF_AN_ENTRY + len(bitmap.serialize())
        )

    def get(self, key: tuple[object, ...]) -> FrozenBitMap | None:
        with self._lock:
            return self._entries.get(key)

    def put(self, key: tuple[object, ...], bitmap: FrozenBitMap) -> None:
        # A bitmap that alone is larger than the memory is refused, and read again next time.
        with self._lock, suppress(ValueError):
            self._entries[key] = bitmap


_cache = _LruCache(_MAX_BYTES)
