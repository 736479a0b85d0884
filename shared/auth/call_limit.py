"""Limit the API calls of one user, or of one project's secret keys, in this process.

The gateway limits each address and each login or key. Here all logins of a user and all keys of a
project count together, so that more of them do not mean more calls.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from functools import cache

from shared.errors import TooManyRequests
from shared.runtime.settings import get_settings

_BURST = 4
"""Seconds' worth of calls that may come at once, as at the gateway: a dashboard with many tiles."""
_MAX_REMEMBERED = 10_000


class CallLimit:
    """Counts calls by the generic cell rate algorithm (GCRA), as the gateway does.

    Of each caller it remembers when the calls so far would be over, had they come evenly.
    """

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / per_second
        self._tolerance = _BURST - self._interval / 2
        self._clock = clock
        self._lock = threading.Lock()
        self._over_at: dict[str, float] = {}

    def count(self, caller: str) -> None:
        """Count a call.

        Raises:
            TooManyRequests: the caller has made more calls than it may; this one is not counted.
        """
        now = self._clock()
        with self._lock:
            over_at = max(self._over_at.get(caller, now), now)
            wait = over_at - now - self._tolerance
            if wait <= 0:
                self._over_at[caller] = over_at + self._interval
            if len(self._over_at) > _MAX_REMEMBERED:
                self._over_at = {name: at for name, at in self._over_at.items() if at > now}
        if wait > 0:
            raise TooManyRequests(
                "Too many API calls with your login or the project's secret keys. Try again after "
                "the seconds in Retry-After.",
                retry_after_seconds=math.ceil(wait),
            )


@cache
def call_limit() -> CallLimit:
    """Return the limit of this process."""
    return CallLimit(get_settings().client_requests_per_second)
