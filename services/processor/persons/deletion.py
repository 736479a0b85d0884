"""Deleting a person: rows, counts, bits, dead letters, what still waits; nothing brings them back.

One transaction takes the person out of all tables and leaves tombstones: hashes of their ids, by
which events that happened or were received before the deletion are refused however late they come.
What waits in the stream or in the spool at that moment is processed within seconds, and refused;
the caller waits for that. Whoever goes on using the app afterwards is somebody new.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values
from redis import Redis

from services.processor.persons import changes, store
from services.processor.persons.resolver import distinct_id_hash
from services.processor.persons.store import Profile
from services.processor.sealing import dirty_days
from services.processor.sealing.person_removal import forget_person
from services.processor.sessions import store as session_store
from services.processor.sessions.joining import FRAMES
from shared.errors import NotFound
from shared.events.envelope import decode
from shared.events.stream import BATCH_FIELD, streams

_ENTRIES_AT_ONCE = 500
_LETTERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was removed."""

    distinct_ids: int
    events: int
    sessions: int
    dead_letters: int


def delete_person(connection: Connection, project_id: int, distinct_id: str) -> Deleted:
    """Remove everything that is stored of a person. Commits.

    Raises:
        NotFound: nobody in the project is known by this id.
    """
    with connection.cursor() as cursor:
        changes.hold(cursor, project_id)
        key = (project_id, distinct_id)
        person = store.profiles(cursor, [key]).get(key)
        if person is None:
            connection.rollback()
            raise NotFound(f"Nobody in project {project_id} is known as {distinct_id!r}.")
        person_id = person.person_id
        ids = _leave_tombstones(cursor, project_id, person_id)
        shared = _shared_sessions(cursor, project_id, person)
        buckets, events = _remove_events(cursor, project_id, person)
        sessions = _remove(cursor, "sessions", project_id, person_id)
        moved = session_store.count_anew(cursor, project_id, shared) if shared else set()
        _remove(cursor, "cohort_members", project_id, person_id)
        _remove(cursor, "person_distinct_ids", project_id, person_id)
        _remove(cursor, "persons", project_id, person_id)
        letters = _remove_dead_letters(cursor, project_id, set(ids))
        changes.note(cursor, project_id, person_id, None)
        forget_person(cursor, project_id, person_id)
        dirty_days.mark(cursor, {(project_id, bucket) for bucket in buckets} | moved)
    connection.commit()
    return Deleted(len(ids), events, sessions, letters)


def wait_until_refused(
    connection: Connection,
    redis: Redis,
    project_id: int,
    distinct_ids: set[str],
    seconds: int,
) -> bool:
    """Wait until neither stream nor spool holds an event of these ids that came before now.

    Args:
        connection: of the caller; commits.
        redis: the stream's.
        project_id: theirs.
        distinct_ids: of the deleted person.
        seconds: how long to wait at most.

    Returns:
        Whether that was reached; if not, a processor that starts later refuses them.
    """
    last = f"{int(time.time() * 1000)}-0"
    deadline = time.monotonic() + seconds
    while _waits(redis, last, project_id, distinct_ids) or _is_spooled(
        connection, project_id, distinct_ids
    ):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def ids_of(connection: Connection, project_id: int, distinct_id: str) -> set[str]:
    """All ids of the person who is known by one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.distinct_id FROM person_distinct_ids d JOIN person_distinct_ids o "
            "USING (project_id, person_id) WHERE d.project_id = %s AND d.distinct_id = %s",
            (project_id, distinct_id),
        )
        found = {one for (one,) in cursor}
    connection.commit()
    return found


def _leave_tombstones(cursor: Cursor, project_id: int, person_id: int) -> list[str]:
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


def _shared_sessions(
    cursor: Cursor, project_id: int, person: Profile
) -> list[tuple[str, datetime, datetime]]:
    """Sessions by the client's id that also hold events of others; with their first and last."""
    if person.lifetime is None:
        return []
    cursor.execute(
        """
        SELECT s.session_id, s.started_at, s.ended_at
        FROM (
            SELECT session_id, count(*) FILTER (WHERE event_name <> ALL (%s)) AS events
            FROM events WHERE project_id = %s AND person_id = %s
                AND timestamp >= %s AND timestamp < %s AND session_id IS NOT NULL
            GROUP BY session_id
        ) theirs
        JOIN sessions s ON s.project_id = %s AND s.session_id = theirs.session_id
        WHERE s.person_id <> %s OR s.events > theirs.events
        ORDER BY 1
        """,
        (
            list(FRAMES),
            project_id,
            person.person_id,
            *person.lifetime,
            project_id,
            person.person_id,
        ),
    )
    return cursor.fetchall()


