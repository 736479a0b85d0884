"""Limit concurrent queries per project, so that one project never takes all threads.

Every limit is derived from the number of threads of the process: what a project runs and what
waits, for a slot or for the answer of an equal query, together fit half of the threads, and all
projects together leave some free. Whatever does not fit is rejected at once with 503 and
``Retry-After``, because waiting costs a thread that another project needs.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from shared.errors import Unavailable
from shared.runtime.settings import get_settings

QUEUE_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many requests may hold a thread of this process."""

    running: int
    """Queries of one project that run at the same time."""
    project: int
    """Requests of one project, running and waiting."""
    busy_project: int
    """Once all projects together hold this many, only a project that holds none is admitted."""
    streaming: int
    """Downloads of one project, which are not counted as running."""
    total: int
    """Requests of all projects. The remaining threads serve cached answers, lists and health."""


def capacity_of(threads: int) -> Capacity:
    """Return the limits for a process with this many threads, at least 4."""
    reserve = max(1, threads // 6)
    return Capacity(
        running=max(1, threads // 6),
        project=threads // 2,
        busy_project=threads - 2 * reserve,
        streaming=max(1, threads // 4),
        total=threads - reserve,
    )


class Admission:
    """A request that holds a thread of its project."""

    def __init__(self, limiter: ProjectConcurrencyLimiter, project_id: int) -> None:
        self._limiter, self._project_id = limiter, project_id

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the query once the project has a slot for it.

        Raises:
            Unavailable: no slot became free in time.
        """
        self._limiter.start(self._project_id)
        try:
            yield
        finally:
            self._limiter.finish(self._project_id)


class ProjectConcurrencyLimiter:
    """Counts the running and waiting queries of each project in this process."""

    def __init__(self, threads: int, timeout: float = QUEUE_TIMEOUT_SECONDS) -> None:
        self.capacity = capacity_of(threads)
        self._timeout = timeout
        self._changed = threading.Condition()
        self._admitted: Counter[int] = Counter()
        self._running: Counter[int] = Counter()
        self._streaming: Counter[int] = Counter()

    @contextmanager
    def admit(self, project_id: int) -> Iterator[Admission]:
        """Hold a thread of the project, to run a query or to wait for an equal one.

        Raises:
            Unavailable: the project, or all projects together, hold as many as they may.
        """
        with self._changed:
            if not self._has_room(project_id):
                raise _busy()
            self._admitted[project_id] += 1
        try:
            yield Admission(self, project_id)
        finally:
            with self._changed:
                _subtract(self._admitted, project_id)

    @contextmanager
    def stream(self, project_id: int) -> Iterator[None]:
        """Hold a thread of the project for a download, which takes no slot from its queries.

        Raises:
            Unavailable: the project has as many downloads as it may have, or as ``admit``.
        """
        with self.admit(project_id):
            with self._changed:
                if self._streaming[project_id] >= self.capacity.streaming:
                    raise _busy()
                self._streaming[project_id] += 1
            try:
                yield
            finally:
                with self._changed:
                    _subtract(self._streaming, project_id)

    @contextmanager
    def slot(self, project_id: int) -> Iterator[None]:
        """Hold a thread of the project and run a query in it.

        Raises:
            Unavailable: as ``admit`` and ``Admission.running``.
        """
        with self.admit(project_id) as admission, admission.running():
            yield

    def start(self, project_id: int) -> None:
        """Wait until the project runs fewer queries than it may, and count one more.

        Raises:
            Unavailable: no slot became free in time.
        """
        with self._changed:
            is_free = self._changed.wait_for(
                lambda: self._running[project_id] < self.capacity.running, self._timeout
            )
            if not is_free:
                raise _busy()
            self._running[project_id] += 1

    def finish(self, project_id: int) -> None:
        """Count one running query less."""
        with self._changed:
            _subtract(self._running, project_id)
            self._changed.notify_all()

    def _has_room(self, project_id: int) -> bool:
        held, total = self._admitted[project_id], self._admitted.total()
        most = self.capacity.busy_project if held else self.capacity.total
        return held < self.capacity.project and total < most


def _subtract(counts: Counter[int], project_id: int) -> None:
    counts[project_id] -= 1
    if not counts[project_id]:
        del counts[project_id]


def _busy() -> Unavailable:
    return Unavailable(
        "Too many queries are running. Try again in a few seconds.",
        retry_after_seconds=2,
    )


@cache
def concurrency_limiter() -> ProjectConcurrencyLimiter:
    """Return the limiter of this process."""
    return ProjectConcurrencyLimiter(get_settings().query_threads)
