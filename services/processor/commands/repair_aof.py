"""Repair the append-only files of make run's Redis servers when one does not start.

The damaged end of a file is moved into a file beside it. What only stood there is lost: accepted
events that were not stored yet (server stream), or logins and queued jobs (server state).
"""

from __future__ import annotations

import argparse
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from services.processor.commands.terminal import confirmed, say
from services.processor.maintenance import append_only_file

NAME = "repair_aof"
ALIASES: list[str] = []
_SERVERS = ("stream", "state")
_IN_CONTAINERS = (
    "docker compose run --rm stream redis-check-aof --fix "
    "/data/appendonlydir/appendonly.aof.manifest"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--server", choices=_SERVERS, help="only this server")
    parser.add_argument(
        "--set-aside",
        action="store_true",
        help="rename all files of --server, so that it starts empty; for a damaged base file",
    )
    parser.add_argument("--dry-run", action="store_true", help="only report the damage")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")


def run(options: argparse.Namespace) -> int:
    """Report the damage, ask, repair."""
    data_dir = Path(os.environ.get("DATA_DIR") or ".data")
    suffix = f"damaged-{datetime.now(timezone.utc):%Y%m%dT%H%M%S}"
    if options.set_aside and not options.server:
        say("Say which server is to start empty: --server stream, or --server state.")
        return 1
    with _stopped(data_dir) as stopped:
        if not stopped:
            say(f"Tidemark runs on {data_dir}. Stop it first: Ctrl-C, or SIGTERM to make run.")
            return 1
        if options.set_aside:
            return _set_aside(data_dir / options.server, suffix, options)
        servers = [options.server] if options.server else _SERVERS
        # No generator: every server is repaired, whatever becomes of the others.
        return max([_repair(data_dir / server, suffix, options) for server in servers])


def _repair(folder: Path, suffix: str, options: argparse.Namespace) -> int:
    try:
        found = append_only_file.find_damage(folder)
    except FileNotFoundError as error:
        say(f"There is no {error.filename}. In containers: {_IN_CONTAINERS}")
        return 1
    if not found:
        say(
            f"{folder}: every command can be read. If the server still does not start, its base "
            f"file is damaged: tidemark repair_aof --server {folder.name} --set-aside"
        )
        return 0
    for damage in found:
        say(
            f"{damage.path} can be read up to byte {damage.valid:,} of {damage.size:,}; the last "
            f"{damage.size - damage.valid:,} bytes are damaged."
        )
        if options.dry_run:
            continue
        if not confirmed("Cut them off?", yes=options.yes):
            return 1
        rest = append_only_file.cut_off(damage, suffix)
        say(f"They are in {rest} now. Start Tidemark again.")
    return 0


def _set_aside(folder: Path, suffix: str, options: argparse.Namespace) -> int:
    if not (folder / append_only_file.FOLDER).is_dir():
        say(f"There is no {folder / append_only_file.FOLDER}.")
        return 1
    say(f"{folder.name} will start empty, without anything that it held.")
    if options.dry_run:
        return 0
    if not confirmed("Set its files aside?", yes=options.yes):
        return 1
    say(f"They are in {append_only_file.set_aside(folder, suffix)} now. Start Tidemark again.")
    return 0


@contextmanager
def _stopped(data_dir: Path) -> Iterator[bool]:
    """Hold the installation's lock, so that it does not start; yield whether it was free."""
    lock = data_dir / "lock"
    if not lock.exists():
        yield True
        return
    with lock.open("r+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
