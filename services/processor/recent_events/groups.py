"""Stored properties of groups that conditions of feature flags ask for: copies in Redis."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from redis import Redis

from services.processor.recent_events.properties import bounded_properties
from shared.flags.known_groups import key_of, put
from shared.flags.recent_events import TRACKED, prefix_of
from shared.flags.stored_names import group_properties_in, group_property_name

log = logging.getLogger(__name__)

MAX_GROUPS = 100_000
"""Groups of one type with such properties: about 10 MB of Redis."""
_LEFT_OUT_SECONDS = 3600
_CHUNK = 2_000


def copy_groups(
    cursor: Cursor,
    redis: Redis,
    project_id: int,
    groups: Collection[tuple[str, str]],
    days: Mapping[str, int],
) -> None:
    """Copy the properties of groups that are asked for to Redis.

    As with persons (``copy_properties``), rows stay as they are until they are copied, and whoever
    is just changing one copies it after the COMMIT.

    Args:
        cursor: of a transaction that ends after this.
        redis: the state.
        project_id: the project.
        groups: types and keys.
        days: what is kept, see ``recent_events.add``.

    Raises:
        RedisError: Redis does not answer.
    """
    names = group_properties_in(days)
    wanted = sorted(one for one in groups if one[0] in names)
    if not wanted:
        return
    cursor.execute(
        """
        SELECT g.group_type, g.group_key, g.properties
        FROM unnest(%s::text[], %s::text[]) AS wanted (group_type, group_key)
        JOIN groups g USING (group_type, group_key) WHERE g.project_id = %s
        ORDER BY g.group_type COLLATE "C", g.group_key COLLATE "C"
        FOR SHARE OF g SKIP LOCKED
        """,
        (*(list(column) for column in zip(*wanted, strict=True)), project_id),
    )
    rows = [
        (group_type, key, bounded_properties(properties, names[group_type]))
        for group_type, key, properties in cursor
    ]
    put(redis, project_id, rows)
    for group_type in {one for one, _ in wanted}:
        if redis.hlen(key_of(project_id, group_type)) > MAX_GROUPS:
            # Unknown from here on; the next search finds out that they are too many.
            redis.hdel(prefix_of(project_id), *_fields(group_type, names[group_type]))


def repair_groups(
    connection: Connection, redis: Redis, project_id: int, days: Mapping[str, int]
) -> None:
    """Copy what is not in Redis as it is in PostgreSQL.

    Raises:
        RedisError: Redis does not answer.
    """
    for group_type, names in group_properties_in(days).items():
        location, seen = key_of(project_id, group_type), set()
        for rows in _read(connection, project_id, group_type, names):
            keys = [key for key, _ in rows]
            seen.update(keys)
            wrong = [
                (group_type, key)
                for (key, properties), raw in zip(rows, redis.hmget(location, keys), strict=True)
                if (msgspec.json.decode(raw) if raw else {})
                != bounded_properties(properties, names)
            ]
            _copy(connection, redis, project_id, wrong, days)
        known = [key.decode() for key, _ in redis.hscan_iter(location, count=1000)]
        left = [(group_type, key) for key in known if key not in seen]
        for start in range(0, len(left), _CHUNK):
            chunk = left[start : start + _CHUNK]
            # Whoever is not in PostgreSQL any more is copied as without properties.
            put(redis, project_id, [(*one, {}) for one in chunk])
            _copy(connection, redis, project_id, chunk, days)


def types_with_too_many(
    connection: Connection, project_id: int, days: Mapping[str, int]
) -> list[str]:
    """Return the types of which more groups have such properties than are kept."""
    found = []
    with connection, connection.cursor() as cursor:
        for group_type, names in group_properties_in(days).items():
            cursor.execute(
                "SELECT count(*) FROM (SELECT FROM groups WHERE project_id = %s "
                "AND group_type = %s AND properties ?| %s LIMIT %s) found",
                (project_id, group_type, names, MAX_GROUPS + 1),
            )
            (count,) = cursor.fetchone() or (0,)
            if count > MAX_GROUPS:
                found.append(group_type)
    return found


def leave_out_types(
    redis: Redis, project_id: int, days: Mapping[str, int], types: Collection[str]
) -> None:
    """Forget these types of groups, and find only the rest from the next run on, for an hour."""
    names = [
        one
        for group_type, names in group_properties_in(days).items()
        if group_type in types
        for one in _fields(group_type, names)
    ]
    others = {name: most for name, most in days.items() if name not in names}
    redis.hset(TRACKED, str(project_id), msgspec.json.encode(others))
    redis.hdel(prefix_of(project_id), *names)
    forget_types(redis, project_id, types)
    for one in types:
        log.warning(
            "stored properties of groups of type %s are not looked up for flags of project %d: "
            "more than %d groups have some that conditions ask for",
            *(one, project_id, MAX_GROUPS),
        )
        redis.set(_left_out_key(project_id, one), 1, ex=_LEFT_OUT_SECONDS)


def is_left_out(redis: Redis, project_id: int, group_type: str) -> bool:
    """Return whether a type of groups had too many less than an hour ago."""
    return bool(redis.exists(_left_out_key(project_id, group_type)))


def forget_types(redis: Redis, project_id: int, types: Collection[str]) -> None:
    """Remove what is known of the groups of these types."""
    for group_type in types:
        redis.unlink(key_of(project_id, group_type))


def _left_out_key(project_id: int, group_type: str) -> str:
    # Not below the prefix of the project: it stays when its conditions are forgotten.
    return f"recent-events-without-groups:{project_id}:{group_type}"


def _fields(group_type: str, names: Sequence[str]) -> list[str]:
    return [group_property_name(group_type, name) for name in names]


def _copy(
    connection: Connection,
    redis: Redis,
    project_id: int,
    groups: Collection[tuple[str, str]],
    days: Mapping[str, int],
) -> None:
    with connection, connection.cursor() as cursor:
        copy_groups(cursor, redis, project_id, groups, days)


def _read(
    connection: Connection, project_id: int, group_type: str, names: Sequence[str]
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Yield groups that have any of the properties, by key, in parts; each in a transaction."""
    last: str | None = None
    while True:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT group_key, properties FROM groups WHERE project_id = %s "
                "AND group_type = %s AND (%s::text IS NULL OR group_key > %s) "
                "AND properties ?| %s ORDER BY group_key LIMIT %s",
                (project_id, group_type, last, last, list(names), _CHUNK),
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]
