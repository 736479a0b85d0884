"""One user makes so many API calls a second, whatever the number of logins."""

from __future__ import annotations

from contextlib import suppress

from shared.auth.call_limit import CallLimit
from shared.errors import TooManyRequests


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def accepted(limit: CallLimit, caller: str, calls: int) -> int:
    """Make calls; answers how many were accepted."""
    count = 0
    for _ in range(calls):
        with suppress(TooManyRequests):
            limit.count(caller)
            count += 1
    return count


def test_a_caller_may_make_four_seconds_worth_at_once_and_then_the_rate() -> None:
    clock = Clock()
    limit = CallLimit(50, clock)
    assert accepted(limit, "user:1", 500) == 200
    assert accepted(limit, "user:2", 150) == 150
    clock.now += 1
    assert accepted(limit, "user:1", 500) == 50
    # What was refused was not counted.
    clock.now += 4
    assert accepted(limit, "user:1", 500) == 200


def test_a_dashboard_never_meets_the_limit() -> None:
    clock = Clock()
    limit = CallLimit(50, clock)
    # A page of fifty tiles that somebody reloads every second.
    for _ in range(60):
        assert accepted(limit, "user:1", 50) == 50
        clock.now += 1


def test_callers_who_left_are_forgotten() -> None:
    clock = Clock()
    limit = CallLimit(50, clock)
    for user in range(10_000):
        limit.count(f"user:{user}")
    clock.now += 1
    limit.count("user:new")
    assert len(limit._over_at) == 1
