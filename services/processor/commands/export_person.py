"""Write everything that is stored of a person, as JSON lines, to standard output or a file."""

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
from shared.runtime.redis_clients import get_patient_cache

NAME = "export_person"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    add_project(parser, required=True)
    parser.add_argument("--distinct-id", required=True, help="any id that the person is known by")
    parser.add_argument("--queue", action="store_true", help="let a worker do it and keep it a day")
    parser.add_argument("--output", type=Path, help="a file; standard output when not given")


def run(options: argparse.Namespace) -> int:
    """Write."""
    if options.queue:
        job = enqueue(
            get_patient_cache(),
            "services.processor.jobs.tasks.export_person",
            options.project,
            options.distinct_id,
        )
        print(f"Queued; the processor's /internal/exports/{job.id} will have it.")
        return 0
    lines = 0
    with job_connection("command") as connection:
        found = export_person(connection, options.project, options.distinct_id)
        # The first line comes before the file is made: an unknown person leaves none behind.
        first = next(found)
        file = options.output.open("w") if options.output else contextlib.nullcontext(sys.stdout)
        with file as output:
            for line in itertools.chain([first], found):
                output.write(line + "\n")
                lines += 1
    print(f"{lines} lines", file=sys.stderr)
    return 0
