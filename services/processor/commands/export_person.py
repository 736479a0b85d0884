"""Write everything that is stored of a person, as JSON lines, to standard output or a file."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
from pathlib import Path

from services.processor.commands.terminal import add_project
from services.processor.person_export import export_person
from shared.database import job_connection

NAME = "export_person"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    add_project(parser, required=True)
    parser.add_argument("--distinct-id", required=True, help="any id that the person is known by")
    parser.add_argument("--output", type=Path, help="a file; standard output when not given")


def run(options: argparse.Namespace) -> int:
    """Write."""
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
