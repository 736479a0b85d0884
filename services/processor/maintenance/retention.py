"""Retention: raw rows go when a project's days are older than it wants; what was sealed stays.

The rule. Raw events, sessions that ended, and dead letters are removed once their local day is
more than ``retention_days`` days ago. Counts, sealed days and summaries stay: they hold no property
of a single event, and of persons only their numbers. A day's rows go only after its seal holds; it
is marked as expired before the first row is removed, and never sealed again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, silent
from services.processor.sealing import store
from services.processor.sealing.due import ProjectZone, first_day
from services.processor.sealing.run import SealRun, seal_days
from services.processor.storing import partitions
from shared.events.local_days import day_of, days_between, midnight, span
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.database import delete_in_batches

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to where a project's raw rows go."""

    project: ProjectZone
    first_kept: date
    """The first local day whose rows stay."""
    before: datetime
    """Its first instant: rows with an earlier timestamp go."""


@dataclass(slots=True)
class Removal:
    """What was removed, or would be."""

    expired_days: int = 0
    rows: int = 0
    """Deleted one by one; rows of dropped partitions are not counted."""
    sessions: int = 0
    dead_letters: int = 0
    partitions: list[date] = field(default_factory=list)
    """UTC days dropped as a whole."""
    unsettled: list[tuple[int, date]] = field(default_factory=list)
    """(project id, day) that could not be sealed now; their rows stay until the next time."""


def limits(connection: Connection, now: datetime, project_id: int | None = None) -> list[Limit]:
    """The limits of every project that has one. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, timezone, retention_days FROM projects WHERE retention_days IS NOT NULL "
            "AND (%(id)s::int IS NULL OR id = %(id)s) ORDER BY id",
            {"id": project_id},
        )
        rows = cursor.fetchall()
    connection.commit()
    found = []
    for own_id, zone_name, days in rows:
        zone = ZoneInfo(zone_name)
        first_kept = day_of(now, zone) - timedelta(days=days)
        found.append(Limit(ProjectZone(own_id, zone), first_kept, midnight(first_kept, zone)))
    return found


def plan(connection: Connection, now: datetime, project_id: int | None = None) -> Removal:
    """What ``retain`` would remove now. Changes nothing."""
    wanted = limits(connection, now, project_id)
    removal = Removal(partitions=_droppable(connection, wanted))
    with connection.cursor() as cursor:
        for limit in wanted:
            removal.expired_days += len(_days_to_expire(connection, limit))
            cursor.execute(
                "SELECT (SELECT count(*) FROM events WHERE project_id = %(id)s AND timestamp < "
                "%(before)s), (SELECT count(*) FROM sessions WHERE project_id = %(id)s AND "
                "ended_at < %(before)s), (SELECT count(*) FROM dead_letters WHERE "
                "project_id = %(id)s AND created_at < %(before)s)",
                {"id": limit.project.project_id, "before": limit.before},
            )
            rows, sessions, letters = cursor.fetchone() or (0, 0, 0)
            removal.rows += rows
            removal.sessions += sessions
            removal.dead_letters += letters
    connection.commit()
    return removal


def retain(
    connection: Connection,
    now: datetime,
    *,
    project_id: int | None = None,
    progress: Progress = silent,
) -> Removal:
    """Remove what is too old. Commits; can be stopped anywhere and run again."""
    removal = Removal()
    with try_lock(connection, AdvisoryLock.RETENTION) as held:
        if not held:
            return removal
        partitions.drop_leftovers(connection)
        settled = {}
        wanted = limits(connection, now, project_id)
        for number, limit in enumerate(wanted, start=1):
            settled[limit.project.project_id] = _expire(connection, limit, removal)
            progress(number, 2 * len(wanted), f"project {limit.project.project_id}: days")
        ready = [limit for limit in wanted if settled[limit.project.project_id]]
        for day in _droppable(connection, ready):
            partitions.drop_partition(connection, day)
            removal.partitions.append(day)
        for number, limit in enumerate(ready, start=1):
            removal.rows += _delete_events(connection, limit)
            removal.sessions += _delete(connection, "sessions", "ended_at", limit)
            removal.dead_letters += _delete(connection, "dead_letters", "created_at", limit)
            progress(
                len(wanted) + number, 2 * len(wanted), f"project {limit.project.project_id}: rows"
            )
    return removal


def _days_to_expire(connection: Connection, limit: Limit) -> list[date]:
    with connection.cursor() as cursor:
        first = first_day(cursor, limit.project)
        cursor.execute(
            "SELECT day FROM sealed_days WHERE project_id = %s AND expired_at IS NOT NULL",
            (limit.project.project_id,),
        )
        expired = {day for (day,) in cursor.fetchall()}
    connection.commit()
    if first is None:
        return []
    return [
        day
        for day in days_between(first, limit.first_kept - timedelta(days=1))
        if day not in expired
    ]


def _expire(connection: Connection, limit: Limit, removal: Removal) -> bool:
    """Seal and mark every day before the limit; whether that is true of all of them now."""
    project_id = limit.project.project_id
    with try_lock(connection, AdvisoryLock.SEAL, project_id) as held:
        if not held:
            return False
        wanted = _days_to_expire(connection, limit)
        with connection.cursor() as cursor:
            marks = store.day_marks(cursor, project_id, wanted)
        connection.commit()
        zone = limit.project.zone
        unsealed = [
            day
            for day in wanted
            if day not in marks
            or not marks[day].is_clean
            or not marks[day].is_of(zone.key, *span(day, zone))
        ]
        seal_days(connection, limit.project, unsealed, SealRun())
        marked = _mark_expired(connection, project_id, wanted)
    removal.expired_days += len(marked)
    left = [(project_id, day) for day in wanted if day not in marked]
    removal.unsettled += left
    return not left


def _mark_expired(connection: Connection, project_id: int, days: list[date]) -> set[date]:
    """Mark those of the days whose seals hold; which. From here on their rows may go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sealed_days SET expired_at = now() WHERE project_id = %s AND day = ANY (%s) "
            "AND version = sealed_version AND expired_at IS NULL RETURNING day",
            (project_id, days),
        )
        marked = {day for (day,) in cursor.fetchall()}
    connection.commit()
    return marked


def _droppable(connection: Connection, ready: list[Limit]) -> list[date]:
    """UTC days of which every project with rows has no row to keep."""
    before = {limit.project.project_id: limit.before for limit in ready}
    if not before:
        return []
    latest = max(before.values())
    found = []
    for day in partitions.existing(connection):
        end = _start(day + timedelta(days=1))
        if end > latest:
            break
        owners = partitions.projects_in(connection, day)
        if owners and all(owner in before and before[owner] >= end for owner in owners):
            found.append(day)
    return found


def _delete_events(connection: Connection, limit: Limit) -> int:
    """Delete a project's rows before its limit, partition by partition; answers how many."""
    return sum(
        _delete(connection, partitions.table_name(day), "timestamp", limit)
        for day in partitions.existing(connection)
        if _start(day) < limit.before
    )


def _delete(connection: Connection, table: str, column: str, limit: Limit) -> int:
    return delete_in_batches(
        connection,
        table,
        sql.SQL("project_id = %s AND {} < %s").format(sql.Identifier(column)),
        (limit.project.project_id, limit.before),
    )


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
