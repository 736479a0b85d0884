"""Count attempts at a password or code in Redis, before each is checked."""

from __future__ import annotations

from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from shared.errors import Unavailable

# Attempts are counted before the password is checked, so of many at once only five are checked.
# An expiry is an instant: one that the clock's change has moved farther away is set anew.
_ATTEMPT = """
if redis.call('PTTL', KEYS[1]) > 1000 * ARGV[2] then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
local attempts = tonumber(redis.call('GET', KEYS[1]) or '0')
if attempts >= tonumber(ARGV[1]) then return redis.call('PTTL', KEYS[1]) end
if redis.call('INCR', KEYS[1]) == 1 or ARGV[3] == 'renew' then
    redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return -1
"""
# A counter that has expired meanwhile must not come back without an expiry.
TAKE_BACK = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end"


def count_attempt(redis: Redis, key: str, maximum: int, seconds: str, expiry: str = "") -> int:
    """Count an attempt and return 0, or count nothing and return the seconds to wait.

    Raises:
        Unavailable: Redis does not answer.
    """
    try:
        left = cast("int", redis.eval(_ATTEMPT, 1, key, str(maximum), seconds, expiry))
    except RedisError as error:
        raise attempts_unavailable() from error
    return max(1, -(-left // 1000)) if left >= 0 else 0


def attempts_unavailable() -> Unavailable:
    """Return the error for a counter that does not answer."""
    return Unavailable("Logins cannot be checked at the moment. Try again in a few seconds.")
