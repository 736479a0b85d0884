"""Find events of a person that wait, in the stream or in the spool, until they are processed."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection
from redis import Redis

from shared.events.envelope import decode
from shared.events.stream import BATCH_FIELD, streams

_ENTRIES_PER_READ = 500


def wait_until_clear(
    connection: Connection,
    redis: Redis,
    project_id: int,
    distinct_ids: set[str],
    seconds: int,
) -> bool:
    """Wait until neither stream nor spool holds an event of these ids received before now.

    Args:
        connection: of the caller; commits.
        redis: the stream's.
        project_id: the person's project.
        distinct_ids: of the deleted person.
        seconds: how long to wait at most.

    Returns:
        Whether none is left. If one is, a processor that reads it later refuses it.
    """
    last = f"{int(time.time() * 1000)}-0"
    deadline = time.monotonic() + seconds
    while _is_in_stream(redis, last, project_id, distinct_ids) or _is_spooled(
        connection, project_id, distinct_ids
    ):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def names_person(envelope: bytes, project_id: int, distinct_ids: set[str]) -> bool:
    """Whether a batch has an event of one of these ids, or one that merges such an id."""
    try:
        batch = decode(envelope)
    except msgspec.DecodeError:
        return False
    return batch.project_id == project_id and any(
        event.distinct_id in distinct_ids
        or (event.person is not None and event.person.previous_id in distinct_ids)
        for event in batch.events
    )


def _is_spooled(connection: Connection, project_id: int, distinct_ids: set[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT envelope FROM spool WHERE project_id = %s", (project_id,))
        found = any(names_person(bytes(raw), project_id, distinct_ids) for (raw,) in cursor)
    connection.commit()
    return found


def _is_in_stream(redis: Redis, last: str, project_id: int, distinct_ids: set[str]) -> bool:
    return any(
        _is_in_partition(redis, name, last, project_id, distinct_ids) for name in streams(redis)
    )


def _is_in_partition(
    redis: Redis, name: str, last: str, project_id: int, distinct_ids: set[str]
) -> bool:
    start = "-"
    while True:
        entries: Any = redis.xrange(name, min=start, max=last, count=_ENTRIES_PER_READ)
        for entry_id, fields in entries:
            if names_person(fields.get(BATCH_FIELD, b""), project_id, distinct_ids):
                return True
            start = f"({entry_id.decode()}"
        if len(entries) < _ENTRIES_PER_READ:
            return False
