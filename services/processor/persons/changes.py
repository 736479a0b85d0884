"""Lock and log merges and deletions of persons, so that every processor learns of them.

A processor caches which person an id belongs to. A merge or a deletion makes that wrong, so it
holds the project's lock exclusively and appends to ``person_changes``. A transaction that stores
events holds the lock shared until COMMIT, and first reads what was appended since it last looked
(docs/decisions/0009-people.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from shared.runtime.advisory_locks import AdvisoryLock, stripe, stripes

_BATCH_LOCK_TIMEOUT = "30s"


def lock_shared(cursor: Cursor, project_ids: Iterable[int]) -> dict[int, int]:
    """Keep the persons of projects unchanged until COMMIT; return the changes so far by project.

    ``lock_timeout`` is for this lock only, which a merge or a deletion may hold for long: what the
    transaction needs later, others hold no longer than they take for a batch.

    Args:
        cursor: of the transaction that stores events.
        project_ids: the projects of these events.
    """
    sorted_ids = sorted(set(project_ids))
    # Two statements: the second must look after the lock was granted.
    cursor.execute(
        """
        SELECT count(pg_advisory_xact_lock_shared(%s, stripe)) FROM unnest(%s::int[]) AS stripe;
        SELECT set_config('lock_timeout', %s, true);
        SELECT project_id, changes FROM person_counters WHERE project_id = ANY (%s)
        """,
        (int(AdvisoryLock.PERSONS), stripes(sorted_ids), _BATCH_LOCK_TIMEOUT, sorted_ids),
    )
    return dict(cursor.fetchall())


def lock_exclusive(cursor: Cursor, project_id: int) -> None:
    """Prevent other transactions from changing or using persons of a project until COMMIT.

    Persons for new ids are still created without the lock, but under the row that counts them.
    """
    cursor.execute(
        "SELECT pg_advisory_xact_lock(%(lock)s, %(stripe)s);"
        "SELECT set_config('lock_timeout', %(timeout)s, true);"
        "SELECT 1 FROM person_counters WHERE project_id = %(project)s FOR NO KEY UPDATE",
        {
            "lock": int(AdvisoryLock.PERSONS),
            "stripe": stripe(project_id),
            "timeout": _BATCH_LOCK_TIMEOUT,
            "project": project_id,
        },
    )


def list_locked(connection: Connection, project_ids: Iterable[int]) -> set[int]:
    """Return the projects whose persons another transaction is changing. Commits."""
    sorted_ids = sorted(set(project_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stripe FROM unnest(%s::int[]) AS stripe "
            "WHERE NOT pg_try_advisory_xact_lock_shared(%s, stripe)",
            (stripes(sorted_ids), int(AdvisoryLock.PERSONS)),
        )
        locked = {one for (one,) in cursor}
    connection.commit()
    return {project_id for project_id in sorted_ids if stripe(project_id) in locked}


def count_by_project(cursor: Cursor, project_ids: Sequence[int]) -> dict[int, int]:
    """Return how many changes there have been, by project."""
    cursor.execute(
        "SELECT project_id, changes FROM person_counters WHERE project_id = ANY (%s)",
        (list(project_ids),),
    )
    return dict(cursor.fetchall())


def list_since(cursor: Cursor, project_id: int, number: int) -> list[tuple[int, int | None]]:
    """List persons merged into another (or deleted: None) after a change, in order."""
    cursor.execute(
        "SELECT person_id, into_person_id FROM person_changes "
        "WHERE project_id = %s AND number > %s ORDER BY number",
        (project_id, number),
    )
    return cursor.fetchall()


MOVED_IDS = 0
"""Stands for a person in the log: distinct ids of the project belong to other persons now."""


def append_moved_ids(cursor: Cursor, project_id: int) -> None:
    """Record that distinct ids left persons who remain; the caller called ``lock_exclusive``."""
    append(cursor, project_id, MOVED_IDS, None)


def append(cursor: Cursor, project_id: int, person_id: int, into_person_id: int | None) -> None:
    """Record that a person no longer exists; the caller has called ``lock_exclusive``."""
    cursor.execute(
        """
        WITH counted AS (
            UPDATE person_counters SET changes = changes + 1 WHERE project_id = %(project)s
            RETURNING changes
        )
        INSERT INTO person_changes (project_id, number, person_id, into_person_id, changed_at)
        SELECT %(project)s, changes, %(person)s, %(into)s, %(now)s FROM counted
        """,
        {
            "project": project_id,
            "person": person_id,
            "into": into_person_id,
            "now": datetime.now(timezone.utc),
        },
    )
