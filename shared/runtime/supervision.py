"""What the supervisor of ``make run`` tells the others of the processes it keeps running.

It writes a file; health and ``tidemark doctor`` read it. Where something else starts processes
again (a container engine), there is no such file.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

RUNNING = "running"
SUPERVISOR = "supervisor"
_SILENT_SECONDS = 150.0
"""The file is written at every change, and once a minute."""
_UNSTABLE_SECONDS = 60.0
_UNSTABLE_ENDS = 3


class ProcessState(msgspec.Struct, frozen=True):
    """One process."""

    state: str
    """starting, running, waiting (for its next start), stopping, stopped, not started."""
    pid: int = 0
    ended: int = 0
    """How often it has ended by itself since the supervisor was started."""
    recent_ends: list[float] = []
    """When it ended last, in seconds since 1970."""
    last_end: str = ""
    """How: its exit code, or the signal that killed it."""
    next_start: float = 0.0
    """When it is started again, in seconds since 1970; 0: it runs, or will not be."""


class Supervision(msgspec.Struct, frozen=True):
    """All processes, as of an instant in seconds since 1970."""

    written_at: float
    processes: dict[str, ProcessState]


def write_supervision(path: Path, supervision: Supervision) -> None:
    """Replace the file in one step."""
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(msgspec.json.encode(supervision))
    draft.replace(path)


def process_states(path: str, now: float | None = None) -> dict[str, str]:
    """Return for each process ``running``, or what is wrong with it; empty: nobody supervises.

    A process that was killed once and runs again is ``running``; one that ends again and again is
    not, also while it happens to run.

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
        return {SUPERVISOR: f"unknown: {path} cannot be read ({type(error).__name__})"}
    states = {name: _said(process, now) for name, process in found.processes.items()}
    if now - found.written_at > _SILENT_SECONDS:
        return {SUPERVISOR: "gone: what ends is not started again. Start make run again", **states}
    return states


def _said(process: ProcessState, now: float) -> str:
    lately = [end for end in process.recent_ends if now - end < _UNSTABLE_SECONDS]
    how_often = f"ended {len(lately)} times in the last minute"
    because = f" ({process.last_end})" if process.last_end else ""
    if process.state == "waiting":
        seconds = max(0, round(process.next_start - now))
        return f"restarting: {how_often}{because}, next start in {seconds} s"
    if len(lately) >= _UNSTABLE_ENDS:
        return f"unstable: {how_often}{because}"
    if process.state in {RUNNING, "starting"}:
        return RUNNING
    return process.state
