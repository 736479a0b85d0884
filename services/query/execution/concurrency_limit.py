"""Turns: one project's heavy questions never take all the threads and connections.

Each process lets a project run a few questions at a time and keep a few waiting; more are told
to come again. Other projects find threads and connections free.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import Unavailable

RUNNING = 3
WAITING = 6
_PATIENCE_SECONDS = 20.0


class Turns:
    """Counts the questions of each project in this process."""

    def __init__(
        self, running: int = RUNNING, waiting: int = WAITING, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self._running, self._waiting, self._patience = running, waiting, patience
        self._state = threading.Condition()
        self._at_work: dict[int, int] = {}
        self._in_line: dict[int, int] = {}

    @contextmanager
    def turn(self, project_id: int) -> Iterator[None]:
        """Run one question of a project when it is its turn.

        Raises:
            Unavailable: too many of the project's questions run and wait already.
        """
        self._enter(project_id)
        try:
            yield
        finally:
            with self._state:
                self._change(self._at_work, project_id, -1)
                self._state.notify_all()

    def _enter(self, project_id: int) -> None:
        with self._state:
            if self._at_work.get(project_id, 0) >= self._running:
                if self._in_line.get(project_id, 0) >= self._waiting:
                    raise self._busy()
                self._change(self._in_line, project_id, 1)
                try:
                    free = self._state.wait_for(
                        lambda: self._at_work.get(project_id, 0) < self._running, self._patience
                    )
                finally:
                    self._change(self._in_line, project_id, -1)
                if not free:
                    raise self._busy()
            self._change(self._at_work, project_id, 1)

    @staticmethod
    def _change(counts: dict[int, int], project_id: int, by: int) -> None:
        counts[project_id] = counts.get(project_id, 0) + by
        if not counts[project_id]:
            del counts[project_id]

    @staticmethod
    def _busy() -> Unavailable:
        return Unavailable(
            "Too many questions about this project at once. Try again in a few seconds.",
            retry_after_seconds=2,
        )
