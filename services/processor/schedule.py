"""The schedule, as one table, and the processes that trigger and run its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from redis import Redis
from rq import Queue, Retry, Worker
from rq.cron import CronJob, CronScheduler
from rq.serializers import JSONSerializer

from shared.redis_clients import connect
from shared.settings import Settings

QUEUE = "tidemark-jobs"
_JOB_SECONDS = 3600
_RESULT_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job and when it runs (cron, UTC)."""

    job: str
    """Dotted path of a function in ``services.processor.jobs``."""
    cron: str


SCHEDULE = (
    Scheduled("services.processor.jobs.make_partitions_ahead", "5 * * * *"),
    Scheduled("services.processor.jobs.prune_ledger", "20 3 * * *"),
)


class _JsonCronScheduler(CronScheduler):
    """Enqueues as JSON: a pickled job would be code execution for whoever can write to Redis."""

    def enqueue_jobs(self) -> list[CronJob]:
        due = [job for job in self.get_jobs() if job.should_run()]
        for job in due:
            job_queue(self.connection).enqueue(
                job.func_name,
                job_timeout=_JOB_SECONDS,
                result_ttl=_RESULT_SECONDS,
                retry=Retry(max=3),
            )
            job.set_enqueue_time(datetime.now(timezone.utc))
        return due


def job_queue(redis: Redis) -> Queue:
    """The one queue. A worker that listens to one queue takes jobs off it crash-safe."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def make_scheduler(redis: Redis) -> CronScheduler:
    """A scheduler with the jobs of the table."""
    scheduler = _JsonCronScheduler(connection=redis)
    scheduler.get_jobs().extend(
        CronJob(QUEUE, func_name=entry.job, cron=entry.cron) for entry in SCHEDULE
    )
    return scheduler


def run_schedule(settings: Settings) -> None:
    """Trigger the jobs of the table at their times, until told to stop."""
    redis = connect(settings.redis_url, timeout_seconds=30)
    make_scheduler(redis).start()  # type: ignore[no-untyped-call]


def run_worker(settings: Settings) -> None:
    """Run jobs until told to stop; the job in hand is finished first."""
    redis = Redis.from_url(settings.redis_url)
    Worker([job_queue(redis)], connection=redis, serializer=JSONSerializer).work(
        logging_level="WARNING"
    )
