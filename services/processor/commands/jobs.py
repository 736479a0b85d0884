"""Show jobs that run, wait or have failed; run one of the schedule now, or failed ones again."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from rq.registry import FailedJobRegistry

from services.processor.commands.terminal import say, table
from services.processor.jobs.schedule import SCHEDULE, enqueue_scheduled
from services.processor.jobs.states import JobState, queued
from shared.runtime.job_queue import job_queue
from shared.runtime.redis_clients import get_patient_cache

NAME = "jobs"
ALIASES: list[str] = []
_NAMES = {entry.job.rpartition(".")[2]: entry.job for entry in SCHEDULE}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--run", choices=sorted(_NAMES), dest="job", help="queue this one now")
    parser.add_argument("--retry", action="store_true", help="queue all failed ones again")


def run(options: argparse.Namespace) -> int:
    """Queue, or show."""
    redis = get_patient_cache()
    if options.job:
        queued_now = enqueue_scheduled(redis, _NAMES[options.job])
        say("Queued." if queued_now else "It waits or runs already.")
        return 0
    if options.retry:
        registry = FailedJobRegistry(queue=job_queue(redis))
        failed = registry.get_job_ids(cleanup=False)
        for job_id in failed:
            registry.requeue(job_id)
        say(f"Queued {len(failed)} failed jobs again.")
        return 0
    found = queued(redis)
    say(f"{found.workers} workers.")
    if found.jobs:
        table(["Job", "Status", "Since", "Progress"], [_row(job) for job in found.jobs])
    else:
        say("No job runs, waits or has failed.")
    return 0


def _row(job: JobState) -> list[object]:
    progress = job.error or ""
    if job.progress and job.status == "started":
        progress = "{done} of {total} ({what})".format(**job.progress)
    arguments = " ".join(str(argument) for argument in job.arguments if argument is not None)
    since = job.since and f"{(datetime.now(timezone.utc) - job.since).total_seconds():,.0f} s"
    return [f"{job.job} {arguments}".strip(), job.status, since, progress]
