"""Mark sealed days dirty, in the transaction that changes their rows.

A day is clean as long as its ``version`` equals the one that was sealed. Every transaction that
adds, removes or rewrites rows of ``events``, or changes when a session begins, calls ``mark_dirty``
as its last statement before COMMIT. Why that leaves no gap, even for a day that is being sealed for
the first time: docs/decisions/0007-sealed-days.md.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from shared.runtime.advisory_locks import AdvisoryLock, stripe, stripes


def mark_dirty(cursor: Cursor, buckets: Collection[tuple[int, datetime]]) -> None:
    """Mark days dirty so that they are sealed again.

    Args:
        cursor: of the transaction that changes the rows.
        buckets: project id and start (UTC) of each quarter hour with changed rows.
    """
    pairs = sorted(set(buckets))
    if not pairs:
        return
    # Two statements: the second must read sealed_days after the lock was granted.
    cursor.execute(
        """
        SELECT count(pg_advisory_xact_lock_shared(%(lock)s, stripe))
        FROM unnest(%(stripes)s::int[]) AS stripe;
        WITH late AS MATERIALIZED (
            SELECT s.project_id, s.day
            FROM unnest(%(projects)s::int[], %(buckets)s::timestamptz[]) AS e (project_id, bucket)
            JOIN sealed_days s ON s.project_id = e.project_id
                AND s.day BETWEEN (e.bucket AT TIME ZONE 'UTC')::date - 1
                              AND (e.bucket AT TIME ZONE 'UTC')::date + 1
                AND e.bucket >= s.starts_at AND e.bucket < s.ends_at
            ORDER BY s.project_id, s.day
            FOR NO KEY UPDATE OF s
        )
        UPDATE sealed_days d
        SET version = d.version + 1,
            dirtied_at = CASE WHEN d.version = d.sealed_version THEN now() ELSE d.dirtied_at END
        FROM (SELECT DISTINCT project_id, day FROM late) l
        WHERE d.project_id = l.project_id AND d.day = l.day
        """,
        {
            "lock": int(AdvisoryLock.DIRTY_DAYS),
            "stripes": stripes(project_id for project_id, _ in pairs),
            "projects": [project_id for project_id, _ in pairs],
            "buckets": [bucket for _, bucket in pairs],
        },
    )


def wait_for_writers(cursor: Cursor, project_id: int, timeout_ms: int) -> None:
    """Wait until every transaction that has called ``mark_dirty`` for this project has ended.

    Transactions that call it later wait until this transaction ends, so it must be a short one.

    Raises:
        psycopg2.errors.LockNotAvailable: a writer took longer than the time-out; try again.
    """
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", (f"{timeout_ms}ms",))
    cursor.execute(
        "SELECT pg_advisory_xact_lock(%s, %s)", (int(AdvisoryLock.DIRTY_DAYS), stripe(project_id))
    )
