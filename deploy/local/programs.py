"""What is kept running, and in which order it starts and stops: the servers and the Procfile."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from deploy.local.backends import Backends
from deploy.local.problems import CannotStart

_GRACE_SECONDS = 25.0
_PROCESSORS = 2
_MOST_PROCESSORS = 64
_LINE = re.compile(r"(?P<name>[A-Za-z][\w-]*):\s*(?P<command>.+)")
_GATEWAY = "gateway"
_CONSUMERS = ("processor", "worker", "schedule")
# Neither needs the tables: events are taken, and held, also while PostgreSQL is away.
_START_AT_ONCE = ("ingest", _GATEWAY)


class Stage(IntEnum):
    """The order of stopping, the highest first: each stage has ended before the next is told.

    Nothing comes in any more before what handles it stops, and events that are in are still stored.
    """

    SERVERS = 1
    CONSUMERS = 2
    SERVICES = 3
    GATEWAY = 4


@dataclass(frozen=True, slots=True)
class Program:
    """A process, or one that runs once."""

    name: str
    command: str
    """Words as a shell quotes them."""
    stage: Stage
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = _GRACE_SECONDS
    user_id: int | None = None
    """Whom it runs as; None: as the runner."""
    folder: str | None = None
    """Where it runs; None: in the runner's."""
    is_shown: bool = True
    """What it writes is shown at the terminal, beside its log."""
    waits: bool = False
    """It is started once the tables are there."""
    runs_once: bool = False
    """Its end with 0 is as it should be; 1 says that it makes no sense to try again."""


PREPARE = "prepare"
"""The program that brings the tables up to date."""
ANNOUNCE = "announce"
"""The program that says when everything is ready."""


def programs(backends: Backends, procfile: Path, environment: Mapping[str, str]) -> list[Program]:
    """Return everything that is to run.

    Args:
        backends: those that are ours are run.
        procfile: one line for each of our processes.
        environment: PROCESSORS says how many processors.

    Raises:
        CannotStart: PROCESSORS is no number of processors.
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
    return servers + _once() + _processes(procfile, environment)


def _once() -> list[Program]:
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
        # Without a shell left in between, signals and exit codes are the process's own.
        command = shlex.join(["/bin/sh", "-c", f"exec {matched['command']}"])
        stage = Stage.SERVICES
        if name == _GATEWAY:
            stage = Stage.GATEWAY
        elif name in _CONSUMERS:
            stage = Stage.CONSUMERS
        # nginx takes SIGTERM as "drop everything" and SIGQUIT as "finish first".
        how = signal.SIGQUIT if name == _GATEWAY else signal.SIGTERM
        found += [
            Program(
                instance, command, stage, stop_signal=how, waits=name not in _START_AT_ONCE
            )
            for instance in _instances(name, environment)
        ]  # fmt: skip
    return found


def _instances(name: str, environment: Mapping[str, str]) -> list[str]:
    """Return the processes of a line: one processor computes while another waits for PostgreSQL."""
    if name != "processor":
        return [name]
    given = environment.get("PROCESSORS") or str(_PROCESSORS)
    if not given.isdecimal() or not 0 < int(given) <= _MOST_PROCESSORS:
        raise CannotStart(f"PROCESSORS is {given!r}; give a number from 1 to {_MOST_PROCESSORS}.")
    return [name, *(f"{name}.{instance}" for instance in range(2, int(given) + 1))]
