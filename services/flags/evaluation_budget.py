"""Limit what evaluating the flags of one project may cost this process.

All projects share one processor core, and whoever defines flags, or has a public key, decides what
an evaluation costs. Ordinary ones stay far below the limit: answering over HTTP costs more.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.errors import TooManyRequests

SHARE = 0.6
"""Of a processor core, that a project may use for longer than the burst."""
BURST_SECONDS = 2.0
"""Of a whole core."""
_MAX_REMEMBERED = 10_000


class EvaluationBudget:
    """Counts the processor time of projects by the generic cell rate algorithm (GCRA).

    Of each project it remembers when its evaluations so far would be over, had they used its share.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._used = clock, used
        self._lock = threading.Lock()
        self._over_at: dict[int, float] = {}

    @contextmanager
    def spend(self, project_id: int) -> Iterator[None]:
        """Count what the block costs the project.

        Raises:
            TooManyRequests: the project has used more than its share; the block does not run.
        """
        wait = self._over_at.get(project_id, 0.0) - self._clock() - BURST_SECONDS / SHARE
        if wait > 0:
            raise TooManyRequests(
                "The flags of this project take too much time. Use the last values, and ask again "
                "after the seconds in Retry-After; simpler conditions take less.",
                retry_after_seconds=math.ceil(wait),
            )
        before = self._used()
        try:
            yield
        finally:
            self._charge(project_id, (self._used() - before) / SHARE)

    def _charge(self, project_id: int, seconds: float) -> None:
        now = self._clock()
        with self._lock:
            self._over_at[project_id] = max(self._over_at.get(project_id, now), now) + seconds
            if len(self._over_at) > _MAX_REMEMBERED:
                self._over_at = {one: at for one, at in self._over_at.items() if at > now}
