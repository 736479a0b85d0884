"""Terminate the orphans of a killed process: its workers may still hold the port that it needs."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Container
from contextlib import suppress

import psutil

_GRACE_SECONDS = 20.0
"""The time that a worker has to finish its request."""
_PR_SET_CHILD_SUBREAPER = 36
_EXIT_GRACE_SECONDS = 5


class Orphans:
    """Terminates orphans: on Linux this process adopts them; elsewhere their group is signalled."""

    def __init__(self) -> None:
        self._terminated_at: dict[psutil.Process, float] = {}
        self._adopts = sys.platform == "linux"
        if self._adopts:
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def terminate_orphans_of(self, pid: int, own_children: Container[int]) -> None:
        """Send SIGTERM to the orphans of a process.

        Args:
            pid: the process that died; it led a process group.
            own_children: pids of this process's own children, which are not orphans.
        """
        if not self._adopts:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGTERM)
            return
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                if child.pid in own_children or child.status() == psutil.STATUS_ZOMBIE:
                    continue
                child.terminate()
                self._terminated_at.setdefault(child, time.monotonic())

    def kill_overdue(self) -> None:
        """Kill orphans that run 20 seconds after SIGTERM; to be called every few seconds."""
        for orphan, terminated_at in list(self._terminated_at.items()):
            if not orphan.is_running():
                del self._terminated_at[orphan]
            elif time.monotonic() - terminated_at > _GRACE_SECONDS:
                with suppress(psutil.NoSuchProcess):
                    orphan.kill()


def terminate_all_descendants() -> None:
    """Terminate every descendant of this process, and kill those that run 5 seconds later."""
    descendants = psutil.Process().children(recursive=True)
    for process in descendants:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, remaining = psutil.wait_procs(descendants, timeout=_EXIT_GRACE_SECONDS)
    for process in remaining:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(remaining, timeout=_EXIT_GRACE_SECONDS)
