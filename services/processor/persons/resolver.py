"""Resolve distinct ids to persons, and create persons for new ids.

Persons are created in a short transaction of their own, before the one that stores the events: so
the row that counts a project's persons is never locked for the duration of a batch. A crash in
between leaves persons without events; they are used when the events are delivered again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sized
from datetime import datetime, timezone

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.persons import changes, store
from services.processor.persons.store import DayRange, PersonNumber
from services.processor.storing.rows import (
    Incoming,
    PersonKey,
    Span,
    day_number,
    to_datetime,
    utc_day,
)

_MAX_REMEMBERED = 200_000


class PersonsChanged(Exception):
    """A person was deleted, or an id left a person, after being resolved; resolve again."""


class PersonResolver:
    """Resolve persons, and cache recent ones."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._known: dict[PersonKey, int] = {}
        self._followed: dict[int, int] = {}  # by project: how many changes have been read
        self._removed: dict[PersonNumber, int | None] = {}
        self._deleted_at: dict[PersonKey, datetime] = {}
        self._active_days: dict[PersonNumber, DayRange] = {}  # committed days only
        self._claimed: set[PersonKey] = set()

    def resolve(
        self, connection: Connection, spans: Mapping[PersonKey, Span]
    ) -> dict[PersonKey, int]:
        """Return person numbers, creating new persons. Commits if it reads the database.

        Args:
            connection: of the processor.
            spans: keys, with the time span of their events. A key whose person was deleted after
                that span has no number, and is left out.
        """
        caches: list[Sized] = [self._known, self._removed, self._active_days, self._claimed]
        if max(map(len, caches)) > _MAX_REMEMBERED:
            self._clear()
        missing = sorted(key for key in spans if key not in self._known)
        if missing:
            self._look_up(connection, missing, spans)
        return {key: self._known[key] for key in spans if key in self._known}

    def confirm(self, cursor: Cursor, persons: Mapping[PersonKey, int]) -> Mapping[PersonKey, int]:
        """Return the persons as they are now; they stay so until the transaction ends.

        Raises:
            PersonsChanged: one of them was deleted, or an id has left its person.
        """
        for project_id, number in changes.lock_shared(cursor, {key[0] for key in persons}).items():
            if number != self._followed.get(project_id, number):
                self._follow(cursor, project_id)
        if not self._removed:
            return persons
        return {key: self._current(key, person) for key, person in persons.items()}

    def unrecorded_days(
        self, persons: Mapping[PersonKey, int], spans: Mapping[PersonKey, Span]
    ) -> dict[PersonNumber, DayRange]:
        """Return the active days of persons that their rows do not cover yet."""
        found: dict[PersonNumber, DayRange] = {}
        for key, span in spans.items():
            person = (key[0], persons[key])
            first, last = utc_day(span.first_us), utc_day(span.last_us)
            active = self._active_days.get(person)
            if active is None or first < active[0] or last > active[1]:
                _widen(found, person, (first, last))
        return found

    def remember_days(self, days: Mapping[PersonNumber, DayRange]) -> None:
        """Remember active days that were committed."""
        for person, active in days.items():
            _widen(self._active_days, person, active)

    def is_from_before_deletion(self, item: Incoming) -> bool:
        """Return whether the event is older than its person's deletion."""
        return bool(self._deleted_at) and self._is_before_deletion(
            item.person_key, item.happened_by_us
        )

    def _is_before_deletion(self, key: PersonKey, time_us: int) -> bool:
        deleted_at = self._deleted_at.get(key)
        return deleted_at is not None and to_datetime(time_us) <= deleted_at

    def invalidate(self, keys: Iterable[PersonKey]) -> None:
        """Remove ids from the cache, so that they are looked up again."""
        for key in keys:
            self._known.pop(key, None)
            self._claimed.discard(key)

    def is_unclaimed(self, key: PersonKey) -> bool:
        """Return whether it is not known here that a secret key has used the id."""
        return key not in self._claimed

    def remember_claimed(self, keys: Iterable[PersonKey]) -> None:
        """Remember ids that secret keys have used."""
        self._claimed.update(keys)

    def _current(self, key: PersonKey, person: int) -> int:
        while (key[0], person) in self._removed:
            into = self._removed[key[0], person]
            if into is None:
                self.invalidate([key])
                raise PersonsChanged
            person = into
        self._known[key] = person
        return person

    def _follow(self, cursor: Cursor, project_id: int) -> None:
        found = changes.list_since(cursor, project_id, self._followed[project_id])
        self._removed.update({(project_id, person): into for person, into in found})
        self._followed[project_id] += len(found)
        if any(person == changes.MOVED_IDS for person, _ in found):
            self.invalidate([key for key in self._known if key[0] == project_id])
            raise PersonsChanged

    def _look_up(
        self, connection: Connection, keys: list[PersonKey], spans: Mapping[PersonKey, Span]
    ) -> None:
        made: dict[PersonKey, int] = {}
        with connection.cursor() as cursor:
            new_project_ids = sorted({key[0] for key in keys} - self._followed.keys())
            if new_project_ids:
                # Before any of their ids is looked up, so that later changes are noticed.
                known = changes.count_by_project(cursor, new_project_ids)
                self._followed.update({one: known.get(one, 0) for one in new_project_ids})
            found = store.profiles(cursor, keys)
            self._deleted_at.update(_tombstones(cursor, keys))
            new = [
                key
                for key in keys
                if key not in found and not self._is_before_deletion(key, spans[key].happened_by_us)
            ]
            # Some events of a deleted person may be older than that, and are not stored.
            days = {
                key: (utc_day(spans[key].first_us), utc_day(spans[key].last_us))
                for key in new
                if key not in self._deleted_at
            }
            if new:
                by_secret_key = {key for key in new if spans[key].by_secret_key}
                made = _make(cursor, new, days, by_secret_key)
                self._claimed.update(by_secret_key & made.keys())
                lost_race = [key for key in new if key not in made]
                if lost_race:
                    found.update(store.profiles(cursor, lost_race))
        connection.commit()
        for key, profile in found.items():
            self._known[key] = profile.person_id
            if profile.first_seen_on is not None and profile.last_seen_on is not None:
                active = (day_number(profile.first_seen_on), day_number(profile.last_seen_on))
                _widen(self._active_days, (key[0], profile.person_id), active)
        for key, person in made.items():
            self._known[key] = person
            if key in days:
                self._active_days[key[0], person] = days[key]