def _remove_events(cursor: Cursor, project_id: int, person: Profile) -> tuple[list[datetime], int]:
    """Rows, and what the counts hold of them; answers their quarters of an hour, and how many."""
    if person.lifetime is None:
        return [], 0
    cursor.execute(
        """
        WITH gone AS (
            DELETE FROM events
            WHERE project_id = %s AND person_id = %s AND timestamp >= %s AND timestamp < %s
            RETURNING timestamp, event_name, source
        )
        SELECT date_bin('15 minutes', timestamp, 'epoch'), event_name, coalesce(source, ''),
            count(*)
        FROM gone GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        (project_id, person.person_id, *person.lifetime),
    )
    counts = cursor.fetchall()
    buckets = sorted({row[0] for row in counts})
    if counts:
        execute_values(
            cursor,
            """
            UPDATE event_counts c SET events = c.events - gone.events
            FROM (VALUES %s) AS gone (project_id, bucket, event_name, source, events)
            WHERE c.project_id = gone.project_id AND c.bucket = gone.bucket
                AND c.event_name = gone.event_name AND c.source = gone.source
            """,
            [(project_id, *row) for row in counts],
            page_size=1000,
        )
        cursor.execute(
            "DELETE FROM event_counts WHERE project_id = %s AND bucket = ANY (%s) AND events <= 0",
            (project_id, buckets),
        )
    return buckets, sum(row[3] for row in counts)


def _remove(cursor: Cursor, table: str, project_id: int, person_id: int) -> int:
    cursor.execute(
        f"DELETE FROM {table} WHERE project_id = %s AND person_id = %s",  # noqa: S608 (our names)
        (project_id, person_id),
    )
    return cursor.rowcount


def _remove_dead_letters(cursor: Cursor, project_id: int, distinct_ids: set[str]) -> int:
    """Refused events of the person: whose they are stands in their envelopes only."""
    theirs: list[int] = []
    last = 0
    while True:
        cursor.execute(
            "SELECT id, envelope FROM dead_letters WHERE project_id = %s AND id > %s "
            "ORDER BY id LIMIT %s",
            (project_id, last, _LETTERS_AT_ONCE),
        )
        letters = cursor.fetchall()
        if not letters:
            break
        last = letters[-1][0]
        theirs += [
            number
            for number, envelope in letters
            if _is_of(bytes(envelope), project_id, distinct_ids)
        ]
    cursor.execute(
        "DELETE FROM dead_letters WHERE project_id = %s AND id = ANY (%s)", (project_id, theirs)
    )
    return len(theirs)


def _is_spooled(connection: Connection, project_id: int, distinct_ids: set[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT envelope FROM spool WHERE project_id = %s", (project_id,))
        found = any(_is_of(bytes(raw), project_id, distinct_ids) for (raw,) in cursor)
    connection.commit()
    return found


def _waits(redis: Redis, last: str, project_id: int, distinct_ids: set[str]) -> bool:
    return any(_waits_in(redis, name, last, project_id, distinct_ids) for name in streams(redis))


def _waits_in(redis: Redis, name: str, last: str, project_id: int, distinct_ids: set[str]) -> bool:
    start = "-"
    while True:
        entries: Any = redis.xrange(name, min=start, max=last, count=_ENTRIES_AT_ONCE)
        for entry_id, fields in entries:
            if _is_of(fields.get(BATCH_FIELD, b""), project_id, distinct_ids):
                return True
            start = f"({entry_id.decode()}"
        if len(entries) < _ENTRIES_AT_ONCE:
            return False


def _is_of(envelope: bytes, project_id: int, distinct_ids: set[str]) -> bool:
    try:
        batch = decode(envelope)
    except msgspec.DecodeError:
        return False
    return batch.project_id == project_id and any(
        event.distinct_id in distinct_ids
        or (event.person is not None and event.person.previous_id in distinct_ids)
        for event in batch.events
    )
