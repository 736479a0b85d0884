"""Keep one project's failure from ending a job for all projects, and remember it.

A job attempts a project, or a day of it, in ``attempt``. If that raises, the failure is recorded
in ``failed_attempts`` and the job goes on with the rest. The start of a day is recorded too, so
that a day that ends its process (no memory, a crash in a library) is known to the next run. After
each failure a scheduled job waits twice as long before it tries the day again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from psycopg2.extensions import connection as Connection
from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from services.processor.jobs.causes import without_secrets
from shared.errors import TidemarkError

log = logging.getLogger(__name__)

_MAX_MINUTES = 360
_MAX_ERROR_CHARACTERS = 500
_UNFINISHED_MINUTES = 60
"""An attempt that began so long ago and did not end has ended its process."""
_FAILED = (
    f"failed_at IS NOT NULL OR started_at < now() - {_UNFINISHED_MINUTES} * interval '1 minute'"
)
_ERROR = "coalesce(error, 'Its process ended without a message: it may lack memory.')"
_NEXT_TRY = (
    "coalesce(failed_at, started_at) "
    f"+ least(2 ^ least(attempts, 20), {_MAX_MINUTES}) * interval '1 minute'"
)


class Work(StrEnum):
    """What is attempted for each project."""

    SEAL = "seal"
    WRITE_FILE = "write_file"
    COPY_FILES = "copy_files"
    EXPIRE = "expire"
    RECONCILE_HOURS = "reconcile_hours"
    RECONCILE_DAYS = "reconcile_days"
    MERGE = "merge"
    SESSIONS = "sessions"
    PURGE = "purge"


WHOLE_PROJECT = date.min
"""Stands for the day of an attempt that concerns no single day."""


@dataclass(slots=True)
class Attempt:
    """How an attempt ended."""

    failed: bool = False


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """What failed the last time it was attempted."""

    project_id: int
    work: str
    day: date | None
    """None: the project as a whole."""
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class FailingDay:
    """What failed for a day of a project, and when a scheduled job tries again."""

    attempts: int
    error: str
    next_try_at: datetime


@contextmanager
def attempt(
    connection: Connection,
    project_id: int,
    work: Work,
    day: date = WHOLE_PROJECT,
    *,
    forgets: bool = True,
) -> Iterator[Attempt]:
    """Do one project's part of a job; record its failure instead of raising it. Commits.

    Args:
        connection: of the job; what the block has not committed is rolled back when it raises.
        project_id: the project.
        work: the kind of job.
        day: the local day that is attempted.
        forgets: whether success makes up for earlier failures; not if it is that of another part.

    Raises:
        TidemarkError: as the block raised it: an answer to the caller.
        Exception: PostgreSQL or Redis is away, or the time of the whole job is up.
    """
    outcome = Attempt()
    key = (project_id, work.value, day)
    if day != WHOLE_PROJECT:
        _record_start(connection, key)
    try:
        yield outcome
    except (TidemarkError, RedisError):
        if not connection.closed:
            connection.rollback()
            _forget(connection, key)
        raise
    except Exception as error:
        if connection.closed:
            raise
        connection.rollback()
        _record_failure(connection, key, error)
        if isinstance(error, BaseTimeoutException):
            raise
        outcome.failed = True
        what = "" if day == WHOLE_PROJECT else f" of {day}"
        log.exception("%s%s failed for project %d; going on with the rest", work, what, project_id)
    else:
        if forgets:
            _forget(connection, key)


def forget_days(
    connection: Connection, project_id: int, work: Work, days: Collection[date]
) -> None:
    """Forget failures of days that need no attempt any more. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM failed_attempts WHERE project_id = %s AND work = %s AND day = ANY (%s)",
            (project_id, work.value, list(days)),
        )
    connection.commit()


def postponed_days(connection: Connection, project_id: int, work: Work) -> set[date]:
    """Return the days of a project that failed too recently to be attempted again. Commits.

    What failed by a clock that was ahead is attempted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day FROM failed_attempts WHERE project_id = %s AND work = %s "  # noqa: S608 (ours)
            f"AND {_NEXT_TRY} > now() AND coalesce(failed_at, started_at) <= now()",
            (project_id, work.value),
        )
        found = {day for (day,) in cursor}
    connection.commit()
    return found


def list_failed(connection: Connection) -> list[FailedAttempt]:
    """List what failed the last time it was attempted. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT project_id, work, day, attempts, {_ERROR} FROM failed_attempts "  # noqa: S608 (ours)
            f"WHERE {_FAILED} ORDER BY project_id, work, day"
        )
        found = [
            FailedAttempt(project_id, work, None if day == WHOLE_PROJECT else day, attempts, error)
            for project_id, work, day, attempts, error in cursor
        ]
    connection.commit()
    return found


def failing_days(connection: Connection, project_id: int, work: Work) -> dict[date, FailingDay]:
    """Return what failed for a project the last time, by day (or ``WHOLE_PROJECT``). Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT day, attempts, {_ERROR}, {_NEXT_TRY} FROM failed_attempts "  # noqa: S608 (ours)
            f"WHERE project_id = %(project)s AND work = %(work)s AND ({_FAILED})",
            {"project": project_id, "work": work.value},
        )
        found = {day: FailingDay(*rest) for day, *rest in cursor}
    connection.commit()
    return found


_Key = tuple[int, str, date]


def _record_start(connection: Connection, key: _Key) -> None:
    with connection.cursor() as cursor:
        # If the server crashes the record is lost; that is not the attempt's failure.
        cursor.execute(
            "SET LOCAL synchronous_commit = off; "
            "INSERT INTO failed_attempts (project_id, work, day, attempts, started_at) "
            "VALUES (%s, %s, %s, 1, now()) ON CONFLICT (project_id, work, day) DO UPDATE "
            "SET attempts = failed_attempts.attempts + 1, started_at = excluded.started_at",
            key,
        )
    connection.commit()


def _record_failure(connection: Connection, key: _Key, error: Exception) -> None:
    lines = str(error).strip().splitlines() or [""]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO failed_attempts "
            "(project_id, work, day, attempts, started_at, failed_at, error) "
            "VALUES (%s, %s, %s, 1, now(), now(), %s) "
            "ON CONFLICT (project_id, work, day) DO UPDATE SET failed_at = excluded.failed_at, "
            "error = excluded.error, attempts = failed_attempts.attempts "
            "+ CASE WHEN failed_attempts.day = %s THEN 1 ELSE 0 END",
            (
                *key,
                without_secrets(f"{type(error).__name__}: {lines[0]}")[:_MAX_ERROR_CHARACTERS],
                WHOLE_PROJECT,  # its start was not counted
            ),
        )
    connection.commit()


def _forget(connection: Connection, key: _Key) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL synchronous_commit = off; "
            "DELETE FROM failed_attempts WHERE project_id = %s AND work = %s AND day = %s",
            key,
        )
    connection.commit()