def _widen(days: dict[PersonNumber, DayRange], person: PersonNumber, more: DayRange) -> None:
    before = days.get(person, more)
    days[person] = (min(before[0], more[0]), max(before[1], more[1]))


def distinct_id_hash(distinct_id: str) -> bytes:
    """Return the SHA-256 of an id, which a tombstone stores."""
    return hashlib.sha256(distinct_id.encode()).digest()


def _tombstones(cursor: Cursor, keys: list[PersonKey]) -> dict[PersonKey, datetime]:
    hashes = {(key[0], distinct_id_hash(key[1])): key for key in keys}
    return {hashes[found]: at for found, at in store.tombstones(cursor, sorted(hashes)).items()}


def _make(
    cursor: Cursor,
    keys: list[PersonKey],
    days: Mapping[PersonKey, DayRange],
    by_secret_key: Collection[PersonKey],
) -> dict[PersonKey, int]:
    """Create persons; return those that no other process created at the same time."""
    candidates = []
    for project_id, distinct_ids in _by_project(keys).items():
        numbers = store.reserve_person_numbers(cursor, project_id, len(distinct_ids))
        candidates += [
            (project_id, distinct_id, number)
            for distinct_id, number in zip(distinct_ids, numbers, strict=True)
        ]
    return store.add_persons(cursor, candidates, days, datetime.now(timezone.utc), by_secret_key)


def _by_project(keys: list[PersonKey]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for project_id, distinct_id in keys:
        grouped[project_id].append(distinct_id)
    return dict(sorted(grouped.items()))
