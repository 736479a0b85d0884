"""The queues of jobs. Services put jobs on them by name; the processor's workers run them.

Each queue has a worker of its own, so no queue waits for another: exports that people asked for
hold up neither sealing nor the deletion of a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq import Queue, Retry
from rq.cron import CronScheduler
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker_registration import get_keys

_JOB_SECONDS = 3600
_RESULT_SECONDS = 86_400
_REPORT_SECONDS = 900
_SILENT_AFTER = timedelta(minutes=3)
_PENDING = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}


class JobQueue(StrEnum):
    """The queues, by their names in Redis."""

    SYSTEM = "tidemark-jobs"
    """What Tidemark does by itself. It was once the only queue: jobs queued then are run too."""
    DELETIONS = "tidemark-deletions"
    """Persons whose deletion was requested."""
    EXPORTS = "tidemark-exports"
    """Persons whose export, or merges whose undoing, was requested, and copies of files of sealed
    days: each may take minutes."""
    MERGES = "tidemark-merges"
    """Merges of persons that are too large for a batch: sealing may take half an hour."""
    DELIVERIES = "tidemark-deliveries"
    """Messages to channels: a receiver that hangs holds up only other messages."""
    ALERTS = "tidemark-alerts"
    """The evaluation of alerts, and recent events for flags: they wait for no sealing."""
    REPORTS = "tidemark-reports"
    """Reports that are due, and those that people want to see: each may take minutes."""
    IMPORTS = "tidemark-imports"
    """Files of events: each may take hours."""

    @property
    def label(self) -> str:
        """The name that people and monitoring see."""
        return self.name.lower()


_TASKS = "services.processor.jobs.tasks."
_QUEUES = {
    f"{_TASKS}delete_person": JobQueue.DELETIONS,
    f"{_TASKS}export_person": JobQueue.EXPORTS,
    f"{_TASKS}undo_merge": JobQueue.EXPORTS,
    f"{_TASKS}copy_day_files": JobQueue.EXPORTS,
    f"{_TASKS}merge_persons": JobQueue.MERGES,
    f"{_TASKS}send_deliveries": JobQueue.DELIVERIES,
    f"{_TASKS}evaluate_alerts": JobQueue.ALERTS,
    f"{_TASKS}keep_recent_events": JobQueue.ALERTS,
    f"{_TASKS}send_report": JobQueue.REPORTS,
    f"{_TASKS}send_report_now": JobQueue.REPORTS,
    f"{_TASKS}preview_report": JobQueue.REPORTS,
    f"{_TASKS}run_imports": JobQueue.IMPORTS,
}


def job_queue(redis: Redis, queue: JobQueue) -> Queue:
    """Return a queue. Each worker has a single one, so it takes jobs off it crash-safe."""
    return Queue(queue, connection=redis, serializer=JSONSerializer)


def queue_of(job: str) -> JobQueue:
    """Return the queue of a job, by its dotted path."""
    return _QUEUES.get(job, JobQueue.SYSTEM)


def enqueue(
    redis: Redis,
    job: str,
    *arguments: Any,
    job_id: str | None = None,
    pipeline: Pipeline | None = None,
) -> Job:
    """Queue a job; one that fails, or whose worker is killed, is tried three times more.

    It is not tried again when what it is about does not exist, or is too large.

    Args:
        redis: where the queues are.
        job: dotted path of a function in ``services.processor.jobs.tasks``.
        arguments: what JSON can say.
        job_id: its own name; None: one is made.
        pipeline: a transaction that the job is queued with; None: it is queued at once.
    """
    queue = job_queue(redis, queue_of(job))
    if job_id is not None:
        # If it failed the last time it is tried again now, and would else stay listed as failed.
        FailedJobRegistry(queue=queue).remove(job_id, pipeline=pipeline)
    return queue.enqueue(
        job,
        *arguments,
        job_id=job_id,
        job_timeout=_REPORT_SECONDS if queue.name == JobQueue.REPORTS else _JOB_SECONDS,
        result_ttl=_RESULT_SECONDS,
        retry=Retry(max=3),
        pipeline=pipeline,
    )


def enqueue_once(redis: Redis, job: str, *arguments: Any, job_id: str) -> Job | None:
    """Queue a job under its name, or return None if it is queued or running already."""
    if is_waiting(job_queue(redis, queue_of(job)), job_id):
        return None
    return enqueue(redis, job, *arguments, job_id=job_id)


def is_waiting(queue: Queue, job_id: str) -> bool:
    """Return whether a job is queued or running."""
    known = queue.fetch_job(job_id)
    return known is not None and known.get_status() in _PENDING


def count_workers(redis: Redis, queue: JobQueue) -> int:
    """Return how many workers run jobs of a queue.

    A worker that was killed stays registered until another one tidies up, but its own key expires
    when it has been silent for two and a half minutes.
    """
    registered = get_keys(queue=job_queue(redis, queue))
    return int(redis.exists(*registered)) if registered else 0


def queues_without_worker(redis: Redis) -> list[str]:
    """Return the labels of the queues without a worker."""
    return [queue.label for queue in JobQueue if not count_workers(redis, queue)]


def last_schedule_heartbeat(redis: Redis) -> datetime | None:
    """Return the latest heartbeat of a scheduler; None: there is none.

    A heartbeat that lies ahead is of a clock that was set back since: it would hide for as long
    that the schedule has ended.
    """
    latest = datetime.now(timezone.utc) + _SILENT_AFTER
    beats = [scheduler.last_heartbeat for scheduler in CronScheduler.all(redis)]
    return max((beat for beat in beats if beat is not None and beat <= latest), default=None)


def is_schedule_silent(heartbeat: datetime | None, now: datetime) -> bool:
    """Return whether no schedule queues jobs, by its latest heartbeat."""
    return heartbeat is None or now - heartbeat > _SILENT_AFTER
