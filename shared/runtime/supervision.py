"""Share the states of supervised processes: ``make run`` writes a file that health and doctor read.

Where a container engine restarts the processes, there is no such file.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

RUNNING = "running"
SUPERVISOR = "supervisor"
_MAX_AGE_SECONDS = 150.0
"""A file that is older has no supervisor: it is written at every change, and once a minute."""
_UNSTABLE_SECONDS = 60.0
_UNSTABLE_ENDS = 3


class ProcessState(msgspec.Struct, frozen=True):
    """The state of a process."""

    state: str
    """starting, running, waiting (for its next start), stopping, stopped, not started."""
    pid: int = 0
    ended: int = 0
    """The number of unexpected exits since the supervisor was started."""
    recent_ends: list[float] = []
    """The times of the latest exits, in seconds since 1970."""
    last_end: str = ""
    """The exit code of the latest exit, or the signal that killed the process."""
    next_start: float = 0.0
    """The time of the next restart, in seconds since 1970; 0: none is due."""


class Supervision(msgspec.Struct, frozen=True):
    """The states of all processes; ``written_at`` is in seconds since 1970."""

    written_at: float
    processes: dict[str, ProcessState]


def write_supervision(path: Path, supervision: Supervision) -> None:
    """Replace the file atomically."""
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(msgspec.json.encode(supervision))
    draft.replace(path)


def process_states(path: str, now: float | None = None) -> dict[str, str]:
    """Return ``running`` or the problem of each process; empty without a supervisor.

    A process that exited once and runs again is ``running``; one that keeps exiting is ``unstable``
    even while it runs.

    Args:
        path: the file; empty: there is none.
        now: seconds since 1970.
    """
    if not path:
        return {}
    now = time.time() if now is None else now
    try:
        found = msgspec.json.decode(Path(path).read_bytes(), type=Supervision)
    except (OSError, msgspec.DecodeError) as error:
        return {SUPERVISOR: f"unknown: its file cannot be read ({type(error).__name__})"}
    states = {name: _describe(process, now) for name, process in found.processes.items()}
    if now - found.written_at > _MAX_AGE_SECONDS:
        return {SUPERVISOR: "gone: no process is restarted. Start make run again", **states}
    return states


def _describe(process: ProcessState, now: float) -> str:
    recent = [end for end in process.recent_ends if now - end < _UNSTABLE_SECONDS]
    frequency = f"ended {len(recent)} times in the last minute"
    reason = f" ({process.last_end})" if process.last_end else ""
    if process.state == "waiting":
        seconds = max(0, round(process.next_start - now))
        return f"restarting: {frequency}{reason}, next start in {seconds} s"
    if len(recent) >= _UNSTABLE_ENDS:
        return f"unstable: {frequency}{reason}"
    if process.state in {RUNNING, "starting"}:
        return RUNNING
    return process.state
