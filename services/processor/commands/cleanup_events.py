"""Delete raw events that are older than their project's retention.

Counts, sealed days and summaries stay. The command first prints what it will delete.
"""

from __future__ import annotations

import argparse
from datetime import datetime, timezone

from services.processor.commands.terminal import add_project, bar, confirmed, say
from services.processor.maintenance import retention
from shared.runtime.database import job_connection

NAME = "cleanup_events"
ALIASES = ["retention"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser)
    parser.add_argument("--dry-run", action="store_true", help="only report what would be deleted")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(options: argparse.Namespace) -> int:
    """Report what will be deleted, ask for confirmation, and delete."""
    now = datetime.now(timezone.utc)
    with job_connection("command") as connection:
        planned = retention.plan_removal(connection, now, options.project)
        say(
            f"{planned.rows:,} events of {planned.expired_days:,} days, {planned.sessions:,} "
            f"sessions and {planned.dead_letters:,} dead letters are older than their projects "
            "keep them."
        )
        if planned.partitions:
            say(f"{len(planned.partitions)} day partitions are dropped as a whole.")
        if not any((planned.rows, planned.sessions, planned.dead_letters, planned.expired_days)):
            say("There is nothing to delete.")
            return 0
        if options.dry_run:
            say("Nothing was deleted (--dry-run).")
            return 0
        if not confirmed("Delete them permanently?", yes=options.yes):
            return 1
        with bar("Deleting") as progress:
            done = retention.remove_expired(
                connection, now, project_id=options.project, progress=progress
            )
    say(
        f"Deleted {done.rows:,} events one by one, {len(done.partitions)} partitions, "
        f"{done.sessions:,} sessions and {done.dead_letters:,} dead letters."
    )
    for project_id, day in done.unsettled:
        say(f"Project {project_id}, {day} could not be sealed now; its events stay until then.")
    for undropped in done.undropped:
        say(f"The partition of {undropped} could NOT be dropped. The log says why.")
    for project_id in done.failed:
        say(f"Project {project_id}: FAILED. `tidemark doctor` and the log say why.")
    return 1 if done.failed or done.undropped else 0
