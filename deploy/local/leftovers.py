"""What a runner that was killed left running: remembered by pid, ended at the next start."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import psutil

_GRACE_SECONDS = 10
_SAME_START_SECONDS = 2.0  # the kernel's clock ticks, and the wall clock may be set


def remember(path: Path) -> None:
    """Write down every process below this one, with its start time: pids are used again."""
    known = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            known.append([process.pid, process.create_time()])
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(known))
    draft.replace(path)


def end(path: Path) -> None:
    """End what was remembered and still runs. Call it only while holding the data dir's lock."""
    try:
        known = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return
    running = [process for pid, started in known if (process := _same(pid, started))]
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


def _same(pid: int, started: float) -> psutil.Process | None:
    """The process, unless another one has been given its pid since."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START_SECONDS
    except psutil.NoSuchProcess:
        return None
    return process if same else None
