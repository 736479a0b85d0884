"""Who an event belongs to: distinct id to person number.

Persons are made in a short transaction of their own, before the one that stores the events: the
row that counts a project's persons is then never locked for as long as a batch takes. A crash in
between leaves persons without events, who are used when the events come again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.people import changes, store
from services.processor.rows import Incoming, moment

PersonKey = tuple[int, str]
"""Project id and distinct id."""
_MOST_REMEMBERED = 200_000


class PersonsChanged(Exception):
    """A person was deleted since it was resolved; resolve again."""


class Persons:
    """Resolves persons, and remembers the ones seen lately."""

    def __init__(self) -> None:
        self._known: dict[PersonKey, int] = {}
        self._followed: dict[int, int] = {}  # by project, how many changes of persons we know of
        self._gone: dict[tuple[int, int], int | None] = {}
        self._deleted_at: dict[PersonKey, datetime] = {}

    def resolve(
        self, connection: Connection, wanted: Mapping[PersonKey, int]
    ) -> dict[PersonKey, int]:
        """Person numbers; new persons are made. Commits when it had to look.

        Args:
            connection: of the processor.
            wanted: keys, with the time of the latest event of each in microseconds since 1970. One
                whose person was deleted after that has none, and is left out of the answer.
        """
        if len(self._known) > _MOST_REMEMBERED or len(self._gone) > _MOST_REMEMBERED:
            self._known, self._followed, self._gone, self._deleted_at = {}, {}, {}, {}
        missing = sorted(key for key in wanted if key not in self._known)
        if missing:
            self._look_up(connection, missing, wanted)
        return {key: self._known[key] for key in wanted if key in self._known}

    def confirm(self, cursor: Cursor, persons: Mapping[PersonKey, int]) -> Mapping[PersonKey, int]:
        """The same persons as they are now, and stay until the transaction ends.

        Raises:
            PersonsChanged: one of them was deleted.
        """
        for project_id, number in changes.share(cursor, {key[0] for key in persons}).items():
            if number != self._followed.get(project_id, number):
                self._follow(cursor, project_id)
        if not self._gone:
            return persons
        return {key: self._now(key, person) for key, person in persons.items()}

    def is_forgotten(self, item: Incoming) -> bool:
        """Whether the event is of before its person was deleted."""
        return bool(self._deleted_at) and self._is_over(item.person_key, item.event.timestamp_us)

    def _is_over(self, key: PersonKey, time_us: int) -> bool:
        deleted_at = self._deleted_at.get(key)
        return deleted_at is not None and moment(time_us) <= deleted_at

    def forget(self, keys: Iterable[PersonKey]) -> None:
        """Look these up the next time."""
        for key in keys:
            self._known.pop(key, None)

    def _now(self, key: PersonKey, person: int) -> int:
        while (key[0], person) in self._gone:
            into = self._gone[key[0], person]
            if into is None:
                self._known.pop(key, None)
                raise PersonsChanged
            person = into
        self._known[key] = person
        return person

    def _follow(self, cursor: Cursor, project_id: int) -> None:
        followed = self._followed[project_id]
        for person, into in changes.since(cursor, project_id, followed):
            self._gone[project_id, person] = into
            followed += 1
        self._followed[project_id] = followed

    def _look_up(
        self, connection: Connection, keys: list[PersonKey], latest: Mapping[PersonKey, int]
    ) -> None:
        with connection.cursor() as cursor:
            strangers = sorted({key[0] for key in keys} - self._followed.keys())
            if strangers:
                # Before any of their ids is looked up: later changes are then noticed.
                known = changes.counts(cursor, strangers)
                self._followed.update({one: known.get(one, 0) for one in strangers})
            found = store.known_persons(cursor, keys)
            self._deleted_at.update(_tombstones(cursor, keys))
            new = [key for key in keys if key not in found and not self._is_over(key, latest[key])]
            if new:
                found.update(_make(cursor, new))
        connection.commit()
        self._known.update(found)


def distinct_id_hash(distinct_id: str) -> bytes:
    """What a tombstone keeps of an id: SHA-256."""
    return hashlib.sha256(distinct_id.encode()).digest()


def _tombstones(cursor: Cursor, keys: list[PersonKey]) -> dict[PersonKey, datetime]:
    hashes = {(key[0], distinct_id_hash(key[1])): key for key in keys}
    return {hashes[found]: at for found, at in store.tombstones(cursor, sorted(hashes)).items()}


def _make(cursor: Cursor, keys: list[PersonKey]) -> dict[PersonKey, int]:
    candidates = []
    for project_id, distinct_ids in _by_project(keys).items():
        numbers = store.reserve_person_numbers(cursor, project_id, len(distinct_ids))
        candidates += [
            (project_id, distinct_id, number)
            for distinct_id, number in zip(distinct_ids, numbers, strict=True)
        ]
    made = store.add_persons(cursor, candidates, datetime.now(timezone.utc))
    beaten = [key for key in keys if key not in made]
    if beaten:
        made.update(store.known_persons(cursor, beaten))
    return made


def _by_project(keys: list[PersonKey]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for project_id, distinct_id in keys:
        grouped[project_id].append(distinct_id)
    return dict(sorted(grouped.items()))
