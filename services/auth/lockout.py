"""Lock an account for an address after too many wrong passwords; limit calls by address."""

from __future__ import annotations

import hashlib
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from shared.errors import ErrorCode, TooManyRequests, Unavailable

_MAX_FAILURES = 5
_LOCK_SECONDS = 15 * 60

# Attempts are counted before the password is checked, so of many at once only five are checked.
_ATTEMPT = """
local attempts = tonumber(redis.call('GET', KEYS[1]) or '0')
if attempts >= tonumber(ARGV[1]) then return redis.call('PTTL', KEYS[1]) end
redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return -1
"""


class Lockout:
    """Counts wrong passwords per account and client address. Without Redis no one can log in."""

    def __init__(self, redis: Redis, email: str, address: str, *, failures_per_minute: int) -> None:
        self._redis = redis
        digest = hashlib.sha256(f"{email.strip().lower()}\n{address}".encode()).hexdigest()
        self._key = f"login-failures:{digest}"
        self._everybody = f"login-failures-from:{address}"
        self._most_from_address = failures_per_minute

    def begin(self) -> None:
        """Count an attempt as if it failed.

        Raises:
            TooManyRequests: the account is locked for the address, or the address failed too often.
        """
        try:
            for key, most, seconds in (
                (self._everybody, self._most_from_address, 60),
                (self._key, _MAX_FAILURES, _LOCK_SECONDS),
            ):
                left = cast("int", self._redis.eval(_ATTEMPT, 1, key, str(most), str(seconds)))
                if left >= 0:
                    raise TooManyRequests(
                        "Too many wrong passwords. Wait, then try again.",
                        code=ErrorCode.TOO_MANY_ATTEMPTS,
                        retry_after_seconds=max(1, -(-left // 1000)),
                    )
        except RedisError as error:
            raise _limits_away() from error

    def record_success(self) -> None:
        """Record a successful attempt: the account's failures are cleared."""
        self._undo(clear=True)

    def record_partial(self) -> None:
        """Record an incomplete attempt: it is not a failure, and clears no earlier ones."""
        self._undo(clear=False)

    def _undo(self, *, clear: bool) -> None:
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.decr(self._everybody)
                pipeline.expire(self._everybody, 60)
                if clear:
                    pipeline.delete(self._key)
                else:
                    pipeline.decr(self._key)
                    pipeline.expire(self._key, _LOCK_SECONDS)
                pipeline.execute()
        except RedisError as error:
            raise _limits_away() from error


def limit_per_minute(redis: Redis, what: str, address: str, maximum: int) -> None:
    """Count a call of an address.

    Raises:
        TooManyRequests: the address has reached its limit for this minute.
    """
    try:
        left = cast("int", redis.eval(_ATTEMPT, 1, f"{what}-from:{address}", str(maximum), "60"))
    except RedisError as error:
        raise _limits_away() from error
    if left >= 0:
        raise TooManyRequests(
            "Too many calls from this address. Wait a minute, then try again.",
            retry_after_seconds=max(1, -(-left // 1000)),
        )


def _limits_away() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment. Try again in a few seconds.")
