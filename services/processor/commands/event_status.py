"""Show the number of stored and waiting events, and the state of the derived tables."""

from __future__ import annotations

import argparse
import dataclasses
import json

from services.processor.commands.terminal import add_project, say, table
from services.processor.monitoring.lag import measure_lag
from services.processor.monitoring.status import Status, status
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_stream

NAME = "event_status"
ALIASES = ["status"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Read the state and print it."""
    lag = measure_lag(get_stream())
    with job_connection("command") as connection:
        found = status(connection, options.project)
    if options.json:
        answer = {"stream": dataclasses.asdict(lag), **dataclasses.asdict(found)}
        print(json.dumps(answer, default=str, indent=2))
        return 0
    say(
        f"Stream: {lag.waiting_entries:,} requests waiting, {lag.pending_entries:,} being stored, "
        f"the oldest is {lag.oldest_seconds:,.1f} s old; {lag.consumers} processors."
    )
    _show(found)
    return 0


def _show(found: Status) -> None:
    say(
        f"Partitions: {found.partitions}, up to {found.last_partition or 'none'}. "
        f"Counts that differ from the events: {found.drifts}."
    )
    if found.projects:
        table(
            [
                *("Project", "Name", "Events", "Last 24 h", "Latest", "Persons", "Sealed days"),
                *("Dirty", "Unsealed", "Expired", "Dead letters"),
            ],
            [
                (
                    *(p.project_id, p.name, f"{p.events:,}", f"{p.last_day_events:,}"),
                    *(p.latest and p.latest.isoformat(timespec="seconds"), f"{p.persons:,}"),
                    *(p.sealed_days, p.dirty_days, p.unsealed_days, p.expired_days),
                    p.dead_letters,
                )
                for p in found.projects
            ],
        )
    else:
        say("There is no such project.")
