"""Replay dead letters into the stream, once their cause is fixed."""

from __future__ import annotations

import argparse

from services.processor.commands.terminal import add_project, bar, confirmed, say
from services.processor.maintenance.replay import count_dead_letters, replay
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_stream

NAME = "replay"
ALIASES: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_project(parser, required=True)
    parser.add_argument("--dry-run", action="store_true", help="only report what would be sent")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(options: argparse.Namespace) -> int:
    """Report the number of dead letters, ask for confirmation, and replay them."""
    with job_connection("command") as connection:
        dead_letters = count_dead_letters(connection, options.project)
        say(f"Project {options.project} has {dead_letters:,} dead letters.")
        if not dead_letters or options.dry_run:
            return 0
        if not confirmed("Send them again?", yes=options.yes):
            return 1
        with bar("Sending") as progress:
            sent = replay(connection, get_stream(), options.project, progress=progress)
    say(f"Sent {sent:,}. Events that are refused again become dead letters again.")
    return 0
