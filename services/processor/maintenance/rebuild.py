"""Rebuild the data that is derived from raw rows: sessions, counts, sealed days, summaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.jobs.attempts import Work, attempt
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.maintenance.reconcile import repair
from services.processor.sealing import store
from services.processor.sealing.day import seal_day
from services.processor.sealing.day_files import keep_file
from services.processor.sealing.due import ProjectZone, first_day, last_closed_day, projects
from services.processor.sealing.run import SealRun
from services.processor.sessions.rebuilding import rebuild_sessions
from shared.errors import Conflict, NotFound
from shared.events.local_days import day_of, days_between, span
from shared.runtime import data_version
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.redis_clients import get_jobs_redis


@dataclass(slots=True)
class Rebuilt:
    """The result of a rebuild."""

    days: int = 0
    counts_corrected: int = 0
    sessions_corrected: int | None = None
    """None: they could not be rebuilt because of an error."""
    expired: list[date] = field(default_factory=list)
    """The days that were not rebuilt, because retention has removed their rows."""
    failed: list[date] = field(default_factory=list)
    """Days that could not be rebuilt because of an error."""
    sealing: SealRun = field(default_factory=SealRun)


def rebuild(
    connection: Connection,
    project_id: int,
    first: date | None,
    last: date | None,
    now: datetime,
    *,
    progress: Progress = no_progress,
) -> Rebuilt:
    """Rebuild a project's local days from raw rows, and make cached answers stale. Commits.

    First the sessions that begin on the first day or later, as they count in sealed days; then each
    day. Storing goes on meanwhile. What fails is recorded, and the rest is rebuilt.

    Args:
        connection: of the caller's own.
        project_id: the project.
        first: None: the day of its earliest event.
        last: None: today. Open days get their counts; they are sealed when they close.
        now: the current time.
        progress: called after every day.

    Raises:
        NotFound: there is no such project.
        Conflict: its days are being sealed or repaired by another process.
    """
    with connection.cursor() as cursor:
        found = projects(cursor, project_id)
        if not found:
            raise NotFound(
                f"There is no project {project_id}. Show the projects with: tidemark event_status"
            )
        [project] = found
        today = day_of(now, project.zone)
        days = days_between(first or _first_day(cursor, project) or today, last or today)
    connection.commit()
    done = Rebuilt()
    with try_lock(connection, AdvisoryLock.SEAL, project_id) as held:
        if not held:
            raise Conflict(f"Project {project_id} is being sealed. Try again in a few minutes.")
        try:
            with attempt(connection, project_id, Work.SESSIONS):
                done.sessions_corrected = rebuild_sessions(
                    connection,
                    project_id,
                    _sessions_since(connection, project, first),
                    progress=progress,
                )
            for number, day in enumerate(days, start=1):
                with attempt(connection, project_id, Work.SEAL, day) as tried:
                    _rebuild_day(connection, project, day, now, done)
                if tried.failed:
                    done.failed.append(day)
                else:
                    keep_file(connection, project_id, day)
                progress(number, len(days), str(day))
        finally:
            # Cached answers may show what was wrong before, also when only some days are rebuilt.
            data_version.advance(get_jobs_redis(), project_id)
    return done


def _sessions_since(
    connection: Connection, project: ProjectZone, first: date | None
) -> datetime | None:
    """Return from when on sessions have all their rows; None: from the beginning. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(ends_at) FROM sealed_days WHERE project_id = %s AND expired_at IS NOT NULL",
            (project.project_id,),
        )
        (expired_until,) = cursor.fetchone() or (None,)
    connection.commit()
    starts = [span(first, project.zone)[0] if first else None, expired_until]
    return max((start for start in starts if start is not None), default=None)


def _rebuild_day(
    connection: Connection, project: ProjectZone, day: date, now: datetime, done: Rebuilt
) -> None:
    with connection.cursor() as cursor:
        state = store.list_day_states(cursor, project.project_id, [day]).get(day)
    connection.commit()
    if state is not None and state.expired_at is not None:
        done.expired.append(day)
        return
    drifts = repair(connection, project.project_id, *span(day, project.zone), now)
    if drifts is None:
        raise Conflict(
            f"Project {project.project_id} is being repaired by another process. Try again in a "
            "few minutes."
        )
    done.counts_corrected += len(drifts)
    if day <= last_closed_day(project.zone, now):
        sealed = seal_day(connection, project.project_id, day, project.zone)
        done.sealing.add(project.project_id, sealed)
    done.days += 1


def _first_day(cursor: Cursor, project: ProjectZone) -> date | None:
    """Return the day of the earliest row or count; None: there is neither."""
    cursor.execute("SELECT min(timestamp) FROM events WHERE project_id = %s", (project.project_id,))
    (earliest,) = cursor.fetchone() or (None,)
    found = [first_day(cursor, project), earliest and day_of(earliest, project.zone)]
    return min((day for day in found if day is not None), default=None)
