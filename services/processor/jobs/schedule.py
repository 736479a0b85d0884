"""Define the schedule, as one table, and run the process that triggers its jobs."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone

from redis import Redis
from redis.exceptions import RedisError
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested
from rq.job import Job

from shared.runtime.job_queue import enqueue_once, queue_of
from shared.runtime.patience import Patience
from shared.runtime.redis_clients import connect
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job and when it runs (cron, UTC)."""

    job: str
    """Dotted path of a function in ``services.processor.jobs.tasks``."""
    cron: str


SCHEDULE = (
    Scheduled("services.processor.jobs.tasks.make_partitions_ahead", "5 * * * *"),
    Scheduled("services.processor.jobs.tasks.seal_days", "*/5 * * * *"),
    Scheduled("services.processor.jobs.tasks.merge_persons", "* * * * *"),
    Scheduled("services.processor.jobs.tasks.keep_recent_events", "* * * * *"),
    Scheduled("services.processor.jobs.tasks.store_flag_evaluations", "* * * * *"),
    Scheduled("services.processor.jobs.tasks.send_deliveries", "* * * * *"),
    Scheduled("services.processor.jobs.tasks.evaluate_alerts", "* * * * *"),
    Scheduled("services.processor.jobs.tasks.queue_due_reports", "* * * * *"),
    Scheduled("services.processor.jobs.tasks.run_imports", "* * * * *"),
    Scheduled("services.processor.jobs.tasks.reconcile_hours", "12 * * * *"),
    Scheduled("services.processor.jobs.tasks.remove_dead_consumers", "17 * * * *"),
    Scheduled("services.processor.jobs.tasks.rotate_salts", "25 * * * *"),
    Scheduled("services.processor.jobs.tasks.remove_expired_exports", "45 * * * *"),
    Scheduled("services.processor.jobs.tasks.delete_projects", "35 * * * *"),
    Scheduled("services.processor.jobs.tasks.reconcile_days", "40 2 * * *"),
    Scheduled("services.processor.jobs.tasks.prune_ledger", "20 3 * * *"),
    Scheduled("services.processor.jobs.tasks.tend_day_files", "10 4 * * *"),
    Scheduled("services.processor.jobs.tasks.copy_day_files", "55 * * * *"),
    Scheduled("services.processor.jobs.tasks.sum_up_flag_evaluations", "15 3 * * *"),
    Scheduled("services.processor.jobs.tasks.prune_audit_log", "25 3 * * *"),
    Scheduled("services.processor.jobs.tasks.prune_deliveries", "30 3 * * *"),
    Scheduled("services.processor.jobs.tasks.apply_retention", "50 3 * * *"),
)


class _JsonCronScheduler(CronScheduler):
    """Enqueue jobs as JSON: a pickled job is code. ``TaskJob`` limits what a job may call."""

    def enqueue_jobs(self) -> list[CronJob]:
        """Queue the jobs that are due; while Redis is unavailable they stay due."""
        self._correct_times()
        due = [job for job in self.get_jobs() if job.should_run()]
        for job in due:
            enqueue_scheduled(self.connection, job.func_name)
            job.set_enqueue_time(datetime.now(timezone.utc))
        return due

    def _correct_times(self) -> None:
        """Plan the jobs anew that would wait longer than their cron says.

        Their times are by the clock of then. If it was set back since, they would wait until it has
        reached them again.
        """
        for job, planned_now in zip(self.get_jobs(), _cron_jobs(), strict=True):
            job.next_enqueue_time = min(_next_time(job), _next_time(planned_now))

    def start(self) -> None:
        """Trigger jobs until SIGTERM, also after Redis was unavailable."""
        self._install_signal_handlers()  # type: ignore[no-untyped-call]
        patience = Patience("the schedule")
        try:
            while True:
                try:
                    if self.enqueue_jobs():
                        self.save()
                    self.heartbeat()
                    pause = self.calculate_sleep_interval()
                    patience.answered()
                except RedisError as error:
                    pause = patience.next_pause(error)
                time.sleep(pause)
        except StopRequested:
            with suppress(RedisError):
                self.register_death()


def enqueue_scheduled(redis: Redis, job: str) -> Job | None:
    """Queue a job of the table under its name, or return None if it is queued or running already.

    So the queue does not grow while no worker runs.
    """
    return enqueue_once(redis, job, job_id=job.rpartition(".")[2])


def make_scheduler(redis: Redis) -> _JsonCronScheduler:
    """Create a scheduler with the jobs of the table."""
    scheduler = _JsonCronScheduler(connection=redis)
    scheduler.get_jobs().extend(_cron_jobs())
    return scheduler


def _cron_jobs() -> list[CronJob]:
    """Return the jobs of the table, each with the next time of its cron."""
    return [
        CronJob(queue_of(entry.job), func_name=entry.job, cron=entry.cron) for entry in SCHEDULE
    ]


def _next_time(job: CronJob) -> datetime:
    assert job.next_enqueue_time is not None  # each has a cron
    return job.next_enqueue_time


def run_schedule(settings: Settings) -> None:
    """Trigger the jobs of the table at their times, until SIGTERM."""
    make_scheduler(connect(settings.redis_url, timeout_seconds=5)).start()
