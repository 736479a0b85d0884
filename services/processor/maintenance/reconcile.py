"""Compare the additive counts with the rows they count, and repair differences.

In one snapshot the two agree, since the same transactions write both. So timing alone never causes
a difference. A repair adds the difference instead of overwriting the count, so that events stored
in the meantime stay counted.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.jobs.attempts import Work, attempt
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.sealing.due import projects
from shared.runtime.advisory_locks import AdvisoryLock

log = logging.getLogger(__name__)

_FIRST_LOOK_BACK = timedelta(days=1)
_MAX_HOURS = 48


@dataclass(frozen=True, slots=True)
class Drift:
    """A row of ``event_counts`` that differs from the raw rows."""

    bucket: datetime
    event_name: str
    source: str
    counted: int
    stored: int


@dataclass(slots=True)
class Reconciliation:
    """The number of compared hours or days, and the differences."""

    projects: int = 0
    drifts: int = 0
    days: int = 0
    """Clean days whose number of events differs from the counts."""


def find_drifts(
    connection: Connection, project_id: int, start: datetime, end: datetime
) -> list[Drift]:
    """Find differences in ``start`` ≤ bucket < ``end``, in one snapshot, without expired days."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(
                """
                WITH counted AS (
                    SELECT bucket, event_name, source, events FROM event_counts
                    WHERE project_id = %(id)s AND bucket >= %(start)s AND bucket < %(end)s
                ), stored AS (
                    SELECT date_bin('15 minutes', timestamp, 'epoch') AS bucket, event_name,
                           coalesce(source, '') AS source, count(*) AS events
                    FROM events
                    WHERE project_id = %(id)s AND timestamp >= %(start)s AND timestamp < %(end)s
                    GROUP BY 1, 2, 3
                )
                SELECT bucket, event_name, source,
                       coalesce(counted.events, 0), coalesce(stored.events, 0)
                FROM counted FULL JOIN stored USING (bucket, event_name, source)
                WHERE coalesce(counted.events, 0) <> coalesce(stored.events, 0)
                  AND NOT EXISTS (
                      SELECT FROM sealed_days d WHERE d.project_id = %(id)s
                      AND d.expired_at IS NOT NULL
                      AND bucket >= d.starts_at AND bucket < d.ends_at)
                ORDER BY bucket, event_name, source
                """,
                {"id": project_id, "start": start, "end": end},
            )
            return [Drift(*row) for row in cursor.fetchall()]
    finally:
        connection.rollback()


def repair(
    connection: Connection, project_id: int, start: datetime, end: datetime, now: datetime
) -> list[Drift] | None:
    """Correct the counts from the rows; return the differences. Commits.

    None: another repair of the project is running.
    """
    with try_lock(connection, AdvisoryLock.REPAIR, project_id) as held:
        if not held:
            return None
        drifts = find_drifts(connection, project_id, start, end)
        if drifts:
            with connection.cursor() as cursor:
                _add_differences(cursor, project_id, drifts)
                _record(cursor, project_id, drifts, now, repaired=True)
            connection.commit()
    return drifts


def reconcile_hours(
    connection: Connection, now: datetime, *, progress: Progress = no_progress
) -> Reconciliation:
    """Compare every project's closed hours since the last time with their rows. Commits.

    Differences are recorded in ``rollup_drifts`` and logged. Only an operator repairs them
    (``tidemark rebuild``), after finding the cause.
    """
    found = Reconciliation()
    project_ids = _project_ids(connection)
    end = now.replace(minute=0, second=0, microsecond=0)
    for project_id in project_ids:
        drifts: list[Drift] = []
        with attempt(connection, project_id, Work.RECONCILE_HOURS):
            drifts = _reconcile_hours(connection, project_id, end, now)
        found.projects += 1
        found.drifts += len(drifts)
        if drifts:
            log.error(
                "project %d: %d counts differ from the stored events; repair with "
                "`tidemark rebuild`",
                project_id,
                len(drifts),
            )
        progress(found.projects, len(project_ids), f"project {project_id}")
    return found


