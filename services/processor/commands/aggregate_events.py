"""Seal closed days that are not sealed yet or have received late events."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from services.processor.commands.terminal import add_project, bar, say
from services.processor.sealing.run import seal_due
from shared.runtime.database import job_connection

NAME = "aggregate_events"
ALIASES = ["seal"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser)


def run(options: argparse.Namespace) -> int:
    """Seal the days that are due."""
    with job_connection("command") as connection, bar("Sealing") as progress:
        done = seal_due(
            connection, datetime.now(timezone.utc), project_id=options.project, progress=progress
        )
    say(f"Sealed {done.sealed:,} days with {done.events:,} events.")
    if done.skipped_projects:
        say(f"{done.skipped_projects} projects are being sealed by another process.")
    for project_id, day in done.unsettled:
        say(f"Project {project_id}, {day}: events keep arriving; the next run seals it.")
    for project_id, failed_day in done.failed:
        what = f"Project {project_id}, {failed_day}" if failed_day else f"Project {project_id}"
        say(f"{what}: FAILED. `tidemark doctor` and the log say why; the rest is sealed.")
    return 1 if done.failed else 0
