"""Report the progress of a long job to a terminal or to the job queue."""

from __future__ import annotations

import time
from typing import Protocol

from rq import get_current_job

_SECONDS_BETWEEN_WRITES = 1.0


class Progress(Protocol):
    """A function that is called after every step."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Report that ``done`` of ``total`` steps are finished; ``what`` names the last one."""


def no_progress(done: int, total: int, what: str) -> None:
    """Report nothing."""


class JobProgress:
    """Write progress into the RQ job of this process, about once a second."""

    def __init__(self) -> None:
        self._job = get_current_job()
        self._next = 0.0

    def __call__(self, done: int, total: int, what: str) -> None:
        """Report that ``done`` of ``total`` steps are finished; ``what`` names the last one."""
        now = time.monotonic()
        if self._job is None or (now < self._next and done < total):
            return
        self._next = now + _SECONDS_BETWEEN_WRITES
        self._job.meta["progress"] = {"done": done, "total": total, "what": what}
        self._job.save_meta()  # type: ignore[no-untyped-call]
