"""Too many wrong passwords lock an account for one address, for a while."""

from __future__ import annotations

import hashlib

from redis import Redis
from redis.exceptions import RedisError

from shared.errors import TooManyRequests, Unavailable

_MOST_FAILURES = 5
_LOCK_SECONDS = 15 * 60


class Lockout:
    """Counts failures per account and client address. Without Redis nobody logs in."""

    def __init__(self, redis: Redis, email: str, address: str) -> None:
        self._redis = redis
        digest = hashlib.sha256(f"{email.strip().lower()}\n{address}".encode()).hexdigest()
        self._key = f"login-failures:{digest}"

    def refuse_if_locked(self) -> None:
        """Raise TooManyRequests while the lock holds."""
        try:
            failures = int(self._redis.get(self._key) or 0)
            seconds = self._redis.ttl(self._key)
        except RedisError as error:
            raise _limits_away() from error
        if failures >= _MOST_FAILURES:
            raise TooManyRequests(
                "Too many wrong passwords. Wait, then try again.",
                retry_after_seconds=max(1, int(seconds)),
            )

    def count_failure(self) -> None:
        """Remember one wrong password."""
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.incr(self._key)
                pipeline.expire(self._key, _LOCK_SECONDS)
                pipeline.execute()
        except RedisError as error:
            raise _limits_away() from error

    def forget(self) -> None:
        """A right password clears the count."""
        try:
            self._redis.delete(self._key)
        except RedisError as error:
            raise _limits_away() from error


def _limits_away() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment. Try again in a few seconds.")
