"""Distinguish visitors within a day without storing who they are.

The client address is hashed with a random salt that exists for the UTC day and is then deleted.
After that no one, including the operator, can link a hash to an address or to a hash of another
day.
"""

from __future__ import annotations

import hashlib
import logging
import math
import secrets

from redis import Redis
from redis.exceptions import RedisError

from shared.events.visitor_salts import salt_key, utc_day

log = logging.getLogger(__name__)

_SALT_SECONDS = 26 * 3600  # a day, and time for requests under way at midnight
_HASH_BYTES = 16
_RETRY_SHARING_SECONDS = 5.0


class DailySalt:
    """The salt of the UTC day, shared by all ingest processes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._day = -1
        self._salt = b""
        self._retry_sharing_at = math.inf
        """While Redis does not know the salt: when it is offered to it again."""

    def of(self, now: float) -> bytes:
        """Return the salt for the UTC day of a time in seconds since 1970."""
        day = utc_day(now)
        if day != self._day:
            self._salt, self._day = self._shared(day, now, secrets.token_bytes(32)), day
        elif now >= self._retry_sharing_at:
            self._salt = self._shared(day, now, self._salt)
        return self._salt

    def _shared(self, day: int, now: float, candidate: bytes) -> bytes:
        """Return the salt that all processes use; the candidate, where there is none yet."""
        self._retry_sharing_at = math.inf
        try:
            self._redis.set(salt_key(day), candidate, nx=True, ex=_SALT_SECONDS)
            shared: bytes | None = self._redis.get(salt_key(day))  # type: ignore[assignment]
            return shared or candidate
        except RedisError as error:
            log.warning("Redis is unavailable; this process uses its own visitor salt: %s", error)
            self._retry_sharing_at = now + _RETRY_SHARING_SECONDS
            return candidate


def ip_hash(salt: bytes, project_id: int, address: str) -> str:
    """Return the client address hashed with the day's salt, different in every project."""
    return _digest(salt, "address", project_id, address)


def visitor_id(salt: bytes, project_id: int, address: str, user_agent: str) -> str:
    """Return the distinct id of a visitor who sent none: valid for a day, then unlinkable."""
    return "visitor_" + _digest(salt, "visitor", project_id, address, user_agent)


def _digest(salt: bytes, *parts: object) -> str:
    text = "\n".join(str(part) for part in parts).encode("utf-8", "replace")
    return hashlib.blake2b(text, key=salt, digest_size=_HASH_BYTES).hexdigest()
