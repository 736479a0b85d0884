"""What a process knows of limits by itself: which have no room, and what Redis has not charged."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from services.ingest.limits import TICK_SECONDS, TICKS, Cost, Limits, Rate
from shared.errors import TooManyRequests

_MAX_REMEMBERED = 10_000
"""Limits of each kind; the oldest gives way."""


class ExhaustedRates:
    """Limits whose requests are refused before their bodies are read, for some time.

    They have room for not even one event until the half second ends, within which nothing becomes
    free; or too much was read in vain for them: of a client as much as it may send in a minute,
    where none is limited a large body. Limits of accepted events are none of the first: a request
    may have only dropped ones.
    """

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, int], tuple[float, Callable[[], TooManyRequests]]]
        self._until = OrderedDict()

    def add(self, rate: Rate, wait_us: int, error: Callable[[], TooManyRequests]) -> None:
        """Remember a limit without room, and how requests are refused.

        Args:
            rate: the limit.
            wait_us: the time until a later half second.
            error: returns what is raised for a further request.
        """
        if rate.counts == "accepted":
            return
        self.refuse_for(wait_us / 1_000_000 % TICK_SECONDS, rate, error)

    def refuse_for(self, seconds: float, rate: Rate, error: Callable[[], TooManyRequests]) -> None:
        """Refuse requests against a limit for some time, unless they are already for longer.

        Args:
            seconds: from now on.
            rate: the limit.
            error: returns what is raised for a further request.
        """
        until, key = time.monotonic() + seconds, (rate.key, rate.per_minute)
        known = self._until.get(key)
        if known is None or known[0] < until:
            self._until[key] = until, error
        while len(self._until) > _MAX_REMEMBERED:
            self._until.popitem(last=False)

    def refuse(self, limits: Callable[[], Limits]) -> None:
        """Refuse a request against one of these limits.

        Args:
            limits: returns the limits that the request counts against.

        Raises:
            TooManyRequests: one of them has no room.
        """
        if not self._until:  # nearly always
            return
        for rate in limits().rates:
            known = self._until.get((rate.key, rate.per_minute))
            if known is not None and time.monotonic() < known[0]:
                raise known[1]()
            self._until.pop((rate.key, rate.per_minute), None)


@dataclass(slots=True)
class _Window:
    """What passed in the window, by half second, oldest first."""

    ticks: deque[tuple[int, int]] = field(default_factory=deque)
    total: int = 0

    def forget(self, before: int) -> None:
        """Remove what passed before a tick."""
        while self.ticks and self.ticks[0][0] < before:
            self.total -= self.ticks.popleft()[1]

    def free_at(self, needed: int, now: int) -> int:
        """Return the tick in which so much of the window has become free.

        A request that counts for more than the limit waits for a whole window from ``now`` on.
        """
        for tick, count in self.ticks:
            needed -= count
            if needed <= 0:
                return tick + TICKS + 1
        return now + TICKS + 1

    def add(self, tick: int, cost: int) -> None:
        """Count a request."""
        if self.ticks and self.ticks[-1][0] == tick:
            cost_before = self.ticks.pop()[1]
            self.ticks.append((tick, cost_before + cost))
        else:
            self.ticks.append((tick, cost))
        self.total += cost


class LocalRates:
    """Windows as Redis keeps them for limits, kept by this process alone."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._lock = threading.Lock()

    def refusal(
        self, rates: tuple[Rate, ...], cost: Cost, size: int, now: float
    ) -> tuple[Rate, float] | None:
        """Charge the limits and return None, or charge none and return one with seconds to wait.

        Args:
            rates: the limits.
            cost: what the request counts for.
            size: its bytes.
            now: seconds of a monotonic clock.
        """
        with self._lock:
            return self._refusal(rates, cost, size, now)

    def _refusal(
        self, rates: tuple[Rate, ...], cost: Cost, size: int, now: float
    ) -> tuple[Rate, float] | None:
        tick = int(now / TICK_SECONDS)
        charged = []
        for rate in rates:
            window = self._windows.get(rate.key) or _Window()
            window.forget(tick - TICKS)
            own_cost = rate.cost_of(cost, size)
            too_many = window.total + own_cost - rate.per_minute
            if own_cost and too_many > 0:
                return rate, window.free_at(too_many, tick) * TICK_SECONDS - now
            charged.append((rate.key, window, own_cost))
        for key, window, own_cost in charged:
            window.add(tick, own_cost)
            self._windows[key] = window
            self._windows.move_to_end(key)
        while len(self._windows) > _MAX_REMEMBERED:
            self._windows.popitem(last=False)
        return None
