"""List the jobs of all queues and the schedule, for owners of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from redis import Redis
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer

from services.processor.jobs.causes import cause_of
from services.processor.jobs.schedule import make_scheduler
from shared.responses import Doc, Timestamp
from shared.runtime.job_queue import JobQueue, job_queue
from shared.web.pagination import encode_cursor

JobStatusName = Literal["running", "queued", "failed"]
_RQ_STATUS: Mapping[JobStatusName, str] = {
    "running": "started",
    "queued": "queued",
    "failed": "failed",
}
_OF_PROJECTS = frozenset({"delete_person", "export_person", "rebuild", "undo_merge"})
"""Tasks whose first argument is a project. The others may name a person, and are not shown."""


@dataclass(frozen=True, slots=True)
class JobProgressResponse:
    """How far a job is."""

    done: int
    total: int
    what: Annotated[str, Doc("The last step.")]


@dataclass(frozen=True, slots=True)
class JobResponse:
    """A job that runs, waits or has failed."""

    id: str
    job: Annotated[str, Doc("The task.", example="seal_days")]
    queue: Annotated[str, Doc("system, deletions or exports.", example="system")]
    status: JobStatusName
    project_id: Annotated[int | None, Doc("Null: it is of no single project.")]
    project: Annotated[str | None, Doc("Its name; null: none, or it is deleted.")]
    days: Annotated[str | None, Doc("Of a rebuild: its days.", example="2026-03-10 2026-03-12")]
    since: Annotated[Timestamp | None, Doc("When it was queued, started or failed; null: unknown.")]
    progress: Annotated[JobProgressResponse | None, Doc("Null: it does not run or tells none.")]
    error: Annotated[str | None, Doc("Why it failed, without secrets; null: it has not failed.")]


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of jobs, queue by queue; failed ones newest first, waiting ones as they come."""

    items: list[JobResponse]
    total: Annotated[int, Doc("How many there are on all pages.")]
    next_cursor: Annotated[str | None, Doc("Cursor of the next page; null: the last one.")]


@dataclass(frozen=True, slots=True)
class ScheduledJobResponse:
    """A job that the schedule queues, and how it ended last."""

    job: Annotated[str, Doc("The task.", example="seal_days")]
    cron: Annotated[str, Doc("When it is queued, in UTC.", example="*/5 * * * *")]
    next_at: Annotated[Timestamp, Doc("When it is queued next.")]
    status: Annotated[
        Literal["running", "queued", "failed", "finished"] | None,
        Doc("Its state now, or how it ended last; null: it has not run in the last day."),
    ]
    ended_at: Annotated[Timestamp | None, Doc("When it ended last; null: it runs, or unknown.")]


@dataclass(frozen=True, slots=True)
class ScheduleResponse:
    """What the schedule queues."""

    items: list[ScheduledJobResponse]


def list_jobs(
    redis: Redis,
    projects: Mapping[int, str],
    status: JobStatusName,
    *,
    queue: JobQueue | None = None,
    offset: int = 0,
    limit: int = 50,
) -> JobPage:
    """List the jobs of a status, of one queue or of all.

    Args:
        redis: where the queues are.
        projects: their names.
        status: of the jobs.
        queue: None: all queues, one after the other.
        offset: so many jobs come before the page.
        limit: how many jobs the page has at most.
    """
    queues = list(JobQueue) if queue is None else [queue]
    items: list[JobResponse] = []
    total = 0
    for name in queues:
        count = _count(redis, name, status)
        first = max(0, offset - total)
        room = limit - len(items)
        if room > 0 and first < count:
            jobs = _read(redis, name, status, first, room)
            items += [_response(job, name, status, projects) for job in jobs]
        total += count
    end = offset + limit
    return JobPage(items, total, encode_cursor(end) if end < total else None)


def list_schedule(redis: Redis) -> ScheduleResponse:
    """List the scheduled jobs with their next time and last end."""
    entries = make_scheduler(redis).get_jobs()
    names = [entry.func_name.rpartition(".")[2] for entry in entries]
    jobs = Job.fetch_many(names, connection=redis, serializer=JSONSerializer)
    known: dict[str, Literal["running", "queued", "failed", "finished"]] = {
        "started": "running",
        "queued": "queued",
        "failed": "failed",
        "finished": "finished",
    }
    items = []
    for entry, name, job in zip(entries, names, jobs, strict=True):
        assert entry.next_enqueue_time is not None
        status = known.get(_status(job)) if job is not None else None
        items.append(
            ScheduledJobResponse(
                job=name,
                cron=entry.cron or "",
                next_at=entry.next_enqueue_time.isoformat(),
                status=status,
                ended_at=_text(job.ended_at) if job is not None and status != "running" else None,
            )
        )
    return ScheduleResponse(items)


def project_of(job: Job) -> int | None:
    """Return the project that a job is of; None: no single one."""
    name, arguments = task_of(job)
    if name in _OF_PROJECTS and arguments and isinstance(arguments[0], int):
        return arguments[0]
    return None


def task_of(job: Job) -> tuple[str, Sequence[Any]]:
    """Return the name of a job's task and its arguments; what is not readable has none."""
    try:
        return (job.func_name or "?").rpartition(".")[2], list(job.args)
    except DeserializationError:
        return "?", []


def _count(redis: Redis, name: JobQueue, status: JobStatusName) -> int:
    queue = job_queue(redis, name)
    if status == "queued":
        return int(queue.count)
    return _registry(status)(queue=queue).get_job_count(cleanup=False)


def _registry(status: JobStatusName) -> type[StartedJobRegistry] | type[FailedJobRegistry]:
    return StartedJobRegistry if status == "running" else FailedJobRegistry


def _read(redis: Redis, name: JobQueue, status: JobStatusName, first: int, count: int) -> list[Job]:
    queue = job_queue(redis, name)
    if status == "queued":
        ids = queue.get_job_ids(first, count)
    else:
        registry = _registry(status)(queue=queue)
        ids = registry.get_job_ids(first, first + count - 1, desc=True, cleanup=False)
    jobs = Job.fetch_many(ids, connection=redis, serializer=JSONSerializer)
    return [
        job
        for job in jobs
        # It may have gone on since.
        if job is not None and _status(job) == _RQ_STATUS[status]
    ]


def _response(
    job: Job, queue: JobQueue, status: JobStatusName, projects: Mapping[int, str]
) -> JobResponse:
    name, arguments = task_of(job)
    project_id = project_of(job)
    times = {"queued": job.enqueued_at, "running": job.started_at, "failed": job.ended_at}
    progress = job.meta.get("progress") if status == "running" else None
    error = None
    if status == "failed":
        result = job.latest_result()
        error = cause_of(result.exc_string if result else None)
    days = " ".join(day for day in arguments[1:] if isinstance(day, str))
    return JobResponse(
        id=job.id,
        job=name,
        queue=queue.label,
        status=status,
        project_id=project_id,
        project=None if project_id is None else projects.get(project_id),
        days=days or None if name == "rebuild" else None,
        since=_text(times[status]),
        progress=None if progress is None else JobProgressResponse(**progress),
        error=error,
    )


def _status(job: Job) -> str:
    """Return the status as it was fetched; ``get_status`` would ask Redis again."""
    status = job.get_status(refresh=False)
    return "" if status is None else str(status.value)


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
