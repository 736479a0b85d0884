"""Telling visitors apart for a day without keeping who they are.

The client address is hashed with a random salt that lives for the UTC day and is deleted
afterwards: from then on nobody, ourselves included, can link a hash to an address or to the hash
of another day.
"""

from __future__ import annotations

import hashlib
import logging
import secrets

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_SALT_SECONDS = 26 * 3600  # a day, and time for requests under way at midnight
_HASH_BYTES = 16


class DailySalt:
    """The salt of the UTC day, the same in every ingest process."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._day = -1
        self._salt = b""

    def of(self, now: float) -> bytes:
        """The salt for the UTC day of an instant in seconds since 1970."""
        day = int(now // 86_400)
        if day != self._day:
            self._salt, self._day = self._shared(day), day
        return self._salt

    def _shared(self, day: int) -> bytes:
        mine = secrets.token_bytes(32)
        try:
            self._redis.set(f"visitor-salt:{day}", mine, nx=True, ex=_SALT_SECONDS)
            kept: bytes | None = self._redis.get(f"visitor-salt:{day}")  # type: ignore[assignment]
            return kept or mine
        except RedisError as error:
            log.warning("Redis is away; this process salts visitors on its own: %s", error)
            return mine


def ip_hash(salt: bytes, project_id: int, address: str) -> str:
    """The client address under the day's salt, different in every project."""
    return _digest(salt, "address", project_id, address)


def visitor_id(salt: bytes, project_id: int, address: str, user_agent: str) -> str:
    """The distinct id of somebody who sent none: good for a day, then unlinkable."""
    return "visitor_" + _digest(salt, "visitor", project_id, address, user_agent)


def _digest(salt: bytes, *parts: object) -> str:
    text = "\n".join(str(part) for part in parts).encode("utf-8", "replace")
    return hashlib.blake2b(text, key=salt, digest_size=_HASH_BYTES).hexdigest()
