"""What a runner that was killed left running: remembered by pid, ended at the next start."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_GRACE_SECONDS = 10
_SAME_START_SECONDS = 2.0  # the kernel's clock ticks, and the wall clock may be set


def remember(path: Path, pids: Iterable[int]) -> None:
    """Write down processes with their start times: pids are used again.

    Each leads a process group of its own, so what it starts itself is found by that.
    """
    known = []
    for pid in list(pids):
        with suppress(psutil.NoSuchProcess):
            known.append([pid, psutil.Process(pid).create_time()])
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(known))
    draft.replace(path)


def end(path: Path) -> None:
    """End what was remembered and still runs. Call it only while holding the data dir's lock."""
    try:
        known = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return
    running = _running(known)
    if running:
        print("tidemark: ending what an interrupted run left behind …", flush=True)
    for process in running:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(running, timeout=_GRACE_SECONDS)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_GRACE_SECONDS)
    path.unlink()


def _running(known: list[tuple[int, float]]) -> list[psutil.Process]:
    """Return the processes, their children, and the orphans that they left when they died."""
    found: dict[int, psutil.Process] = {}
    for pid, started in known:
        process = _same(pid, started)
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                found |= {each.pid: each for each in [process, *process.children(recursive=True)]}
    # While a group has a member, its number is given to no new process.
    groups = {pid: started for pid, started in known if not psutil.pid_exists(pid)}
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            since = groups.get(os.getpgid(process.pid))
            if since is not None and process.create_time() > since - _SAME_START_SECONDS:
                found[process.pid] = process
    return list(found.values())


def _same(pid: int, started: float) -> psutil.Process | None:
    """Return the process, unless another one has been given its pid since."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START_SECONDS
    except psutil.NoSuchProcess:
        return None
    return process if same else None
