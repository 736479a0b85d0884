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

from services.processor.persons import changes, store
from services.processor.persons.store import Days, PersonNumber
from services.processor.storing.rows import Incoming, PersonKey, Span, day_number, day_of, moment

_MOST_REMEMBERED = 200_000


class PersonsChanged(Exception):
    """A person was deleted since it was resolved; resolve again."""


class Persons:
    """Resolves persons, and remembers the ones seen lately."""

    def __init__(self) -> None:
        self._forget_all()

    def _forget_all(self) -> None:
        self._known: dict[PersonKey, int] = {}
        self._followed: dict[int, int] = {}  # by project, how many changes of persons we know of
        self._gone: dict[PersonNumber, int | None] = {}
        self._deleted_at: dict[PersonKey, datetime] = {}
        self._seen: dict[PersonNumber, Days] = {}  # never more than what is committed

    def resolve(
        self, connection: Connection, wanted: Mapping[PersonKey, Span]
    ) -> dict[PersonKey, int]:
        """Person numbers; new persons are made. Commits when it had to look.

        Args:
            connection: of the processor.
            wanted: keys, with when their events are. One whose person was deleted after that has
                no number, and is left out of the answer.
        """
        if max(len(self._known), len(self._gone), len(self._seen)) > _MOST_REMEMBERED:
            self._forget_all()
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

    def unseen(
        self, persons: Mapping[PersonKey, int], spans: Mapping[PersonKey, Span]
    ) -> dict[PersonNumber, Days]:
        """Persons with events on days that they were not seen on yet; which days."""
        found: dict[PersonNumber, Days] = {}
        for key, span in spans.items():
            person = (key[0], persons[key])
            first, last = day_of(span.first_us), day_of(span.last_us)
            seen = self._seen.get(person)
            if seen is None or first < seen[0] or last > seen[1]:
                _widen(found, person, (first, last))
        return found

    def saw(self, days: Mapping[PersonNumber, Days]) -> None:
        """Remember days that were committed."""
        for person, seen in days.items():
            _widen(self._seen, person, seen)

    def is_forgotten(self, item: Incoming) -> bool:
        """Whether the event is of before its person was deleted."""
        return bool(self._deleted_at) and self._is_over(item.person_key, item.known_us)

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
        self, connection: Connection, keys: list[PersonKey], spans: Mapping[PersonKey, Span]
    ) -> None:
        made: dict[PersonKey, int] = {}
        with connection.cursor() as cursor:
            strangers = sorted({key[0] for key in keys} - self._followed.keys())
            if strangers:
                # Before any of their ids is looked up: later changes are then noticed.
                known = changes.counts(cursor, strangers)
                self._followed.update({one: known.get(one, 0) for one in strangers})
            found = store.profiles(cursor, keys)
            self._deleted_at.update(_tombstones(cursor, keys))
            new = [
                key
                for key in keys
                if key not in found and not self._is_over(key, spans[key].known_us)
            ]
            # Some events of one who was deleted may be of before that, and not be stored.
            days = {
                key: (day_of(spans[key].first_us), day_of(spans[key].last_us))
                for key in new
                if key not in self._deleted_at
            }
            if new:
                made = _make(cursor, new, days)
                beaten = [key for key in new if key not in made]
                if beaten:
                    found.update(store.profiles(cursor, beaten))
        connection.commit()
        for key, profile in found.items():
            self._known[key] = profile.person_id
            if profile.first_seen_on is not None and profile.last_seen_on is not None:
                seen = (day_number(profile.first_seen_on), day_number(profile.last_seen_on))
                _widen(self._seen, (key[0], profile.person_id), seen)
        for key, person in made.items():
            self._known[key] = person
            if key in days:
                self._seen[key[0], person] = days[key]


def _widen(days: dict[PersonNumber, Days], person: PersonNumber, seen: Days) -> None:
    before = days.get(person, seen)
    days[person] = (min(before[0], seen[0]), max(before[1], seen[1]))


def distinct_id_hash(distinct_id: str) -> bytes:
    """What a tombstone keeps of an id: SHA-256."""
    return hashlib.sha256(distinct_id.encode()).digest()


def _tombstones(cursor: Cursor, keys: list[PersonKey]) -> dict[PersonKey, datetime]:
    hashes = {(key[0], distinct_id_hash(key[1])): key for key in keys}
    return {hashes[found]: at for found, at in store.tombstones(cursor, sorted(hashes)).items()}


def _make(
    cursor: Cursor, keys: list[PersonKey], days: Mapping[PersonKey, Days]
) -> dict[PersonKey, int]:
    """Make persons; answers those whom nobody else made at the same time."""
    candidates = []
    for project_id, distinct_ids in _by_project(keys).items():
        numbers = store.reserve_person_numbers(cursor, project_id, len(distinct_ids))
        candidates += [
            (project_id, distinct_id, number)
            for distinct_id, number in zip(distinct_ids, numbers, strict=True)
        ]
    return store.add_persons(cursor, candidates, days, datetime.now(timezone.utc))


def _by_project(keys: list[PersonKey]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for project_id, distinct_id in keys:
        grouped[project_id].append(distinct_id)
    return dict(sorted(grouped.items()))
