"""Marking sealed days as dirty, in the transaction that changes their rows.

A day's seal is void as soon as its ``version`` differs from the one that was sealed. Whoever adds,
removes or rewrites rows of ``events``, or changes when a session begins, calls ``mark`` as its last
statement before COMMIT. Why that
leaves no gap, also for a day that is being sealed for the first time: see
docs/decisions/0007-sealed-days.md.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from shared.runtime.advisory_locks import AdvisoryLock, stripe, stripes


def mark(cursor: Cursor, buckets: Collection[tuple[int, datetime]]) -> None:
    """Void the seals of the days that hold these (project id, start of a quarter hour, UTC)."""
    pairs = sorted(set(buckets))
    if not pairs:
        return
    # Two statements: the second must look at sealed_days after the lock was granted.
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
    """Wait until every transaction that has begun to ``mark`` days of this project has ended.

    Those that begin afterwards wait until this transaction ends, so it must be a short one.

    Raises:
        psycopg2.errors.LockNotAvailable: some writer took longer than the time-out; try again.
    """
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", (f"{timeout_ms}ms",))
    cursor.execute(
        "SELECT pg_advisory_xact_lock(%s, %s)", (int(AdvisoryLock.DIRTY_DAYS), stripe(project_id))
    )
