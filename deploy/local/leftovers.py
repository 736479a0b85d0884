"""Record the pids of running processes, to terminate them at the next start if the runner died."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_GRACE_SECONDS = 10
_SAME_START_SECONDS = 2.0  # the kernel's clock ticks, and the wall clock may be set


def record(path: Path, pids: Iterable[int]) -> None:
    """Write the pids and start times of processes; the times tell a reused pid apart.

    Each process must lead a process group of its own, by which its orphans are found.
    """
    recorded = []
    for pid in list(pids):
        with suppress(psutil.NoSuchProcess):
            recorded.append([pid, psutil.Process(pid).create_time()])
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(recorded))
    draft.replace(path)


def terminate(path: Path) -> None:
    """Terminate the recorded processes that still run, and remove the record.

    Call it only while holding the lock of the data directory.
    """
    try:
        recorded = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return
    running = _running(recorded)
    if running:
        print("tidemark: terminating the processes of an interrupted run …", flush=True)
    for process in running:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, remaining = psutil.wait_procs(running, timeout=_GRACE_SECONDS)
    for process in remaining:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(remaining, timeout=_GRACE_SECONDS)
    path.unlink()


def _running(recorded: list[tuple[int, float]]) -> list[psutil.Process]:
    """Return the recorded processes that run, their children, and orphans of their groups."""
    found: dict[int, psutil.Process] = {}
    for pid, started in recorded:
        process = same_process(pid, started)
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                found |= {each.pid: each for each in [process, *process.children(recursive=True)]}
    # The kernel does not reuse the id of a group that still has a member.
    groups = {pid: started for pid, started in recorded if not psutil.pid_exists(pid)}
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            since = groups.get(os.getpgid(process.pid))
            if since is not None and process.create_time() > since - _SAME_START_SECONDS:
                found[process.pid] = process
    return list(found.values())


def same_process(pid: int, started: float) -> psutil.Process | None:
    """Return the process that started at this time, or None if it ended or its pid was reused."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START_SECONDS
    except psutil.NoSuchProcess:
        return None
    return process if same else None
