"""Rebuild sessions, counts, sealed days and summaries of a project from its raw events."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from services.processor.commands.terminal import add_days, add_project, bar, say
from services.processor.maintenance import rebuild as rebuilding
from shared.runtime.database import job_connection
from shared.runtime.job_queue import enqueue
from shared.runtime.redis_clients import get_jobs_redis

NAME = "rebuild"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser, required=True)
    add_days(parser)
    parser.add_argument("--queue", action="store_true", help="let a worker do it, and do not wait")


def run(options: argparse.Namespace) -> int:
    """Rebuild, here or in a worker."""
    if options.queue:
        days = [day.isoformat() if day else None for day in (options.first, options.last)]
        job = enqueue(
            get_jobs_redis(), "services.processor.jobs.tasks.rebuild", options.project, *days
        )
        say(f"Queued as job {job.id}; `tidemark jobs` shows its progress.")
        return 0
    with job_connection("command") as connection, bar("Rebuilding") as progress:
        done = rebuilding.rebuild(
            connection,
            options.project,
            options.first,
            options.last,
            datetime.now(timezone.utc),
            progress=progress,
        )
    say(f"Rebuilt {done.days:,} days; {done.counts_corrected:,} counts were wrong.")
    say(
        "Sessions: FAILED. `tidemark doctor` and the log say why; the days are rebuilt."
        if done.sessions_corrected is None
        else f"{done.sessions_corrected:,} sessions were wrong."
    )
    if done.expired:
        say(
            f"{len(done.expired)} days were skipped: retention has deleted their events "
            f"({done.expired[0]} to {done.expired[-1]})."
        )
    for _, day in done.sealing.unsettled:
        say(f"{day}: events keep arriving; the next run seals it.")
    for day in done.failed:
        say(f"{day}: FAILED. `tidemark doctor` and the log say why; the other days are rebuilt.")
    return 1 if done.failed or done.sessions_corrected is None else 0
