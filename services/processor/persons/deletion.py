"""Delete a person: rows, counts, bits, dead letters and events that wait in the stream.

One transaction removes the person from all tables and leaves tombstones: hashes of their ids.
By them, events that happened or were received before the deletion are refused, however late they
arrive. Events that wait in the stream or in the spool are processed, and refused, within seconds;
the caller waits for that. If the same person continues to use the app, a new person is created.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values
from redis import Redis

from services.processor.persons import changes, merge_log, pending_merges, store
from services.processor.persons.resolver import distinct_id_hash
from services.processor.persons.store import Profile
from services.processor.sealing import day_files, dirty_days
from services.processor.sealing.person_removal import remove_person
from services.processor.sessions.shared_rows import list_shared, recount_shared
from shared.errors import NotFound, Unavailable
from shared.events.envelope import decode
from shared.events.stream import BATCH_FIELD, streams

_MERGE_SECONDS = 120.0
_ENTRIES_PER_READ = 500
_LETTERS_PER_READ = 500


class _RemovedEvents(NamedTuple):
    """Deleted rows of one name and source in one quarter hour."""

    bucket: datetime
    event_name: str
    source: str
    events: int


@dataclass(frozen=True, slots=True)
class DeletedPerson:
    """The numbers of rows that a deletion removed."""

    distinct_ids: int
    events: int
    sessions: int
    dead_letters: int


def delete_person(connection: Connection, project_id: int, distinct_id: str) -> DeletedPerson:
    """Delete all stored data of a person. Commits.

    Raises:
        NotFound: no person of the project has this id.
        Unavailable: merges of the person are pending, and take longer than a few minutes.
    """
    _lock_when_merged(connection, project_id, distinct_id)
    with connection.cursor() as cursor:
        key = (project_id, distinct_id)
        person = store.profiles(cursor, [key]).get(key)
        if person is None:
            connection.rollback()
            raise NotFound(f"No person of project {project_id} has the id {distinct_id!r}.")
        person_id = person.person_id
        ids = _add_tombstones(cursor, project_id, person_id)
        shared = (
            list_shared(cursor, project_id, person_id, person.lifetime) if person.lifetime else []
        )
        buckets, events = _remove_events(cursor, project_id, person)
        changed = recount_shared(cursor, project_id, shared)
        sessions = _remove(cursor, "sessions", project_id, person_id)
        _leave_cohorts(cursor, project_id, person_id)
        _remove(cursor, "person_distinct_ids", project_id, person_id)
        _remove(cursor, "persons", project_id, person_id)
        _remove(cursor, "person_export_parts", project_id, person_id)
        merge_log.forget(cursor, project_id, ids)
        letters = _remove_dead_letters(cursor, project_id, set(ids))
        changes.append(cursor, project_id, person_id, None)
        remove_person(cursor, project_id, person_id)
        dirty_days.mark_dirty(cursor, {(project_id, bucket) for bucket in buckets} | changed)
        unused = day_files.forget_unused(cursor, project_id)
    connection.commit()
    day_files.remove(unused)
    return DeletedPerson(len(ids), events, sessions, letters)


def _lock_when_merged(connection: Connection, project_id: int, distinct_id: str) -> None:
    """Lock the project's persons at a time when no merge of the person is pending."""
    while True:
        if not pending_merges.finish_for(connection, project_id, distinct_id, _MERGE_SECONDS):
            raise Unavailable(
                f"The history of {distinct_id!r} is still being merged. Delete the person again in "
                "a few minutes."
            )
        with connection.cursor() as cursor:
            changes.lock_exclusive(cursor, project_id)
            if not pending_merges.concerns(cursor, project_id, distinct_id):
                return
        connection.rollback()


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


