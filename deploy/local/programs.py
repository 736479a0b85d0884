"""List the programs that the runner runs, and the order in which they start and stop."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from deploy.local.backends import Backends
from deploy.local.problems import CannotStart

_GRACE_SECONDS = 25.0
_PROCESSORS = 2
_MAX_PROCESSORS = 64
_LINE = re.compile(r"(?P<name>[A-Za-z][\w-]*):\s*(?P<command>.+)")
_GATEWAY = "gateway"
_CONSUMERS = ("processor", "worker", "schedule")
# Neither needs the tables: events are accepted and held also while PostgreSQL is away.
_START_BEFORE_MIGRATION = ("ingest", _GATEWAY)


class Stage(IntEnum):
    """The order of stopping, highest first: a stage is stopped once the one above it has ended.

    So no request arrives at a stopped service, and accepted events are still stored.
    """

    SERVERS = 1
    CONSUMERS = 2
    SERVICES = 3
    GATEWAY = 4


@dataclass(frozen=True, slots=True)
class Program:
    """A process to run, permanently or once."""

    name: str
    command: str
    """The words of the command, quoted for a shell."""
    stage: Stage
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = _GRACE_SECONDS
    user_id: int | None = None
    """The user that the process runs as; None: the runner's user."""
    folder: str | None = None
    """The working directory; None: the runner's."""
    is_shown: bool = True
    """Whether the output is shown at the terminal as well as in the log."""
    waits: bool = False
    """Whether the program starts only after the migration."""
    runs_once: bool = False
    """Whether the program ends by itself. Exit code 0: done; 1: failed, a retry is pointless."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of this program alone."""


PREPARE = "prepare"
"""The program that migrates the database."""
ANNOUNCE = "announce"
"""The program that reports when everything is ready."""


def programs(backends: Backends, procfile: Path, environment: Mapping[str, str]) -> list[Program]:
    """Return all programs of an installation.

    Args:
        backends: the servers; the embedded ones are run.
        procfile: the services, one on each line.
        environment: PROCESSORS is the number of processors.

    Raises:
        CannotStart: PROCESSORS is not a valid number.
    """
    servers = [
        Program(
            name,
            shlex.join(server.command),
            Stage.SERVERS,
            stop_signal=server.stop_signal,
            stop_seconds=server.stop_seconds,
            user_id=server.account[0] if server.account else None,
            folder="/",
            is_shown=False,
        )
        for name, server in backends.embedded.items()
    ]
    return servers + _one_time_programs() + _processes(procfile, environment)


def _one_time_programs() -> list[Program]:
    def python(module: str) -> str:
        return shlex.join([sys.executable, "-m", module])

    return [
        Program(PREPARE, python("deploy.local.prepare"), Stage.CONSUMERS, runs_once=True),
        Program(
            ANNOUNCE, python("deploy.local.announce"), Stage.SERVICES, waits=True, runs_once=True
        ),
    ]


def _processes(procfile: Path, environment: Mapping[str, str]) -> list[Program]:
    found = []
    for line in procfile.read_text().splitlines():
        matched = _LINE.fullmatch(line)
        if matched is None:
            continue
        name = matched["name"]
        # exec: no shell stays in between, so signals and exit codes are the process's own.
        command = shlex.join(["/bin/sh", "-c", f"exec {matched['command']}"])
        stage = Stage.SERVICES
        if name == _GATEWAY:
            stage = Stage.GATEWAY
        elif name in _CONSUMERS:
            stage = Stage.CONSUMERS
        # On SIGTERM nginx drops its requests; on SIGQUIT it finishes them first.
        stop_signal = signal.SIGQUIT if name == _GATEWAY else signal.SIGTERM
        waits = name not in _START_BEFORE_MIGRATION
        found += [
            Program(instance, command, stage, stop_signal=stop_signal, waits=waits)
            for instance in _instances(name, environment)
        ]
    return found


def _instances(name: str, environment: Mapping[str, str]) -> list[str]:
    """Return the names of a line's processes: several for the processor, else one.

    With two processors, one computes while the other waits for PostgreSQL.
    """
    if name != "processor":
        return [name]
    given = environment.get("PROCESSORS") or str(_PROCESSORS)
    if not given.isdecimal() or not 0 < int(given) <= _MAX_PROCESSORS:
        raise CannotStart(f"PROCESSORS is {given!r}; use a number from 1 to {_MAX_PROCESSORS}.")
    return [name, *(f"{name}.{instance}" for instance in range(2, int(given) + 1))]
