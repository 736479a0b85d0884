"""Export all stored data of a person, as JSON lines."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
from pathlib import Path

from services.processor.commands.terminal import add_project
from services.processor.persons.export import export_person
from shared.runtime.database import job_connection
from shared.runtime.job_queue import enqueue
from shared.runtime.redis_clients import get_jobs_redis

NAME = "export_person"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser, required=True)
    parser.add_argument("--distinct-id", required=True, help="any id of the person")
    parser.add_argument(
        "--queue", action="store_true", help="let a worker do it, and store the result for a day"
    )
    parser.add_argument("--output", type=Path, help="a file (default: standard output)")


def run(options: argparse.Namespace) -> int:
    """Write the lines to standard output or a file, or queue the export."""
    if options.queue:
        job = enqueue(
            get_jobs_redis(),
            "services.processor.jobs.tasks.export_person",
            options.project,
            options.distinct_id,
        )
        print(
            "Queued. For a day the result will be at "
            f"/api/v1/analytics/{options.project}/persons/jobs/{job.id}/file"
        )
        return 0
    lines = 0
    with job_connection("command") as connection:
        found = export_person(connection, options.project, options.distinct_id)
        # The first line is read before the file is created, so an unknown person leaves no file.
        first = next(found)
        file = options.output.open("w") if options.output else contextlib.nullcontext(sys.stdout)
        with file as output:
            for line in itertools.chain([first], found):
                output.write(line + "\n")
                lines += 1
    print(f"{lines} lines", file=sys.stderr)
    return 0