def distinct_ids_of(connection: Connection, project_id: int, distinct_id: str) -> set[str]:
    """Return all ids of the person that has the given id. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.distinct_id FROM person_distinct_ids d JOIN person_distinct_ids o "
            "USING (project_id, person_id) WHERE d.project_id = %s AND d.distinct_id = %s",
            (project_id, distinct_id),
        )
        found = {one for (one,) in cursor}
    connection.commit()
    return found


def _add_tombstones(cursor: Cursor, project_id: int, person_id: int) -> list[str]:
    cursor.execute(
        "SELECT distinct_id FROM person_distinct_ids WHERE project_id = %s AND person_id = %s",
        (project_id, person_id),
    )
    ids = [distinct_id for (distinct_id,) in cursor.fetchall()]
    now = datetime.now(timezone.utc)
    execute_values(
        cursor,
        "INSERT INTO person_tombstones (project_id, distinct_id_hash, deleted_at) VALUES %s "
        "ON CONFLICT (project_id, distinct_id_hash) DO UPDATE SET deleted_at = excluded.deleted_at",
        [(project_id, distinct_id_hash(one), now) for one in sorted(ids)],
    )
    return ids


def _remove_events(cursor: Cursor, project_id: int, person: Profile) -> tuple[list[datetime], int]:
    """Delete the rows and their counts; return their quarter hours and their number."""
    if person.lifetime is None:
        return [], 0
    cursor.execute(
        """
        WITH removed AS (
            DELETE FROM events
            WHERE project_id = %s AND person_id = %s AND timestamp >= %s AND timestamp < %s
            RETURNING timestamp, event_name, source
        )
        SELECT date_bin('15 minutes', timestamp, 'epoch'), event_name, coalesce(source, ''),
            count(*)
        FROM removed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        (project_id, person.person_id, *person.lifetime),
    )
    counts = [_RemovedEvents(*row) for row in cursor]
    buckets = sorted({count.bucket for count in counts})
    if counts:
        execute_values(
            cursor,
            """
            UPDATE event_counts c SET events = c.events - removed.events
            FROM (VALUES %s) AS removed (project_id, bucket, event_name, source, events)
            WHERE c.project_id = removed.project_id AND c.bucket = removed.bucket
                AND c.event_name = removed.event_name AND c.source = removed.source
            """,
            [(project_id, *count) for count in counts],
            page_size=1000,
        )
        cursor.execute(
            "DELETE FROM event_counts WHERE project_id = %s AND bucket = ANY (%s) AND events <= 0",
            (project_id, buckets),
        )
    return buckets, sum(count.events for count in counts)


def _leave_cohorts(cursor: Cursor, project_id: int, person_id: int) -> None:
    cursor.execute(
        """
        WITH gone AS (
            DELETE FROM cohort_members WHERE project_id = %(project)s AND person_id = %(person)s
            RETURNING cohort_id
        )
        UPDATE cohorts SET size = size - 1
        WHERE project_id = %(project)s AND id IN (SELECT cohort_id FROM gone)
        """,
        {"project": project_id, "person": person_id},
    )


def _remove(cursor: Cursor, table: str, project_id: int, person_id: int) -> int:
    cursor.execute(
        f"DELETE FROM {table} WHERE project_id = %s AND person_id = %s",  # noqa: S608 (our names)
        (project_id, person_id),
    )
    return cursor.rowcount


def _remove_dead_letters(cursor: Cursor, project_id: int, distinct_ids: set[str]) -> int:
    """Delete refused events of the person, who is named in their envelopes only."""
    theirs: list[int] = []
    last = 0
    while True:
        cursor.execute(
            "SELECT id, envelope FROM dead_letters WHERE project_id = %s AND id > %s "
            "ORDER BY id LIMIT %s",
            (project_id, last, _LETTERS_PER_READ),
        )
        letters = cursor.fetchall()
        if not letters:
            break
        last = letters[-1][0]
        theirs += [
            number
            for number, envelope in letters
            if _names_person(bytes(envelope), project_id, distinct_ids)
        ]
    cursor.execute(
        "DELETE FROM dead_letters WHERE project_id = %s AND id = ANY (%s)", (project_id, theirs)
    )
    return len(theirs)


def _is_spooled(connection: Connection, project_id: int, distinct_ids: set[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT envelope FROM spool WHERE project_id = %s", (project_id,))
        found = any(_names_person(bytes(raw), project_id, distinct_ids) for (raw,) in cursor)
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
            if _names_person(fields.get(BATCH_FIELD, b""), project_id, distinct_ids):
                return True
            start = f"({entry_id.decode()}"
        if len(entries) < _ENTRIES_PER_READ:
            return False


def _names_person(envelope: bytes, project_id: int, distinct_ids: set[str]) -> bool:
    try:
        batch = decode(envelope)
    except msgspec.DecodeError:
        return False
    return batch.project_id == project_id and any(
        event.distinct_id in distinct_ids
        or (event.person is not None and event.person.previous_id in distinct_ids)
        for event in batch.events
    )
