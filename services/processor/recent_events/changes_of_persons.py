"""Apply merges and deletions of persons to what is known of recent events in Redis.

Anybody may do so, any number of times: it is idempotent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor
from redis import Redis

from services.processor.persons import changes
from services.processor.recent_events.properties import copy_properties
from shared.flags import recent_events
from shared.flags.recent_events import bitmaps_of, prefix_of


def followed_key(project_id: int) -> str:
    """Return the Redis key with the number of changes that were applied."""
    return f"{prefix_of(project_id)}:changes"


def stale_key(project_id: int) -> str:
    """Return the Redis key that is there when all has to be found anew."""
    return f"{prefix_of(project_id)}:stale"


def apply_changes(
    cursor: Cursor, redis: Redis, project_id: int, days: Mapping[str, int], now: datetime
) -> None:
    """Apply the changes of a project's persons that were not applied yet.

    A merged person's events become those of the person who remains, with all distinct ids. Of a
    deleted person nothing is left. After ids have left a person who remains, it is not known who
    did what until all is found anew.

    Args:
        cursor: of a transaction that sees the changes.
        redis: the state.
        project_id: the project.
        days: the events that are kept, with their days.
        now: the current instant.

    Raises:
        RedisError: Redis does not answer; the next call applies what is left.
    """
    followed: Any = redis.get(followed_key(project_id))
    if followed is None:
        return  # nothing is built yet
    found = changes.list_since(cursor, project_id, int(followed))
    bitmaps = bitmaps_of(project_id, days, now)
    for person_id, into in found:
        if person_id == changes.MOVED_IDS:
            redis.set(stale_key(project_id), 1)
            redis.delete(prefix_of(project_id))
        elif into is None:
            _delete(redis, project_id, person_id, bitmaps)
        else:
            recent_events.merge(redis, project_id, person_id, into, bitmaps)
    remaining = {into for _, into in found if into is not None}
    copy_properties(cursor, redis, project_id, remaining, days)
    recent_events.add(redis, project_id, [], ids_of(cursor, project_id, remaining), days)
    if found:
        # Each change has the number after that of the one before.
        redis.set(followed_key(project_id), int(followed) + len(found))


def ids_of(
    cursor: Cursor, project_id: int, person_ids: Sequence[int] | set[int]
) -> list[tuple[str, int]]:
    """Return all distinct ids of persons, each with its person's number."""
    if not person_ids:
        return []
    cursor.execute(
        "SELECT distinct_id, person_id FROM person_distinct_ids "
        "WHERE project_id = %s AND person_id = ANY (%s)",
        (project_id, list(person_ids)),
    )
    return cursor.fetchall()


def _delete(redis: Redis, project_id: int, person_id: int, bitmaps: Sequence[str]) -> None:
    for bitmap in bitmaps:
        if redis.getbit(bitmap, person_id):
            redis.setbit(bitmap, person_id, 0)
    redis.hdel(f"{prefix_of(project_id)}:properties", str(person_id))
    for part in _ids_in_redis(redis, project_id, person_id):
        redis.hdel(f"{prefix_of(project_id)}:ids", *part)
    persons = f"{prefix_of(project_id)}:persons"
    if redis.getbit(persons, person_id):
        redis.setbit(persons, person_id, 0)


def _ids_in_redis(redis: Redis, project_id: int, person_id: int) -> Iterator[list[bytes]]:
    """Yield the distinct ids of a person who is gone from PostgreSQL."""
    key = f"{prefix_of(project_id)}:ids"
    cursor, is_first = 0, True
    while cursor or is_first:
        is_first = False
        page: Any = redis.hscan(key, cursor, count=1000)
        cursor, found = int(page[0]), page[1]
        ids = [one for one, number in found.items() if int(number) == person_id]
        if ids:
            yield ids
