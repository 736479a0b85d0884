"""Wait for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

_UNANSWERED = (requests.ConnectionError, requests.Timeout)


def wait_for(condition: Callable[[], object], seconds: float = 30, what: str = "") -> float:
    """Return after how many seconds the condition held; fail with ``what`` if it never does.

    A request that gets no answer is a condition that does not hold yet: servers restart, and busy
    machines answer late. An answer that is wrong raises at once, as always.

    Raises:
        AssertionError: the time is over; its cause is the last request's error, if it had one.
    """
    began = time.monotonic()
    while True:
        unanswered = None
        try:
            if condition():
                return time.monotonic() - began
        except _UNANSWERED as error:
            unanswered = error
        if time.monotonic() - began >= seconds:
            raise AssertionError(what or "The condition did not hold in time.") from unanswered
        time.sleep(0.1)
