"""Show running, queued and failed jobs; run a scheduled job now, or retry failed jobs."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from services.processor.commands.terminal import say, table
from services.processor.jobs.operations import retry_failed
from services.processor.jobs.schedule import SCHEDULE, enqueue_scheduled
from services.processor.jobs.states import JobState, queue_state
from shared.runtime.redis_clients import get_jobs_redis

NAME = "jobs"
ALIASES: list[str] = []
_NAMES = {entry.job.rpartition(".")[2]: entry.job for entry in SCHEDULE}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--run", choices=sorted(_NAMES), dest="job", help="queue this job now")
    parser.add_argument("--retry", action="store_true", help="queue all failed jobs again")


def run(options: argparse.Namespace) -> int:
    """Queue jobs, or print the state of the queue."""
    redis = get_jobs_redis()
    if options.job:
        queued_now = enqueue_scheduled(redis, _NAMES[options.job])
        say("Queued." if queued_now else "It is queued or running already.")
        return 0
    if options.retry:
        say(f"Queued {len(retry_failed(redis))} failed jobs again.")
        return 0
    found = queue_state(redis)
    running = ", ".join(f"{queue} {count}" for queue, count in found.workers.items())
    say(f"Workers by queue: {running}.")
    if found.jobs:
        table(["Job", "Queue", "Status", "Since", "Progress"], [_row(job) for job in found.jobs])
    else:
        say("There are no running, queued or failed jobs.")
    return 0


def _row(job: JobState) -> list[object]:
    progress = job.error or ""
    if job.progress and job.status == "started":
        progress = "{done} of {total} ({what})".format(**job.progress)
    arguments = " ".join(str(argument) for argument in job.arguments if argument is not None)
    since = job.since and f"{(datetime.now(timezone.utc) - job.since).total_seconds():,.0f} s"
    return [f"{job.job} {arguments}".strip(), job.queue, job.status, since, progress]
