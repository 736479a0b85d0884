"""What a process leaves when it is killed: its workers, which may hold the port it needs again."""

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
"""A request in hand may take as long."""
_PR_SET_CHILD_SUBREAPER = 36
_LAST_SECONDS = 5


class Orphans:
    """Finds and ends them. On Linux they become this process's children; else a group is told."""

    def __init__(self) -> None:
        self._told: dict[psutil.Process, float] = {}
        self._adopts = sys.platform == "linux"
        if self._adopts:
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def end_those_of(self, pid: int, known: Container[int]) -> None:
        """Ask them to end.

        Args:
            pid: the process that died; it led a group.
            known: this process's children that are no orphans.
        """
        if not self._adopts:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGTERM)
            return
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                if child.pid in known or child.status() == psutil.STATUS_ZOMBIE:
                    continue
                child.terminate()
                self._told.setdefault(child, time.monotonic())

    def kill_the_stubborn(self) -> None:
        """Kill those that were asked long ago; call it now and then."""
        for orphan, since in list(self._told.items()):
            if not orphan.is_running():
                del self._told[orphan]
            elif time.monotonic() - since > _GRACE_SECONDS:
                with suppress(psutil.NoSuchProcess):
                    orphan.kill()


def end_all_children() -> None:
    """End whatever is below this process: a job's process, a stubborn worker."""
    left = psutil.Process().children(recursive=True)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=_LAST_SECONDS)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_LAST_SECONDS)
