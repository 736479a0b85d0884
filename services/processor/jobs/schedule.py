"""Define the schedule, as one table, and run the processes that trigger and execute its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from redis import Redis
from rq import Worker
from rq.cron import CronJob, CronScheduler
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from shared.runtime.job_queue import QUEUE, enqueue, job_queue
from shared.runtime.redis_clients import connect
from shared.runtime.settings import Settings

_MAINTENANCE_SECONDS = 60  # how often jobs of killed workers are searched for
_PENDING = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job and when it runs (cron, UTC)."""

    job: str
    """Dotted path of a function in ``services.processor.jobs.tasks``."""
    cron: str


SCHEDULE = (
    Scheduled("services.processor.jobs.tasks.make_partitions_ahead", "5 * * * *"),
    Scheduled("services.processor.jobs.tasks.seal_days", "*/5 * * * *"),
    Scheduled("services.processor.jobs.tasks.reconcile_hours", "12 * * * *"),
    Scheduled("services.processor.jobs.tasks.remove_dead_consumers", "17 * * * *"),
    Scheduled("services.processor.jobs.tasks.rotate_salts", "25 * * * *"),
    Scheduled("services.processor.jobs.tasks.delete_projects", "35 * * * *"),
    Scheduled("services.processor.jobs.tasks.reconcile_days", "40 2 * * *"),
    Scheduled("services.processor.jobs.tasks.prune_ledger", "20 3 * * *"),
    Scheduled("services.processor.jobs.tasks.apply_retention", "50 3 * * *"),
)


class _JsonCronScheduler(CronScheduler):
    """Enqueue jobs as JSON: a pickled job would let anyone who writes to Redis execute code."""

    def enqueue_jobs(self) -> list[CronJob]:
        due = [job for job in self.get_jobs() if job.should_run()]
        for job in due:
            enqueue_scheduled(self.connection, job.func_name)
            job.set_enqueue_time(datetime.now(timezone.utc))
        return due


def enqueue_scheduled(redis: Redis, job: str) -> Job | None:
    """Queue a job of the table under its own name; None: it is queued or running already.

    So no work piles up while no worker runs.
    """
    job_id = job.rpartition(".")[2]
    queue = job_queue(redis)
    known = queue.fetch_job(job_id)
    if known is not None and known.get_status() in _PENDING:
        return None
    return enqueue(redis, job, job_id=job_id)


def make_scheduler(redis: Redis) -> CronScheduler:
    """Create a scheduler with the jobs of the table."""
    scheduler = _JsonCronScheduler(connection=redis)
    scheduler.get_jobs().extend(
        CronJob(QUEUE, func_name=entry.job, cron=entry.cron) for entry in SCHEDULE
    )
    return scheduler


def last_schedule_heartbeat(redis: Redis) -> datetime | None:
    """Return the latest heartbeat of a scheduler; None: there is none."""
    beats = [scheduler.last_heartbeat for scheduler in CronScheduler.all(redis)]
    return max((beat for beat in beats if beat is not None), default=None)


def run_schedule(settings: Settings) -> None:
    """Trigger the jobs of the table at their times, until stopped."""
    redis = connect(settings.redis_url, timeout_seconds=30)
    make_scheduler(redis).start()  # type: ignore[no-untyped-call]


def run_worker(settings: Settings) -> None:
    """Run jobs until stopped; the current job is finished first."""
    redis = Redis.from_url(settings.redis_url)
    Worker(
        [job_queue(redis)],
        connection=redis,
        serializer=JSONSerializer,
        maintenance_interval=_MAINTENANCE_SECONDS,
    ).work(logging_level="WARNING")
