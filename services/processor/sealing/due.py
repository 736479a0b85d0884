"""List the days to be sealed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from psycopg2.extensions import cursor as Cursor

from shared.events.local_days import day_of, days_between, midnight

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=10)
"""How long after its end a day is first sealed: most late events have arrived by then."""
_MAX_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ProjectZone:
    """A project and its time zone."""

    project_id: int
    zone: ZoneInfo


def projects(cursor: Cursor, project_id: int | None = None) -> list[ProjectZone]:
    """List all projects, or the given one; not those whose time zone is unknown."""
    cursor.execute(
        "SELECT id, timezone FROM projects WHERE %(id)s::int IS NULL OR id = %(id)s ORDER BY id",
        {"id": project_id},
    )
    return [
        ProjectZone(found, zone)
        for found, name in cursor.fetchall()
        if (zone := zone_of(found, name)) is not None
    ]


def zone_of(project_id: int, name: str) -> ZoneInfo | None:
    """Return a project's time zone; None, and an error in the log: this system does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        log.error(
            "project %d is left out: this system does not know its time zone %r; choose another "
            "one in the project's settings, or update the package tzdata",
            project_id,
            name,
        )
        return None


@dataclass(frozen=True, slots=True)
class DueDay:
    """A closed day that is not sealed, or is dirty."""

    day: date
    since: datetime
    """The end of the day, or when late events made it dirty."""
    was_sealed: bool

    def ready_at(self, ends_at: datetime, now: datetime) -> datetime:
        """Return when it is time to seal the day.

        A day that receives late events one by one is not sealed for each of them: the older it is,
        the longer it waits for more, up to an hour.
        """
        return self.since + min(_MAX_WAIT, (now - ends_at) / 24) if self.was_sealed else self.since

    def should_seal(self, ends_at: datetime, now: datetime) -> bool:
        """Return whether it is time to seal the day."""
        return self.ready_at(ends_at, now) <= now


def due_days(cursor: Cursor, project: ProjectZone, now: datetime) -> list[DueDay]:
    """List closed days that are not sealed or are dirty, newest first: they are asked for most."""
    first = first_day(cursor, project)
    if first is None:
        return []
    last = last_closed_day(project.zone, now)
    cursor.execute(
        """
        SELECT day, expired_at IS NOT NULL OR (zone = %s AND version = sealed_version),
               CASE WHEN zone = %s AND sealed_version IS NOT NULL THEN dirtied_at END
        FROM sealed_days WHERE project_id = %s AND day BETWEEN %s AND %s
        """,
        (project.zone.key, project.zone.key, project.project_id, first, last),
    )
    known = {day: (is_clean, dirtied_at) for day, is_clean, dirtied_at in cursor.fetchall()}
    found = []
    for day in reversed(days_between(first, last)):
        is_clean, dirtied_at = known.get(day, (False, None))
        if not is_clean:
            since = dirtied_at or midnight(day + timedelta(days=1), project.zone)
            found.append(DueDay(day, since, was_sealed=dirtied_at is not None))
    return found


def first_day(cursor: Cursor, project: ProjectZone) -> date | None:
    """Return the local day of the earliest event; None: there is none."""
    cursor.execute(
        "SELECT min(bucket) FROM event_counts WHERE project_id = %s", (project.project_id,)
    )
    (bucket,) = cursor.fetchone() or (None,)
    return day_of(bucket, project.zone) if bucket else None


def last_closed_day(zone: ZoneInfo, now: datetime) -> date:
    """Return the last local day that ended at least ``GRACE`` ago."""
    today = day_of(now, zone)
    ended = timedelta(days=1 if midnight(today, zone) + GRACE <= now else 2)
    return today - ended
