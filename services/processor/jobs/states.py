"""Show the state of the job queues, for the command line and for monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis import Redis
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry

from services.processor.jobs.causes import cause_of
from shared.runtime.job_queue import JobQueue, count_workers, job_queue


@dataclass(frozen=True, slots=True)
class JobState:
    """A job that is queued, running or failed."""

    id: str
    job: str
    """The function, without its module."""
    queue: str
    """The label of its queue."""
    arguments: list[Any]
    status: str
    """queued, started or failed."""
    since: datetime | None
    """The time when the job was queued, started or failed."""
    progress: dict[str, Any] | None
    """``done`` of ``total`` steps, and ``what`` the last one was."""
    error: str | None
    """Why it failed, without secrets."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """The state of all queues."""

    workers: dict[str, int]
    """How many workers run, by the label of their queue."""
    jobs: list[JobState]
    """Running jobs first, then queued, then failed ones."""


def queue_state(redis: Redis) -> QueueState:
    """Read the state of all queues."""
    jobs = [job for queue in JobQueue for job in _jobs(redis, queue)]
    order = ("started", "queued", "failed")
    return QueueState(
        {queue.label: count_workers(redis, queue) for queue in JobQueue},
        sorted(jobs, key=lambda job: order.index(job.status)),
    )


def _jobs(redis: Redis, name: JobQueue) -> list[JobState]:
    queue = job_queue(redis, name)
    ids = {
        "started": StartedJobRegistry(queue=queue).get_job_ids(cleanup=False),
        "queued": queue.job_ids,
        "failed": FailedJobRegistry(queue=queue).get_job_ids(cleanup=False),
    }
    return [
        _state(job, name, status)
        for status, job_ids in ids.items()
        for job_id in job_ids
        if (job := queue.fetch_job(job_id.partition(":")[0])) is not None
    ]


def _state(job: Job, queue: JobQueue, status: str) -> JobState:
    since = {"queued": job.enqueued_at, "started": job.started_at, "failed": job.ended_at}[status]
    error = None
    if status == "failed":
        result = job.latest_result()
        error = cause_of(result.exc_string if result else None)
    return JobState(
        id=job.id,
        job=(job.func_name or "?").rpartition(".")[2],
        queue=queue.label,
        arguments=list(job.args),
        status=status,
        since=since,
        progress=job.meta.get("progress"),
        error=error,
    )
