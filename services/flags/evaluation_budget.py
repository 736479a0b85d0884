"""Limit what evaluating the flags of one project may cost this process.

All projects share one processor core, and whoever defines flags, or has a public key, decides what
an evaluation costs. Ordinary ones stay far below the limit: answering over HTTP costs more. A
project that is alone may use the whole core.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.errors import TooManyRequests

SHARE = 0.6
"""Of a processor core, that a project may use for longer than the burst, beside other projects."""
BURST_SECONDS = 2.0
"""Of a whole core."""
OTHERS_SECONDS = 60.0
"""How long after its last request another project counts as being there: SDKs that ask again by
themselves do so twice a minute or more often."""
_MAX_REMEMBERED = 10_000


class EvaluationBudget:
    """Counts the processor time of projects by the generic cell rate algorithm (GCRA).

    Of each project it remembers when its evaluations so far would be over, had they used its share.
    What a project has used beyond the burst while it was alone is not held against it later.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._used = clock, used
        self._lock = threading.Lock()
        self._over_at: dict[int, float] = {}
        self._last = self._last_other = (0, -OTHERS_SECONDS)
        """The project that asked last, and the last other one; each with when it did."""

    @contextmanager
    def spend(self, project_id: int) -> Iterator[None]:
        """Count what the block costs the project.

        Raises:
            TooManyRequests: the project has used more than its share, and another one was there
                within ``OTHERS_SECONDS``; the block does not run.
        """
        now = self._clock()
        is_alone = self._is_alone(project_id, now)
        wait = self._over_at.get(project_id, 0.0) - now - BURST_SECONDS / SHARE
        if wait > 0 and not is_alone:
            raise TooManyRequests(
                "The flags of this project take too much time. Use the last values, and ask again "
                "after the seconds in Retry-After; simpler conditions take less.",
                retry_after_seconds=math.ceil(wait),
            )
        before = self._used()
        try:
            yield
        finally:
            self._charge(project_id, (self._used() - before) / SHARE, is_alone)

    def _is_alone(self, project_id: int, now: float) -> bool:
        """Note that a project asks; return whether no other one was there recently."""
        with self._lock:
            if self._last[0] != project_id:
                self._last_other = self._last
            self._last = (project_id, now)
            return now - self._last_other[1] >= OTHERS_SECONDS

    def _charge(self, project_id: int, seconds: float, is_alone: bool) -> None:
        now = self._clock()
        with self._lock:
            over_at = max(self._over_at.get(project_id, now), now) + seconds
            if is_alone:
                over_at = min(over_at, now + BURST_SECONDS / SHARE)
            self._over_at[project_id] = over_at
            if len(self._over_at) > _MAX_REMEMBERED:
                self._over_at = {one: at for one, at in self._over_at.items() if at > now}
