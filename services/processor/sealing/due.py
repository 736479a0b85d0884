"""Which days are to be sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg2.extensions import cursor as Cursor

from shared.events.local_days import day_of, days_between, midnight

GRACE = timedelta(minutes=10)
"""So long after its end a day is sealed first: most late events have come by then."""
_MOST_PATIENCE = timedelta(hours=1)


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


@dataclass(frozen=True, slots=True)
class DueDay:
    """A closed day whose seal does not hold."""

    day: date
    since: datetime
    """Since when: the end of the day, or when late events voided its seal."""
    was_sealed: bool

    def is_worth_it(self, ends_at: datetime, now: datetime) -> bool:
        """Whether it is time to seal the day again.

        A day that events trickle into is not sealed for each of them: the longer it is over, the
        longer it waits for more, up to an hour.
        """
        patience = min(_MOST_PATIENCE, (now - ends_at) / 24)
        return not self.was_sealed or now - self.since >= patience


def due_days(cursor: Cursor, project: ProjectZone, now: datetime) -> list[DueDay]:
    """Closed days without a seal that holds, ascending; from the day of the first event on."""
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
    known = {day: (holds, dirtied_at) for day, holds, dirtied_at in cursor.fetchall()}
    found = []
    for day in days_between(first, last):
        holds, dirtied_at = known.get(day, (False, None))
        if not holds:
            since = dirtied_at or midnight(day + timedelta(days=1), project.zone)
            found.append(DueDay(day, since, was_sealed=dirtied_at is not None))
    return found


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
