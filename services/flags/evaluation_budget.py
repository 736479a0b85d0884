"""Limit what evaluating the flags of one account may cost this process.

All accounts share one processor core, and whoever defines flags, or has a public key, decides what
an evaluation costs. Ordinary ones stay far below the limit: answering over HTTP costs more. An
account that is alone may use the whole core. All projects of an account are charged to it, so that
more projects are no larger share.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.errors import TooManyRequests

SHARE = 0.6
"""Of a processor core, that an account may use for longer than the burst, beside other accounts."""
BURST_SECONDS = 2.0
"""Of a whole core."""
OTHERS_SECONDS = 60.0
"""How long after its last request another account counts as being there: SDKs that ask again by
themselves do so twice a minute or more often."""
_MAX_REMEMBERED = 10_000


class EvaluationBudget:
    """Counts the processor time of accounts by the generic cell rate algorithm (GCRA).

    Of each account it remembers when its evaluations so far would be over, had they used its share.
    What an account has used beyond the burst while it was alone is not held against it later.
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
        """The account that asked last, and the last other one; each with when it did."""

    @contextmanager
    def spend(self, account: int) -> Iterator[None]:
        """Count what the block costs the account.

        Raises:
            TooManyRequests: the account has used more than its share, and another one was there
                within ``OTHERS_SECONDS``; the block does not run.
        """
        now = self._clock()
        is_alone = self._is_alone(account, now)
        wait = self._over_at.get(account, 0.0) - now - BURST_SECONDS / SHARE
        if wait > 0 and not is_alone:
            raise TooManyRequests(
                "The flags of this owner's projects take too much time. Use the last values, and "
                "ask again after the seconds in Retry-After; simpler conditions take less.",
                retry_after_seconds=math.ceil(wait),
            )
        before = self._used()
        try:
            yield
        finally:
            self._charge(account, (self._used() - before) / SHARE, is_alone)

    def _is_alone(self, account: int, now: float) -> bool:
        """Note that an account asks; return whether no other one was there recently."""
        with self._lock:
            if self._last[0] != account:
                self._last_other = self._last
            self._last = (account, now)
            return now - self._last_other[1] >= OTHERS_SECONDS

    def _charge(self, account: int, seconds: float, is_alone: bool) -> None:
        now = self._clock()
        with self._lock:
            over_at = max(self._over_at.get(account, now), now) + seconds
            if is_alone:
                over_at = min(over_at, now + BURST_SECONDS / SHARE)
            self._over_at[account] = over_at
            if len(self._over_at) > _MAX_REMEMBERED:
                self._over_at = {one: at for one, at in self._over_at.items() if at > now}
