"""The two Redis connections of a process: the event stream, and everything else.

They are apart because a full stream must not stop logins and limits, and because only the
stream needs every write on disk.
"""

from __future__ import annotations

from functools import cache

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from shared.settings import get_settings

_TIMEOUT_SECONDS = 2.0


def connect(url: str, *, timeout_seconds: float = _TIMEOUT_SECONDS) -> Redis:
    """A client that answers bytes, gives up after the time-out, and never repeats a command.

    Repeating is left to the caller: a repeated XADD whose answer was lost would be a second
    stream entry.
    """
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(), 0),
    )


@cache
def get_cache() -> Redis:
    """Cache, limits, login sessions and jobs."""
    return connect(get_settings().redis_url)


@cache
def get_stream() -> Redis:
    """The event stream."""
    return connect(get_settings().stream_redis_url)
