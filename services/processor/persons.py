"""Who an event belongs to: distinct id to person number.

Persons are made in a short transaction of their own, before the one that stores the events: the
row that counts a project's persons is then never locked for as long as a batch takes. A crash in
between leaves persons without events, who are used when the events come again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timezone

from psycopg2.extensions import connection as Connection

from services.processor import store

PersonKey = tuple[int, str]
_MOST_REMEMBERED = 200_000


class Persons:
    """Resolves persons, and remembers the ones seen lately."""

    def __init__(self) -> None:
        self._known: dict[PersonKey, int] = {}

    def resolve(self, connection: Connection, keys: Iterable[PersonKey]) -> dict[PersonKey, int]:
        """The person number of every key; new persons are made. Commits when it made any."""
        wanted = set(keys)
        missing = sorted(key for key in wanted if key not in self._known)
        if missing:
            if len(self._known) + len(missing) > _MOST_REMEMBERED:
                self._known = {key: self._known[key] for key in wanted if key in self._known}
            self._known.update(_find_or_make(connection, missing))
        return {key: self._known[key] for key in wanted}


def _find_or_make(connection: Connection, keys: list[PersonKey]) -> dict[PersonKey, int]:
    with connection.cursor() as cursor:
        found = store.known_persons(cursor, keys)
        new = [key for key in keys if key not in found]
        if new:
            candidates = []
            for project_id, distinct_ids in _by_project(new).items():
                numbers = store.reserve_person_numbers(cursor, project_id, len(distinct_ids))
                candidates += [
                    (project_id, distinct_id, number)
                    for distinct_id, number in zip(distinct_ids, numbers, strict=True)
                ]
            found.update(store.add_persons(cursor, candidates, datetime.now(timezone.utc)))
            beaten = [key for key in new if key not in found]
            if beaten:
                found.update(store.known_persons(cursor, beaten))
    connection.commit()
    return found


def _by_project(keys: list[PersonKey]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for project_id, distinct_id in keys:
        grouped[project_id].append(distinct_id)
    return dict(sorted(grouped.items()))
