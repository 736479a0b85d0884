"""Bound what unknown keys cost: each is looked up once in some seconds, and few for one client.

Whoever makes up keys has one looked up after the other, and each costs a call to auth.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from shared.errors import TooManyRequests, Unavailable
from shared.policies.networks import network_of

REMEMBERED_SECONDS = 5.0
"""Lifetime of an unknown key in the cache."""
CLIENT_LOOKUPS = 30
"""Unknown keys that a process looks up for one client (an address, an IPv6 /64) at once …"""
CLIENT_LOOKUPS_PER_SECOND = 0.5
"""… and from then on."""
ALL_LOOKUPS, ALL_LOOKUPS_PER_SECOND = 200, 10.0
"""Unknown keys that a process looks up for all clients: at once, and a second from then on."""
_MAX_KEYS = 10_000
_MAX_CLIENTS = 10_000


@dataclass(slots=True)
class _Allowance:
    """A token bucket."""

    left: float
    at: float

    def is_used_up(self, now: float, most: int, per_second: float) -> bool:
        """Fill up for the time that has passed; return whether less than one is left."""
        self.left = min(most, self.left + (now - self.at) * per_second)
        self.at = now
        return self.left < 1


class UnknownKeys:
    """The keys that auth did not know a moment ago, and what each client may still look up."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()
        self._clients: OrderedDict[str, _Allowance] = OrderedDict()
        self._all = _Allowance(ALL_LOOKUPS, time.monotonic())
        self._lock = threading.Lock()

    def is_fresh(self, key: str) -> bool:
        """Return whether a key was unknown a moment ago."""
        return self._until.get(key, 0.0) > time.monotonic()

    def __contains__(self, key: str) -> bool:
        """Return whether a key was unknown when it was last looked up."""
        return key in self._until

    def add(self, key: str) -> None:
        """Remember that a key is unknown."""
        with self._lock:
            self._until[key] = time.monotonic() + REMEMBERED_SECONDS
            self._until.move_to_end(key)
            if len(self._until) > _MAX_KEYS:
                self._until.popitem(last=False)

    def charge(self, address: str, lookups: float = 1.0) -> None:
        """Charge a client for looking up a key that may be unknown, or for what costs as much.

        Raises:
            TooManyRequests: the client has used up its lookups.
            Unavailable: all clients together have used up theirs.
        """
        client, now = network_of(address), time.monotonic()
        with self._lock:
            own = self._clients.setdefault(client, _Allowance(CLIENT_LOOKUPS, now))
            self._clients.move_to_end(client)
            if len(self._clients) > _MAX_CLIENTS:
                self._clients.popitem(last=False)
            if own.is_used_up(now, CLIENT_LOOKUPS, CLIENT_LOOKUPS_PER_SECOND):
                raise _too_many()
            if self._all.is_used_up(now, ALL_LOOKUPS, ALL_LOOKUPS_PER_SECOND):
                raise Unavailable("Too many unknown keys are being checked. Try again later.")
            own.left -= lookups
            self._all.left -= lookups

    def refuse(self, address: str) -> None:
        """Refuse a client that has used up its lookups; nothing is charged.

        Raises:
            TooManyRequests: it has.
        """
        now = time.monotonic()
        with self._lock:
            own = self._clients.get(network_of(address))
            if own and own.is_used_up(now, CLIENT_LOOKUPS, CLIENT_LOOKUPS_PER_SECOND):
                raise _too_many()

    def give_back(self, address: str) -> None:
        """Take back a charge: the key was valid."""
        with self._lock:
            self._all.left += 1
            if own := self._clients.get(network_of(address)):
                own.left += 1


def _too_many() -> TooManyRequests:
    return TooManyRequests(
        "Too many unknown keys came from this address. Use the key shown on the "
        "project's settings page, and try again in a few seconds.",
        retry_after_seconds=round(1 / CLIENT_LOOKUPS_PER_SECOND),
    )
