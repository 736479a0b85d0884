"""Apply retention: delete raw rows older than a project's retention; sealed data stays.

The rule: raw events, also those of crawlers, ended sessions and dead letters are deleted once their
local day is more than ``retention_days`` days ago. Counts, sealed days and summaries stay: they
hold no property of a single event, and of persons only their numbers. A day's rows are deleted only
while its seal is clean; the day is marked as expired before the first row is deleted, and never
sealed again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from services.processor.jobs.attempts import Work, attempt
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.sealing import day_files, store
from services.processor.sealing.due import ProjectZone, first_day, zone_of
from services.processor.sealing.run import SealRun, seal_days
from services.processor.sessions.locking import delete_sessions
from services.processor.storing import partitions
from shared.events.local_days import day_of, days_between, midnight, span
from shared.runtime import data_version
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.database import delete_in_batches, owner_connection
from shared.runtime.redis_clients import get_jobs_redis

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The time before which a project's raw rows are deleted."""

    project: ProjectZone
    first_retained_day: date
    """The first local day whose rows stay."""
    before: datetime
    """The start of that day: rows with an earlier timestamp are deleted."""
    retained: tuple[tuple[datetime, datetime], ...] = ()
    """Start and end of earlier days whose rows stay as well, since they are not sealed."""


@dataclass(slots=True)
class Removal:
    """The rows and partitions that were removed, or would be."""

    expired_days: int = 0
    rows: int = 0
    """The number of rows deleted one by one; rows of dropped partitions are not counted."""
    sessions: int = 0
    dead_letters: int = 0
    partitions: list[date] = field(default_factory=list)
    """UTC days dropped as a whole."""
    undropped: list[date] = field(default_factory=list)
    """UTC days that could not be dropped because of an error, which is in the log."""
    unsettled: list[tuple[int, date]] = field(default_factory=list)
    """(project id, day) that could not be sealed now; their rows stay until the next run."""
    failed: list[int] = field(default_factory=list)
    """Projects of which something could not be removed because of an error."""


def list_cutoffs(
    connection: Connection, now: datetime, project_id: int | None = None
) -> list[Cutoff]:
    """List the cutoff of every project that has a retention. Commits."""
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
        zone = zone_of(own_id, zone_name)
        if zone is None:
            continue
        first_retained_day = day_of(now, zone) - timedelta(days=days)
        found.append(
            Cutoff(
                ProjectZone(own_id, zone), first_retained_day, midnight(first_retained_day, zone)
            )
        )
    return found


def plan_removal(connection: Connection, now: datetime, project_id: int | None = None) -> Removal:
    """Return the removal that ``remove_expired`` would make now, without making it."""
    cutoffs = list_cutoffs(connection, now, project_id)
    removal = Removal(partitions=_droppable(connection, cutoffs))
    with connection.cursor() as cursor:
        for cutoff in cutoffs:
            removal.expired_days += len(_days_to_expire(connection, cutoff))
            cursor.execute(
                "SELECT (SELECT count(*) FROM events WHERE project_id = %(id)s AND timestamp < "
                "%(before)s), (SELECT count(*) FROM sessions WHERE project_id = %(id)s AND "
                "ended_at < %(before)s), (SELECT count(*) FROM dead_letters WHERE "
                "project_id = %(id)s AND created_at < %(before)s)",
                {"id": cutoff.project.project_id, "before": cutoff.before},
            )
            rows, sessions, letters = cursor.fetchone() or (0, 0, 0)
            removal.rows += rows
            removal.sessions += sessions
            removal.dead_letters += letters
    connection.commit()
    return removal


def remove_expired(
    connection: Connection,
    now: datetime,
    *,
    project_id: int | None = None,
    progress: Progress = no_progress,
) -> Removal:
    """Remove expired rows. Commits; can be interrupted anywhere and run again."""
    removal = Removal()
    with try_lock(connection, AdvisoryLock.RETENTION) as held:
        if not held:
            return removal
        ready: list[Cutoff] = []
        cutoffs = list_cutoffs(connection, now, project_id)
        for number, cutoff in enumerate(cutoffs, start=1):
            own_id = cutoff.project.project_id
            with attempt(connection, own_id, Work.EXPIRE) as tried:
                ready += _expire(connection, cutoff, removal)
            if tried.failed:
                removal.failed.append(own_id)
            progress(number, 2 * len(cutoffs), f"project {own_id}: days")
        droppable = _droppable(connection, ready)
        # Dropping waits for every transaction that uses the partition, this one included.
        connection.rollback()
        _drop_partitions(droppable, removal)
        for number, cutoff in enumerate(ready, start=1):
            own_id = cutoff.project.project_id
            with attempt(connection, own_id, Work.EXPIRE) as tried:
                _delete_rows(connection, cutoff, removal)
            if tried.failed:
                removal.failed.append(own_id)
            progress(len(cutoffs) + number, 2 * len(cutoffs), f"project {own_id}: rows")
    return removal


def _drop_partitions(days: list[date], removal: Removal) -> None:
    """Drop partitions, and those that an interrupted run has detached.

    One that cannot be dropped is logged. Unless it is detached already its rows are deleted one by
    one, like those of other partitions.
    """
    try:
        with owner_connection("retention") as owner:
            for day in [*partitions.list_leftovers(owner), *days]:
                try:
                    partitions.drop_partition(owner, day)
                except psycopg2.Error:
                    log.exception("the partition of %s cannot be dropped; going on", day)
                    removal.undropped.append(day)
                else:
                    removal.partitions.append(day)
    except psycopg2.Error:
        log.exception("the tables' owner cannot connect; set DATABASE_OWNER_URL for the worker")
        removal.undropped += [day for day in days if day not in removal.partitions]


