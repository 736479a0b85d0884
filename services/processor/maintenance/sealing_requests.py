"""Have days of a project sealed again, at the request of an owner of the installation."""

from __future__ import annotations

from datetime import date, datetime

from psycopg2.extensions import connection as Connection
from redis import Redis
from rq.job import JobStatus

from services.processor.jobs.availability import queue_must_answer
from services.processor.maintenance.operators import Operator, record
from services.processor.monitoring.sealed_days import find_project
from services.processor.sealing.due import first_day, last_closed_day
from shared.errors import Conflict, ErrorCode, Unprocessable
from shared.runtime.job_queue import enqueue, job_queue, queue_of

_REBUILD = "services.processor.jobs.tasks.rebuild"
MAX_DAYS = 366
_PENDING = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}


def request_sealing(
    connection: Connection,
    redis: Redis,
    project_id: int,
    *,
    first: date,
    last: date,
    operator: Operator,
    now: datetime,
) -> str:
    """Queue the job that rebuilds these days from raw rows and seals them; return its id. Commits.

    Args:
        connection: to PostgreSQL.
        redis: where the queues are.
        project_id: the project.
        first: the first local day.
        last: the last local day, included.
        operator: who requests it.
        now: the current time.

    Raises:
        NotFound: there is no such project.
        Unprocessable: the days are in the wrong order, too many, before any event, or not over.
        Conflict: the same days are queued or being sealed already.
        Unavailable: the job queue does not answer.
    """
    with connection.cursor() as cursor:
        project = find_project(cursor, project_id)
        earliest = first_day(cursor, project)
    connection.commit()
    closed = last_closed_day(project.zone, now)
    if earliest is None or first < earliest:
        since = "none" if earliest is None else f"the first on {earliest.isoformat()}"
        raise _invalid("from", f"Use a day with events: the project has {since}.")
    if last < first:
        raise _invalid("to", "Use a day that is not before from.")
    if (last - first).days >= MAX_DAYS:
        raise _invalid("to", f"Use at most {MAX_DAYS} days at a time.")
    if last > closed:
        raise _invalid("to", f"Use a day that is over: {closed.isoformat()} is the last one.")
    job_id = f"rebuild-{project_id}-{first:%Y%m%d}-{last:%Y%m%d}"
    with queue_must_answer():
        known = job_queue(redis, queue_of(_REBUILD)).fetch_job(job_id)
        if known is not None and known.get_status() in _PENDING:
            raise Conflict("These days are queued already. The page Jobs shows how far the job is.")
        enqueue(redis, _REBUILD, project_id, first.isoformat(), last.isoformat(), job_id=job_id)
    with connection.cursor() as cursor:
        details = {"first_day": first.isoformat(), "last_day": last.isoformat()}
        record(cursor, operator, "days.sealing_requested", project_id, **details)
    connection.commit()
    return job_id


def _invalid(field: str, message: str) -> Unprocessable:
    return Unprocessable(
        "These days cannot be sealed. Correct the fields that errors names.",
        code=ErrorCode.INVALID_FIELDS,
        errors={field: [message]},
    )
