"""Which days are to be sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg2.extensions import cursor as Cursor

from shared.local_days import day_of, days_between, midnight

GRACE = timedelta(minutes=10)
"""So long after its end a day is sealed first: most late events have come by then."""


@dataclass(frozen=True, slots=True)
class ProjectZone:
    """A project and its time zone."""

    project_id: int
    zone: ZoneInfo


def projects(cursor: Cursor, project_id: int | None = None) -> list[ProjectZone]:
    """All projects, or the one."""
    cursor.execute(
        "SELECT id, timezone FROM projects WHERE %(id)s::int IS NULL OR id = %(id)s ORDER BY id",
        {"id": project_id},
    )
    return [ProjectZone(found, ZoneInfo(zone)) for found, zone in cursor.fetchall()]


def due_days(cursor: Cursor, project: ProjectZone, now: datetime) -> list[date]:
    """Closed days without a seal that holds, ascending; from the day of the first event on."""
    first = first_day(cursor, project)
    if first is None:
        return []
    last = last_closed_day(project.zone, now)
    cursor.execute(
        """
        SELECT day FROM sealed_days
        WHERE project_id = %s AND day BETWEEN %s AND %s
          AND (expired_at IS NOT NULL OR (zone = %s AND version = sealed_version))
        """,
        (project.project_id, first, last, project.zone.key),
    )
    done = {day for (day,) in cursor.fetchall()}
    return [day for day in days_between(first, last) if day not in done]


def first_day(cursor: Cursor, project: ProjectZone) -> date | None:
    """The local day of the earliest event; None: there is none."""
    cursor.execute(
        "SELECT min(bucket) FROM event_counts WHERE project_id = %s", (project.project_id,)
    )
    (bucket,) = cursor.fetchone() or (None,)
    return day_of(bucket, project.zone) if bucket else None


def last_closed_day(zone: ZoneInfo, now: datetime) -> date:
    """The last local day that ended at least ``GRACE`` ago."""
    today = day_of(now, zone)
    ended = timedelta(days=1 if midnight(today, zone) + GRACE <= now else 2)
    return today - ended