def _delete_rows(connection: Connection, cutoff: Cutoff, removal: Removal) -> None:
    removal.rows += _delete_events(connection, cutoff)
    removal.sessions += _delete(connection, "sessions", "ended_at", cutoff, "started_at")
    # Cached answers may still show what is gone; also what an interrupted run removed.
    data_version.advance(get_jobs_redis(), cutoff.project.project_id)
    removal.dead_letters += _delete(connection, "dead_letters", "created_at", cutoff)
    _delete(connection, "person_merges", "merged_at", cutoff)
    _delete(connection, "crawler_events", "timestamp", cutoff)


def _days_to_expire(connection: Connection, cutoff: Cutoff) -> list[date]:
    with connection.cursor() as cursor:
        first = first_day(cursor, cutoff.project)
        cursor.execute(
            "SELECT day FROM sealed_days WHERE project_id = %s AND expired_at IS NOT NULL",
            (cutoff.project.project_id,),
        )
        expired = {day for (day,) in cursor.fetchall()}
    connection.commit()
    if first is None:
        return []
    return [
        day
        for day in days_between(first, cutoff.first_retained_day - timedelta(days=1))
        if day not in expired
    ]


def _expire(connection: Connection, cutoff: Cutoff, removal: Removal) -> list[Cutoff]:
    """Seal and mark every day before the cutoff as expired.

    Returns the cutoff with the days that could not be marked in ``retained``, or an empty list
    while another process is sealing the project.
    """
    project_id = cutoff.project.project_id
    with try_lock(connection, AdvisoryLock.SEAL, project_id) as held:
        if not held:
            return []
        days = _days_to_expire(connection, cutoff)
        with connection.cursor() as cursor:
            states = store.list_day_states(cursor, project_id, days)
        connection.commit()
        zone = cutoff.project.zone
        unsealed = [
            day
            for day in days
            if day not in states
            or not states[day].is_clean
            or not states[day].has_bounds(zone.key, *span(day, zone))
        ]
        seal_days(connection, cutoff.project, unsealed, SealRun())
        marked = _mark_expired(connection, project_id, days)
    removal.expired_days += len(marked)
    left = [day for day in days if day not in marked]
    removal.unsettled += [(project_id, day) for day in left]
    return [replace(cutoff, retained=tuple(span(day, zone) for day in left))]


def _mark_expired(connection: Connection, project_id: int, days: list[date]) -> set[date]:
    """Mark the clean ones of the days as expired, and return them: their rows may be deleted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sealed_days SET expired_at = now() WHERE project_id = %s AND day = ANY (%s) "
            "AND version = sealed_version AND expired_at IS NULL RETURNING day",
            (project_id, days),
        )
        marked = {day for (day,) in cursor.fetchall()}
        unused = day_files.forget_unused(cursor, project_id)
    connection.commit()
    day_files.remove(unused)
    return marked


def _droppable(connection: Connection, ready: list[Cutoff]) -> list[date]:
    """List UTC days on which no project with rows has a row to keep."""
    cutoffs = {cutoff.project.project_id: cutoff for cutoff in ready}
    if not cutoffs:
        return []
    latest = max(cutoff.before for cutoff in ready)
    found = []
    for day in partitions.list_days(connection):
        start, end = _start(day), _start(day + timedelta(days=1))
        if end > latest:
            break
        owners = partitions.list_projects(connection, day)
        if owners and all(
            owner in cutoffs and _removes_all(cutoffs[owner], start, end) for owner in owners
        ):
            found.append(day)
    return found


def _removes_all(cutoff: Cutoff, start: datetime, end: datetime) -> bool:
    """Return whether no row of the project in ``start`` ≤ t < ``end`` stays."""
    return cutoff.before >= end and not any(
        first < end and last > start for first, last in cutoff.retained
    )


def _delete_events(connection: Connection, cutoff: Cutoff) -> int:
    """Delete a project's rows before its cutoff, by partition; return how many."""
    return sum(
        _delete(connection, partitions.table_name(day), "timestamp", cutoff, "timestamp")
        for day in partitions.list_days(connection)
        if _start(day) < cutoff.before
    )


def _delete(
    connection: Connection, table: str, column: str, cutoff: Cutoff, retained_by: str | None = None
) -> int:
    """Delete a project's rows before its cutoff; those of retained days stay.

    Args:
        connection: commits.
        table: a table, or a partition of ``events``.
        column: the time that the cutoff is compared with.
        cutoff: of the project.
        retained_by: the time by which rows belong to a retained day; None: they belong to no day.
    """
    condition = sql.SQL("project_id = %s AND {} < %s").format(sql.Identifier(column))
    parameters: list[object] = [cutoff.project.project_id, cutoff.before]
    if retained_by is not None:
        time = sql.Identifier(retained_by)
        for start, end in cutoff.retained:
            condition += sql.SQL(" AND NOT ({0} >= %s AND {0} < %s)").format(time)
            parameters += [start, end]
    if table == "sessions":
        return delete_sessions(connection, condition, parameters, cutoff.project.project_id)
    return delete_in_batches(connection, table, condition, parameters)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