def reconcile_days(
    connection: Connection, now: datetime, *, progress: Progress = no_progress
) -> Reconciliation:
    """Compare the clean days of every project with the counts. Commits.

    A day that differs is compared row by row too.
    """
    found = Reconciliation()
    project_ids = _project_ids(connection)
    for project_id in project_ids:
        with attempt(connection, project_id, Work.RECONCILE_DAYS):
            _reconcile_days(connection, project_id, now, found)
        found.projects += 1
        progress(found.projects, len(project_ids), f"project {project_id}")
    return found


def _reconcile_days(
    connection: Connection, project_id: int, now: datetime, found: Reconciliation
) -> None:
    for start, end in _differing_days(connection, project_id):
        drifts = find_drifts(connection, project_id, start, end)
        with connection.cursor() as cursor:
            _record(cursor, project_id, drifts, now, repaired=False)
        connection.commit()
        log.error("project %d: the day from %s differs from its counts", project_id, start)
        found.days += 1
        found.drifts += len(drifts)


def _project_ids(connection: Connection) -> list[int]:
    with connection.cursor() as cursor:
        found = [project.project_id for project in projects(cursor)]
    connection.commit()
    return found


def _reconcile_hours(
    connection: Connection, project_id: int, end: datetime, now: datetime
) -> list[Drift]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT checked_until FROM reconciliations WHERE project_id = %s", (project_id,)
        )
        (start,) = cursor.fetchone() or (end - _FIRST_LOOK_BACK,)
    connection.commit()
    end = min(end, start + timedelta(hours=_MAX_HOURS))
    if start >= end:
        return []
    drifts = find_drifts(connection, project_id, start, end)
    with connection.cursor() as cursor:
        _record(cursor, project_id, drifts, now, repaired=False)
        cursor.execute(
            "INSERT INTO reconciliations (project_id, checked_until) VALUES (%s, %s) "
            "ON CONFLICT (project_id) DO UPDATE SET checked_until = excluded.checked_until",
            (project_id, end),
        )
    connection.commit()
    return drifts


def _differing_days(connection: Connection, project_id: int) -> list[tuple[datetime, datetime]]:
    """List clean days that hold another number of events than the counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.starts_at, d.ends_at FROM sealed_days d
            LEFT JOIN event_counts c ON c.project_id = d.project_id
                AND c.bucket >= d.starts_at AND c.bucket < d.ends_at
            WHERE d.project_id = %s AND d.version = d.sealed_version AND d.expired_at IS NULL
            GROUP BY d.day, d.starts_at, d.ends_at, d.events
            HAVING coalesce(sum(c.events), 0) <> d.events
            ORDER BY 1
            """,
            (project_id,),
        )
        days = [(start, end) for start, end in cursor.fetchall()]
    connection.commit()
    return days


def _add_differences(cursor: Cursor, project_id: int, drifts: Sequence[Drift]) -> None:
    execute_values(
        cursor,
        """
        INSERT INTO event_counts (project_id, bucket, event_name, source, events) VALUES %s
        ON CONFLICT (project_id, bucket, event_name, source)
        DO UPDATE SET events = event_counts.events + excluded.events
        """,
        [(project_id, d.bucket, d.event_name, d.source, d.stored - d.counted) for d in drifts],
        page_size=1000,
    )
    cursor.execute(
        "DELETE FROM event_counts WHERE project_id = %s AND bucket BETWEEN %s AND %s "
        "AND events = 0",
        (project_id, drifts[0].bucket, drifts[-1].bucket),
    )


def _record(
    cursor: Cursor, project_id: int, drifts: Sequence[Drift], now: datetime, *, repaired: bool
) -> None:
    execute_values(
        cursor,
        """
        INSERT INTO rollup_drifts
            (project_id, bucket, event_name, source, counted, stored, found_at, repaired_at)
        VALUES %s
        ON CONFLICT (project_id, bucket, event_name, source) DO UPDATE
        SET counted = excluded.counted, stored = excluded.stored, found_at = excluded.found_at,
            repaired_at = excluded.repaired_at
        """,
        [
            (
                *(project_id, d.bucket, d.event_name, d.source, d.counted, d.stored),
                *(now, now if repaired else None),
            )
            for d in drifts
        ],
        page_size=1000,
    )
