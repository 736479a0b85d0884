"""Stored properties of persons that conditions of feature flags ask for: copies in Redis."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from redis import Redis

from shared.flags import recent_events
from shared.flags.recent_events import MAX_IDS, prefix_of
from shared.flags.stored_names import properties_in

MAX_VALUE_BYTES = 256
"""Of one value, as JSON; larger ones count as missing."""
_MAX_BYTES = 1024
"""Of all values of a person."""
_CHUNK = 2_000


def copy_properties(
    cursor: Cursor,
    redis: Redis,
    project_id: int,
    person_ids: Collection[int],
    days: Mapping[str, int],
) -> list[int]:
    """Copy the properties of persons that are asked for to Redis.

    Of two processors the later one must not be overtaken, so the rows stay as they are until they
    are copied. Whoever is just changing one copies it after the COMMIT, so it is skipped here.

    Args:
        cursor: of a transaction that ends after this.
        redis: the state.
        project_id: the project.
        person_ids: the persons.
        days: what is kept, see ``recent_events.add``.

    Returns:
        The persons of whom nothing was known before.

    Raises:
        RedisError: Redis does not answer.
    """
    names = properties_in(days)
    if not names or not person_ids:
        return []
    cursor.execute(
        "SELECT person_id, properties FROM persons WHERE project_id = %s AND person_id = ANY (%s) "
        "ORDER BY person_id FOR SHARE SKIP LOCKED",
        (project_id, list(person_ids)),
    )
    rows = [(person_id, bounded_properties(properties, names)) for person_id, properties in cursor]
    return recent_events.add_properties(redis, project_id, rows)


def repair_properties(
    connection: Connection, redis: Redis, project_id: int, days: Mapping[str, int]
) -> set[int]:
    """Copy what is not in Redis as it is in PostgreSQL; return all persons with such properties.

    Raises:
        RedisError: Redis does not answer.
    """
    names = properties_in(days)
    if not names:
        return set()
    persons: set[int] = set()
    for rows in _read(connection, project_id, names):
        ids = [person_id for person_id, _ in rows]
        persons.update(ids)
        known = redis.hmget(_key(project_id), [str(one) for one in ids])
        wrong = [
            person_id
            for (person_id, properties), raw in zip(rows, known, strict=True)
            if (msgspec.json.decode(raw) if raw else {}) != bounded_properties(properties, names)
        ]
        _copy(connection, redis, project_id, wrong, days)
    known_ids = (int(one) for one, _ in redis.hscan_iter(_key(project_id), count=1000))
    left = iter([one for one in known_ids if one not in persons])
    while chunk := list(islice(left, _CHUNK)):
        # Whoever is not in PostgreSQL any more is copied as without properties.
        recent_events.add_properties(redis, project_id, [(one, {}) for one in chunk])
        _copy(connection, redis, project_id, chunk, days)
    return persons


def has_too_many(cursor: Cursor, project_id: int, names: Sequence[str]) -> bool:
    """Return whether persons with any of the properties have more distinct ids than are kept."""
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM persons JOIN person_distinct_ids "
        "USING (project_id, person_id) WHERE project_id = %s AND properties ?| %s LIMIT %s) ids",
        (project_id, list(names), MAX_IDS + 1),
    )
    (count,) = cursor.fetchone() or (0,)
    return int(count) > MAX_IDS


def _copy(
    connection: Connection,
    redis: Redis,
    project_id: int,
    person_ids: Collection[int],
    days: Mapping[str, int],
) -> None:
    with connection, connection.cursor() as cursor:
        copy_properties(cursor, redis, project_id, person_ids, days)


def _read(
    connection: Connection, project_id: int, names: Sequence[str]
) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Yield persons that have any of the properties, by number, in parts; each in a transaction."""
    last = 0
    while True:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT person_id, properties FROM persons WHERE project_id = %s "
                "AND person_id > %s AND properties ?| %s ORDER BY person_id LIMIT %s",
                (project_id, last, list(names), _CHUNK),
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def bounded_properties(properties: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the properties that are kept of a person or group, as many as there is room for."""
    kept: dict[str, Any] = {}
    left = _MAX_BYTES
    for name in names:
        if name in properties:
            size = len(msgspec.json.encode(properties[name]))
            if size <= min(MAX_VALUE_BYTES, left):
                kept[name] = properties[name]
                left -= size
    return kept


def _key(project_id: int) -> str:
    return f"{prefix_of(project_id)}:properties"
