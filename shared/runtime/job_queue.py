"""The queue of jobs. Services put jobs on it by name; the processor's workers run them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from redis import Redis
from rq import Queue, Retry, Worker
from rq.cron import CronScheduler
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUE = "tidemark-jobs"
_JOB_SECONDS = 3600
_RESULT_SECONDS = 86_400


def job_queue(redis: Redis) -> Queue:
    """Return the queue. With a single queue, workers take jobs off it crash-safe."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def enqueue(redis: Redis, job: str, *arguments: Any, job_id: str | None = None) -> Job:
    """Queue a job; one that fails, or whose worker is killed, is tried three times more.

    Args:
        redis: the cache.
        job: dotted path of a function in ``services.processor.jobs.tasks``.
        arguments: what JSON can say.
        job_id: its own name; None: one is made.
    """
    return job_queue(redis).enqueue(
        job,
        *arguments,
        job_id=job_id,
        job_timeout=_JOB_SECONDS,
        result_ttl=_RESULT_SECONDS,
        retry=Retry(max=3),
    )


def count_workers(redis: Redis) -> int:
    """Return how many workers run jobs of the queue."""
    return Worker.count(queue=job_queue(redis))


def last_schedule_heartbeat(redis: Redis) -> datetime | None:
    """Return the latest heartbeat of a scheduler; None: there is none."""
    beats = [scheduler.last_heartbeat for scheduler in CronScheduler.all(redis)]
    return max((beat for beat in beats if beat is not None), default=None)
