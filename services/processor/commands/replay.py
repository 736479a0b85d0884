"""Send dead letters into the stream once more, after their cause was mended."""

from __future__ import annotations

import argparse

from services.processor.commands.terminal import add_project, bar, confirmed, say
from services.processor.maintenance.replay import replay, waiting
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_stream

NAME = "replay"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    add_project(parser, required=True)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Say what waits, ask, send."""
    with job_connection("command") as connection:
        letters = waiting(connection, options.project)
        say(f"Project {options.project} has {letters:,} dead letters.")
        if not letters or options.dry_run:
            return 0
        if not confirmed("Send them once more?", yes=options.yes):
            return 1
        with bar("Sending") as progress:
            sent = replay(connection, get_stream(), options.project, progress=progress)
    say(f"Sent {sent:,}. Those that are refused again come back as dead letters.")
    return 0
