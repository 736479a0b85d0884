"""Lock an account for a client after too many wrong passwords or codes; limit calls by client.

A client is an IPv4 address or the /64 of an IPv6 address.
"""

from __future__ import annotations

import hashlib
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from shared.errors import ErrorCode, TooManyRequests, Unavailable
from shared.policies.networks import network_of

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
    """Counts wrong passwords per account and client, and wrong codes per account.

    Without Redis no one can log in. Codes are counted whatever the client's address: a code is only
    checked after the right password, so a stranger cannot lock an account by them.
    """

    def __init__(self, redis: Redis, email: str, address: str, *, failures_per_minute: int) -> None:
        self._redis = redis
        account, client = email.strip().lower(), network_of(address)
        self._key = f"login-failures:{_digest(account, client)}"
        self._codes = f"code-failures:{_digest(account)}"
        self._everybody = f"login-failures-from:{client}"
        self._most_from_address = failures_per_minute

    def begin(self) -> None:
        """Count an attempt as if it failed.

        Raises:
            TooManyRequests: the account is locked for the address, or the address failed too often.
        """
        self._count(self._everybody, self._most_from_address, 60, "passwords")
        self._count(self._key, _MAX_FAILURES, _LOCK_SECONDS, "passwords")

    def begin_code(self) -> None:
        """Count a second-factor code as if it was wrong, before it is checked.

        Raises:
            TooManyRequests: the account had too many wrong codes, from whatever address.
        """
        self._count(self._codes, _MAX_FAILURES, _LOCK_SECONDS, "codes")

    def record_success(self) -> None:
        """Record a successful attempt: the account's failures are cleared."""
        self._undo(clear=True)

    def _count(self, key: str, maximum: int, seconds: int, what: str) -> None:
        try:
            left = cast("int", self._redis.eval(_ATTEMPT, 1, key, str(maximum), str(seconds)))
        except RedisError as error:
            raise _limits_away() from error
        if left >= 0:
            raise TooManyRequests(
                f"Too many wrong {what}. Wait, then try again.",
                code=ErrorCode.TOO_MANY_ATTEMPTS,
                retry_after_seconds=max(1, -(-left // 1000)),
            )

    def record_partial(self) -> None:
        """Take back ``begin``: the password was right, the code is missing."""
        self._undo(clear=False)

    def _undo(self, *, clear: bool) -> None:
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.decr(self._everybody)
                pipeline.expire(self._everybody, 60)
                if clear:
                    pipeline.delete(self._key, self._codes)
                else:
                    pipeline.decr(self._key)
                    pipeline.expire(self._key, _LOCK_SECONDS)
                pipeline.execute()
        except RedisError as error:
            raise _limits_away() from error


def limit_per_minute(redis: Redis, what: str, address: str, maximum: int) -> None:
    """Count a call of a client.

    Raises:
        TooManyRequests: the address has reached its limit for this minute.
    """
    try:
        left = cast(
            "int", redis.eval(_ATTEMPT, 1, f"{what}-from:{network_of(address)}", str(maximum), "60")
        )
    except RedisError as error:
        raise _limits_away() from error
    if left >= 0:
        raise TooManyRequests(
            "Too many calls from this address. Wait a minute, then try again.",
            retry_after_seconds=max(1, -(-left // 1000)),
        )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _limits_away() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment. Try again in a few seconds.")
