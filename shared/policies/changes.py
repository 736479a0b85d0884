"""The list of keys whose policies have changed, in Redis: auth appends, ingest reads.

A process fetches only policies that have changed, however many keys it has cached. If the list was
lost, or no longer has all changes that a process has missed, it fetches every cached policy again.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Iterable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared.policies.policy import policy_key

log = logging.getLogger(__name__)

CHANGES = "policies:changes"
"""Redis stream; the field ``keys`` of an entry holds hashes of keys, with spaces between them."""
_MAX_UNSEEN_SECONDS = 2.0
"""So long a policy is believed without looking at the list."""
_KEYS = b"keys"
_MAX_ENTRIES = 1000
_READ_SECONDS = 1.0
_MAX_CHANGED = 50_000

_LAST = """
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if #last > 0 then return last[1][1] end
return redis.call('XADD', KEYS[1], '*', 'keys', '')
"""


def withdraw(redis: Redis, key_hashes: list[str]) -> None:
    """Remove published policies and append their keys to the list, in one transaction."""
    with redis.pipeline(transaction=True) as pipeline:
        pipeline.delete(*map(policy_key, key_hashes))
        pipeline.xadd(CHANGES, {_KEYS: " ".join(key_hashes)}, maxlen=_MAX_ENTRIES)
        pipeline.execute()


def last_change(redis: Redis) -> bytes:
    """Return the id of the last entry; create the list if there is none."""
    last: bytes = redis.eval(_LAST, 1, CHANGES)
    return last


class ChangeFollower:
    """The last state of the list that this process has read, at most once a second."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._reading = threading.Lock()
        self._position: bytes | None = None
        self._changed: dict[str, int] = {}
        self._read_again = 0.0
        self._follows = False
        self.version = 0
        """Grows with every change that was read."""
        self.seen_at = -math.inf
        """When the list was last read, on the monotonic clock."""
        self.lost_at = -math.inf
        """When missed changes were last noticed: whatever was asked for before is due."""
        self.lost_since = -math.inf
        """When the list had last been read before that."""

    def follow(self) -> bool:
        """Read the list if a second has passed; return whether Redis answered."""
        now = time.monotonic()
        # After an idle time no thread may go on with old policies while another one reads.
        is_late = self._follows and now - self.seen_at > _MAX_UNSEEN_SECONDS
        if now < self._read_again and not is_late:
            return self._follows
        if self._reading.acquire(blocking=is_late):
            try:
                if self._read_again <= now:
                    self._read(now)
            finally:
                self._reading.release()
        return self._follows

    def has_changed(self, key_hash: str, version: int) -> bool:
        """Return whether a key has changed after it was asked for under this version."""
        return self._changed.get(key_hash, 0) > version

    def _read(self, now: float) -> None:
        try:
            changed = self._next()
        except RedisError as error:
            log.warning("Redis is unavailable; policies are looked up more often: %s", error)
            self._follows, self._read_again = False, now + _READ_SECONDS
            return
        if changed is None or len(self._changed) + len(changed) > _MAX_CHANGED:
            self._changed = {}
            self.lost_at, self.lost_since = time.monotonic(), self.seen_at
        elif changed:
            self.version += 1
            self._changed |= dict.fromkeys(changed, self.version)
        self._follows, self.seen_at, self._read_again = True, now, now + _READ_SECONDS

    def _next(self) -> list[str] | None:
        """Return the keys that have changed since the last call; None: some were missed."""
        if self._position is None:
            self._position = last_change(self._redis)
            return None
        entries: Any = self._redis.xrange(CHANGES, min=self._position, count=_MAX_ENTRIES + 1)
        if not entries or entries[0][0] != self._position or len(entries) > _MAX_ENTRIES:
            self._position = last_change(self._redis)
            return None
        self._position = entries[-1][0]
        return [key for _, fields in entries[1:] for key in _split(fields)]


def _split(fields: dict[bytes, bytes]) -> Iterable[str]:
    return fields.get(_KEYS, b"").decode().split()
