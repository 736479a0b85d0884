"""Limit concurrent queries per project, so that one project never takes all threads.

Each process runs a few queries of a project at a time and queues a few more; further ones are
rejected with 503 and ``Retry-After``. Other projects find threads and connections free.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from shared.errors import Unavailable

MAX_RUNNING = 3
MAX_QUEUED = 6
QUEUE_TIMEOUT_SECONDS = 20.0


class ProjectConcurrencyLimiter:
    """Counts the running and queued queries of each project in this process."""

    def __init__(
        self,
        max_running: int = MAX_RUNNING,
        max_queued: int = MAX_QUEUED,
        timeout: float = QUEUE_TIMEOUT_SECONDS,
    ) -> None:
        self._max_running, self._max_queued, self._timeout = max_running, max_queued, timeout
        self._changed = threading.Condition()
        self._running: dict[int, int] = {}
        self._queued: dict[int, int] = {}

    @contextmanager
    def slot(self, project_id: int) -> Iterator[None]:
        """Hold one of the project's slots; wait for it if all are taken.

        Raises:
            Unavailable: the queue is full, or no slot became free in time.
        """
        self._acquire(project_id)
        try:
            yield
        finally:
            with self._changed:
                self._add(self._running, project_id, -1)
                self._changed.notify_all()

    def _acquire(self, project_id: int) -> None:
        with self._changed:
            if self._running.get(project_id, 0) >= self._max_running:
                if self._queued.get(project_id, 0) >= self._max_queued:
                    raise self._busy()
                self._add(self._queued, project_id, 1)
                try:
                    is_free = self._changed.wait_for(
                        lambda: self._running.get(project_id, 0) < self._max_running,
                        self._timeout,
                    )
                finally:
                    self._add(self._queued, project_id, -1)
                if not is_free:
                    raise self._busy()
            self._add(self._running, project_id, 1)

    @staticmethod
    def _add(counts: dict[int, int], project_id: int, change: int) -> None:
        counts[project_id] = counts.get(project_id, 0) + change
        if not counts[project_id]:
            del counts[project_id]

    @staticmethod
    def _busy() -> Unavailable:
        return Unavailable(
            "Too many queries of this project are running. Try again in a few seconds.",
            retry_after_seconds=2,
        )


@cache
def concurrency_limiter() -> ProjectConcurrencyLimiter:
    """Return the limiter of this process."""
    return ProjectConcurrencyLimiter()
