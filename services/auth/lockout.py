"""Lock an account for a client after too many wrong passwords or codes; limit calls by client.

A client is an IPv4 address or the /64 of an IPv6 address.
"""

from __future__ import annotations

import hashlib

from redis import Redis
from redis.exceptions import RedisError

from shared.auth.attempts import TAKE_BACK, attempts_unavailable, count_attempt
from shared.errors import ErrorCode, TooManyRequests
from shared.policies.networks import network_of

_MAX_FAILURES = 5
_LOCK_SECONDS = 15 * 60


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
        self._max_from_address = failures_per_minute

    def begin(self) -> None:
        """Count an attempt as if it failed.

        Raises:
            TooManyRequests: the account is locked for the address, or the address failed too often.
        """
        self._count(self._everybody, self._max_from_address, "60", "passwords")
        self._count(self._key, _MAX_FAILURES, str(_LOCK_SECONDS), "passwords", "renew")

    def begin_code(self) -> None:
        """Count a second-factor code as if it was wrong, before it is checked.

        Raises:
            TooManyRequests: the account had too many wrong codes, from whatever address.
        """
        self._count(self._codes, _MAX_FAILURES, str(_LOCK_SECONDS), "codes", "renew")

    def record_success(self) -> None:
        """Record a successful login: the account's wrong passwords and codes are cleared."""
        self._undo(clear=True)
        self._forget_codes()

    def record_right_password(self) -> None:
        """Record a right password where no code is asked for: wrong codes still count."""
        self._undo(clear=True)

    def _forget_codes(self) -> None:
        try:
            self._redis.delete(self._codes)
        except RedisError as error:
            raise attempts_unavailable() from error

    def _count(self, key: str, maximum: int, seconds: str, what: str, expiry: str = "") -> None:
        wait = count_attempt(self._redis, key, maximum, seconds, expiry)
        if wait:
            raise TooManyRequests(
                f"Too many wrong {what}. Wait, then try again.",
                code=ErrorCode.TOO_MANY_ATTEMPTS,
                retry_after_seconds=wait,
            )

    def record_partial(self) -> None:
        """Take back ``begin``: the password was right, the code is missing."""
        self._undo(clear=False)

    def _undo(self, *, clear: bool) -> None:
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.eval(TAKE_BACK, 1, self._everybody)
                if clear:
                    pipeline.delete(self._key)
                else:
                    pipeline.eval(TAKE_BACK, 1, self._key)
                pipeline.execute()
        except RedisError as error:
            raise attempts_unavailable() from error


def limit_per_minute(redis: Redis, what: str, address: str, maximum: int) -> None:
    """Count a call of a client.

    Raises:
        TooManyRequests: the address has reached its limit for this minute.
    """
    wait = count_attempt(redis, f"{what}-from:{network_of(address)}", maximum, "60")
    if wait:
        raise TooManyRequests(
            "Too many calls from this address. Wait a minute, then try again.",
            retry_after_seconds=wait,
        )


def limit_new_projects(redis: Redis, user_id: int, per_hour: int) -> None:
    """Count the creation of a project by an account.

    Raises:
        TooManyRequests: the account has created as many in this hour as it may.
    """
    wait = count_attempt(redis, f"projects-created-by:{user_id}", per_hour, "3600")
    if wait:
        raise TooManyRequests(
            f"Your account may create {per_hour} projects an hour. Try again after the seconds in "
            "Retry-After, or ask the operator to raise PROJECTS_PER_HOUR.",
            retry_after_seconds=wait,
        )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
