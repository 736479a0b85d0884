"""Show the state of the job queue, for the command line and for monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis import Redis
from rq import Worker
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry

from shared.runtime.job_queue import job_queue


@dataclass(frozen=True, slots=True)
class JobState:
    """A job that is queued, running or failed."""

    id: str
    job: str
    """The function, without its module."""
    arguments: list[Any]
    status: str
    """queued, started or failed."""
    since: datetime | None
    """When it was queued, started or failed."""
    progress: dict[str, Any] | None
    """``done`` of ``total`` steps, and ``what`` the last one was."""
    error: str | None
    """The last line of the error."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """The state of the queue."""

    workers: int
    jobs: list[JobState]
    """Running jobs first, then queued, then failed ones."""


def queue_state(redis: Redis) -> QueueState:
    """Read the state of the queue."""
    queue = job_queue(redis)
    jobs = [
        *_states(redis, StartedJobRegistry(queue=queue).get_job_ids(cleanup=False), "started"),
        *_states(redis, queue.job_ids, "queued"),
        *_states(redis, FailedJobRegistry(queue=queue).get_job_ids(cleanup=False), "failed"),
    ]
    return QueueState(Worker.count(queue=queue), jobs)


def _states(redis: Redis, job_ids: list[str], status: str) -> list[JobState]:
    queue = job_queue(redis)
    jobs = (queue.fetch_job(job_id.partition(":")[0]) for job_id in job_ids)
    return [_state(job, status) for job in jobs if job is not None]


def _state(job: Job, status: str) -> JobState:
    since = {"queued": job.enqueued_at, "started": job.started_at, "failed": job.ended_at}[status]
    error = None
    if status == "failed":
        result = job.latest_result()
        text = (result.exc_string if result else None) or "its process died without a message"
        error = text.strip().splitlines()[-1]
    return JobState(
        id=job.id,
        job=(job.func_name or "?").rpartition(".")[2],
        arguments=list(job.args),
        status=status,
        since=since,
        progress=job.meta.get("progress"),
        error=error,
    )
