"""In-process cache of the persons active in an interval of sealed days.

New events change what a query says of today, and nothing of the days that are sealed. The union of
their bitmaps is therefore kept in memory, under the versions of the days that it was made of. A day
that is sealed again has another version and so another key: nothing has to be invalidated.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from cachetools import LRUCache
from pyroaring import BitMap, FrozenBitMap
from sqlalchemy.orm import Session

from services.query.sources.coverage import SealedDay
from services.query.sources.sealed_days import person_bitmaps, value_bitmaps

MAX_BYTES = 64 * 1024 * 1024
_ENTRY_BYTES = 500
"""What an entry takes besides its bitmap."""
Key = tuple[object, ...]


def persons_by_interval(
    session: Session, project_id: int, days: Sequence[SealedDay], event_names: Collection[str]
) -> dict[tuple[int, str], FrozenBitMap]:
    """Return the persons by interval and event name.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: sealed days, ascending.
        event_names: ``ANY_EVENT`` is all names together.
    """
    lookup = _Lookup((project_id,), days, event_names)
    if lookup.missing:
        bitmaps = person_bitmaps(session, project_id, lookup.missing_days(), lookup.missing_names())
        lookup.add((day, name, bitmap) for (day, name), bitmap in bitmaps.items())
    return lookup.found


def persons_by_interval_and_value(  # noqa: PLR0917
    session: Session,
    project_id: int,
    days: Sequence[SealedDay],
    dimension: str,
    event_name: str,
    values: Collection[str | None],
) -> dict[tuple[int, str | None], FrozenBitMap]:
    """Return the persons by interval and value of a dimension.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: sealed days, ascending, that know every value of the dimension.
        dimension: the dimension.
        event_name: the events whose values these are.
        values: the wanted values.
    """
    lookup = _Lookup((project_id, dimension, event_name), days, values)
    if lookup.missing:
        lookup.add(
            value_bitmaps(
                session,
                project_id,
                lookup.missing_days(),
                dimension,
                event_name,
                values=lookup.missing_names(),
            )
        )
    return lookup.found


class _Lookup:
    """The unions of some days by interval and name: those in the cache, and those that are not."""

    def __init__(
        self, prefix: Key, days: Sequence[SealedDay], names: Collection[str | None]
    ) -> None:
        self._days: dict[int, list[SealedDay]] = defaultdict(list)
        for sealed in days:
            self._days[sealed.interval].append(sealed)
        self.found: dict[tuple[int, Any], FrozenBitMap] = {}
        self.missing: dict[tuple[int, Any], Key] = {}
        for interval, inside in self._days.items():
            digest = _digest(inside)
            for name in names:
                key = (*prefix, name, digest)
                known = process_cache.get(key)
                if known is None:
                    self.missing[interval, name] = key
                else:
                    self.found[interval, name] = known

    def missing_days(self) -> list[date]:
        """Return the days of every interval with a missing bitmap."""
        intervals = {interval for interval, _ in self.missing}
        return [sealed.day for interval in sorted(intervals) for sealed in self._days[interval]]

    def missing_names(self) -> list[Any]:
        """Return the names that are not in the cache for every interval."""
        return list({name for _, name in self.missing})

    def add(self, bitmaps: Iterable[tuple[date, Any, BitMap]]) -> None:
        """Unite the bitmaps of the missing days and names, and put the unions into the cache."""
        interval_of = {
            sealed.day: interval for interval, days in self._days.items() for sealed in days
        }
        groups: dict[tuple[int, Any], list[BitMap]] = defaultdict(list)
        for day, name, bitmap in bitmaps:
            groups[interval_of[day], name].append(bitmap)
        for which, key in self.missing.items():
            union = FrozenBitMap.union(FrozenBitMap(), *groups[which])
            process_cache.put(key, union)
            self.found[which] = union


def _digest(days: Sequence[SealedDay]) -> bytes:
    text = ";".join(f"{one.day.toordinal()},{one.version.timestamp()!r}" for one in days)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class BitmapCache:
    """The most recently used bitmaps, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._lock = threading.Lock()
        self._entries: LRUCache[Key, FrozenBitMap] = LRUCache(
            max_bytes, getsizeof=lambda bitmap: _ENTRY_BYTES + len(bitmap.serialize())
        )

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> FrozenBitMap | None:
        """Return a bitmap, or None."""
        with self._lock:
            return self._entries.get(key)

    def put(self, key: Key, bitmap: FrozenBitMap) -> None:
        """Add a bitmap; the least recently used ones make room for it."""
        # A bitmap that alone exceeds the limit is refused, and read again the next time.
        with self._lock, suppress(ValueError):
            self._entries[key] = bitmap


process_cache = BitmapCache(MAX_BYTES)
