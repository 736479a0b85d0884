"""The lock and the log by which processors learn that a person is no more.

A processor remembers whom an id belongs to. When persons are merged or deleted that becomes
wrong, so whoever does that holds the project's lock alone and writes it down in
``person_changes``; whoever stores events shares the lock until COMMIT, and first looks whether
something was written down since it last looked (docs/decisions/0009-people.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from psycopg2.extensions import cursor as Cursor

from shared.runtime.advisory_locks import AdvisoryLock, stripe, stripes


def share(cursor: Cursor, project_ids: Iterable[int]) -> dict[int, int]:
    """Keep persons of these projects as they are until COMMIT; answers how many changes there were.

    Args:
        cursor: of the transaction that stores events.
        project_ids: whose.
    """
    wanted = sorted(set(project_ids))
    # Two statements: the second must look after the lock was granted.
    cursor.execute(
        """
        SELECT count(pg_advisory_xact_lock_shared(%s, stripe)) FROM unnest(%s::int[]) AS stripe;
        SELECT project_id, changes FROM person_counters WHERE project_id = ANY (%s)
        """,
        (int(AdvisoryLock.PERSONS), stripes(wanted), wanted),
    )
    return dict(cursor.fetchall())


def hold(cursor: Cursor, project_id: int) -> None:
    """Be the only one to change, use or make persons of a project until COMMIT.

    New ids are given persons without the lock, but under the row that counts them.
    """
    cursor.execute(
        "SELECT pg_advisory_xact_lock(%(lock)s, %(stripe)s);"
        "SELECT 1 FROM person_counters WHERE project_id = %(project)s FOR NO KEY UPDATE",
        {
            "lock": int(AdvisoryLock.PERSONS),
            "stripe": stripe(project_id),
            "project": project_id,
        },
    )


def counts(cursor: Cursor, project_ids: Sequence[int]) -> dict[int, int]:
    """How many changes there have been, by project."""
    cursor.execute(
        "SELECT project_id, changes FROM person_counters WHERE project_id = ANY (%s)",
        (list(project_ids),),
    )
    return dict(cursor.fetchall())


def since(cursor: Cursor, project_id: int, number: int) -> list[tuple[int, int | None]]:
    """Persons who were merged into others (or deleted: None) after the given change, in order."""
    cursor.execute(
        "SELECT person_id, into_person_id FROM person_changes "
        "WHERE project_id = %s AND number > %s ORDER BY number",
        (project_id, number),
    )
    return cursor.fetchall()


def note(cursor: Cursor, project_id: int, person_id: int, into_person_id: int | None) -> None:
    """Write down that a person is no more; the caller has called ``hold``."""
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
