"""Report the state of the tables: stored, sealed, dirty, expired, refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import NamedTuple

from psycopg2.extensions import connection as Connection

from services.processor.sealing.due import due_days, projects
from services.processor.storing import partitions


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """One project's numbers."""

    project_id: int
    name: str
    events: int
    """All events ever counted, including those that retention has removed."""
    last_day_events: int
    """In the last 24 hours of event time, to the quarter hour."""
    latest: datetime | None
    """Start of the quarter hour of the latest event."""
    persons: int
    sealed_days: int
    dirty_days: int
    """Sealed once, then changed: raw rows are read until they are sealed again."""
    unsealed_days: int
    """Closed, and not sealed yet."""
    expired_days: int
    dead_letters: int


class _ProjectRow(NamedTuple):
    """A project's row in the result of the statement."""

    project_id: int
    name: str
    events: int
    last_day_events: int
    latest: datetime | None
    persons: int
    sealed_days: int
    dirty_days: int
    expired_days: int
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Status:
    """The installation's numbers."""

    projects: list[ProjectStatus]
    partitions: int
    last_partition: date | None
    drifts: int


def status(connection: Connection, project_id: int | None = None) -> Status:
    """Read the state from PostgreSQL. Commits."""
    now = datetime.now(timezone.utc)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.id, p.name, c.events, c.last_day, c.latest, coalesce(n.last_person_id, 0),
                   s.sealed, s.dirty, s.expired,
                   (SELECT count(*) FROM dead_letters d WHERE d.project_id = p.id)
            FROM projects p
            LEFT JOIN person_counters n ON n.project_id = p.id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(events), 0)::bigint AS events, max(bucket) AS latest,
                       coalesce(sum(events) FILTER (WHERE bucket > %(now)s - interval '1 day'), 0)
                           ::bigint AS last_day
                FROM event_counts WHERE project_id = p.id
            ) c
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE version = sealed_version AND expired_at IS NULL)
                           AS sealed,
                       count(*) FILTER (WHERE version IS DISTINCT FROM sealed_version
                                        AND expired_at IS NULL) AS dirty,
                       count(*) FILTER (WHERE expired_at IS NOT NULL) AS expired
                FROM sealed_days WHERE project_id = p.id
            ) s
            WHERE %(id)s::int IS NULL OR p.id = %(id)s ORDER BY p.id
            """,
            {"now": now, "id": project_id},
        )
        rows = [_ProjectRow(*row) for row in cursor]
        due = {p.project_id: len(due_days(cursor, p, now)) for p in projects(cursor, project_id)}
        cursor.execute("SELECT count(*) FROM rollup_drifts WHERE repaired_at IS NULL")
        (drifts,) = cursor.fetchone() or (0,)
    connection.commit()
    days = partitions.list_days(connection)
    return Status(
        projects=[_project(row, due.get(row.project_id, 0)) for row in rows],
        partitions=len(days),
        last_partition=days[-1] if days else None,
        drifts=drifts,
    )


def _project(row: _ProjectRow, due: int) -> ProjectStatus:
    return ProjectStatus(**row._asdict(), unsealed_days=max(0, due - row.dirty_days))
