"""Delete a person: rows, counts, bits, dead letters and events that wait in the stream.

One transaction removes the person from all tables and leaves tombstones: hashes of their ids.
Until it ends, the project and those that share its lock store no events. So most of a large history
is removed before it, in steps; whoever asks meanwhile sees what is left. By the tombstones, events
that happened or were received before the deletion are refused, however late they arrive. Events
that wait in the stream or in the spool are processed, and refused, within seconds; the caller waits
for that. If the same person continues to use the app, a new person is created.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.persons import changes, merge_log, pending_merges, store
from services.processor.persons.resolver import distinct_id_hash
from services.processor.persons.store import Profile
from services.processor.persons.waiting_events import names_person
from services.processor.sealing import day_files, dirty_days
from services.processor.sealing.person_removal import remove_person
from services.processor.sessions.locking import lock_projects
from services.processor.sessions.shared_rows import list_shared, recount_shared
from shared.errors import NotFound, Unavailable

_MERGE_SECONDS = 120.0
_LETTERS_PER_READ = 500
_ROWS_PER_STEP = 10_000
"""Events or sessions that one transaction removes: others wait for well under a second."""


class _RemovedEvents(NamedTuple):
    """Deleted rows of one name and source in one quarter hour."""

    bucket: datetime
    event_name: str
    source: str
    events: int


class _Rows(NamedTuple):
    """Numbers of rows."""

    events: int
    sessions: int


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
    is_shared = _has_shared_rows(connection, project_id, distinct_id)
    early = _Rows(0, 0)
    while True:
        _lock_when_merged(connection, project_id, distinct_id)
        with connection.cursor() as cursor:
            person = _find(cursor, project_id, distinct_id)
            removed = _remove_step(cursor, project_id, person) if person and not is_shared else None
        if removed is None:
            break
        connection.commit()
        early = _Rows(early.events + removed.events, early.sessions + removed.sessions)
    with connection.cursor() as cursor:
        if person is None:
            connection.rollback()
            raise NotFound(f"No person of project {project_id} has the id {distinct_id!r}.")
        person_id = person.person_id
        ids = _add_tombstones(cursor, project_id, person_id)
        # Not after steps, which have removed sessions of the person: those of others with the same
        # ids would look shared.
        shared = (
            list_shared(cursor, project_id, person_id, person.lifetime)
            if person.lifetime and early == _Rows(0, 0)
            else []
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
    return DeletedPerson(len(ids), early.events + events, early.sessions + sessions, letters)


def _has_shared_rows(connection: Connection, project_id: int, distinct_id: str) -> bool:
    """Whether sessions of others have events of a person: rows of earlier versions. Commits."""
    with connection.cursor() as cursor:
        person = _find(cursor, project_id, distinct_id)
        found = (
            person is not None
            and person.lifetime is not None
            and list_shared(cursor, project_id, person.person_id, person.lifetime) != []
        )
    connection.commit()
    return found


def _remove_step(cursor: Cursor, project_id: int, person: Profile) -> _Rows | None:
    """Remove events or sessions of a person who has more than one step takes.

    The person stays, so that what arrives meanwhile is removed with the rest.

    Returns:
        What was removed; None if the last transaction may remove all that is left.
    """
    end = _end_of_step(cursor, project_id, person)
    if end is not None:
        buckets, events = _remove_events(cursor, project_id, person, end)
        dirty_days.mark_dirty(cursor, {(project_id, bucket) for bucket in buckets})
        return _Rows(events, 0)
    starts = _remove_some_sessions(cursor, project_id, person.person_id)
    dirty_days.mark_dirty(cursor, {(project_id, start) for start in starts})
    return _Rows(0, len(starts)) if starts else None


def _find(cursor: Cursor, project_id: int, distinct_id: str) -> Profile | None:
    key = (project_id, distinct_id)
    return store.profiles(cursor, [key]).get(key)


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


def _end_of_step(cursor: Cursor, project_id: int, person: Profile) -> tuple[datetime, int] | None:
    """Return time and id of the last event of a step; None if the person has no more than that."""
    if person.lifetime is None:
        return None
    cursor.execute(
        """
        SELECT timestamp, id FROM events
        WHERE project_id = %s AND person_id = %s AND timestamp >= %s AND timestamp < %s
        ORDER BY timestamp, id LIMIT 2 OFFSET %s
        """,
        (project_id, person.person_id, *person.lifetime, _ROWS_PER_STEP - 1),
    )
    last_and_next = cursor.fetchall()
    return last_and_next[0] if len(last_and_next) == 2 else None


def _remove_events(
    cursor: Cursor, project_id: int, person: Profile, end: tuple[datetime, int] | None = None
) -> tuple[list[datetime], int]:
    """Delete the rows and their counts; return their quarter hours and their number.

    ``end``: time and id of the last event to delete; None: all.
    """
    if person.lifetime is None:
        return [], 0
    until, last_id = end or (person.lifetime[1], None)
    cursor.execute(
        """
        WITH removed AS (
            DELETE FROM events
            WHERE project_id = %s AND person_id = %s AND timestamp >= %s AND timestamp <= %s
                AND (timestamp < %s OR id <= %s)
            RETURNING timestamp, event_name, source
        )
        SELECT date_bin('15 minutes', timestamp, 'epoch'), event_name, coalesce(source, ''),
            count(*)
        FROM removed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        (project_id, person.person_id, person.lifetime[0], until, until, last_id),
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


def _remove_some_sessions(cursor: Cursor, project_id: int, person_id: int) -> list[datetime]:
    """Delete the sessions of a step, and return when they started; none if there are no more."""
    lock_projects(cursor, [project_id])
    cursor.execute(
        "SELECT ctid FROM sessions WHERE project_id = %s AND person_id = %s "
        "ORDER BY started_at LIMIT %s",
        (project_id, person_id, _ROWS_PER_STEP + 1),
    )
    found = [location for (location,) in cursor]
    if len(found) <= _ROWS_PER_STEP:
        return []
    cursor.execute(
        "DELETE FROM sessions WHERE ctid = ANY (%s::tid[]) RETURNING started_at",
        (found[:_ROWS_PER_STEP],),
    )
    return [started_at for (started_at,) in cursor]


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
            if names_person(bytes(envelope), project_id, distinct_ids)
        ]
    cursor.execute(
        "DELETE FROM dead_letters WHERE project_id = %s AND id = ANY (%s)", (project_id, theirs)
    )
    return len(theirs)
