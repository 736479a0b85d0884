"""The Redis connections of a process: state, the event stream, and the cache.

They are apart because a full stream must not stop logins, and because Redis evicts by server: only
what may be lost at any time is where it may be evicted
(docs/decisions/0021-three-redis-servers.md).
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.retry import Retry

from shared.runtime.circuit_breaker import guarded
from shared.runtime.settings import get_settings

_TIMEOUT_SECONDS = 2.0
_LOGIN_TIMEOUT_SECONDS = 1.0
"""A busy disk can hold the server up for longer than 0.15 s; a login is refused without it."""
_CACHE_TIMEOUT_SECONDS = 0.15
"""A request for events may wait for it twice, in ingest and in auth: 0.3 s in all."""
_PATIENT_SECONDS = 10.0


def connect(url: str, *, timeout_seconds: float = _TIMEOUT_SECONDS) -> Redis:
    """Return a client that returns bytes, gives up after the time-out, and never retries.

    Retrying is left to the caller: a retried XADD whose response was lost would be a second
    stream entry.
    """
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(), 0),
    )


class DirectConnection:
    """One connection for each thread, for a path that sends one command per request.

    The client's pool, retries and bookkeeping cost more on such a path than the command itself.
    """

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._local = threading.local()

    def call(self, *command: object) -> Any:
        """Send a command and return the server's response.

        If the connection is broken (the server was restarted) a new one is made
        and the command sent again, so it must be one that may arrive twice.

        Raises:
            RedisError: the server does not answer in time, or refuses the command.
        """
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._pool.make_connection()
        try:
            return self._call(connection, command)
        except RedisConnectionError:
            return self._call(connection, command)

    def _call(self, connection: Any, command: tuple[object, ...]) -> Any:
        try:
            connection.send_command(*command)
            return connection.read_response()
        except ResponseError:
            raise  # the connection itself is fine
        except BaseException:
            connection.disconnect()
            raise


@cache
def get_state_redis() -> Redis:
    """Return the client of limits, salts, versions and jobs (REDIS_URL), for requests.

    It has a circuit breaker: while the server does not answer, every call fails at once.
    """
    return guarded(get_settings().redis_url, timeout_seconds=_CACHE_TIMEOUT_SECONDS)


@cache
def get_login_redis() -> Redis:
    """Return a client of the same server that gives it more time: a login needs its answer."""
    return guarded(get_settings().redis_url, timeout_seconds=_LOGIN_TIMEOUT_SECONDS)


@cache
def get_jobs_redis() -> Redis:
    """Return a client of the same server for jobs and commands, which rather wait."""
    return connect(get_settings().redis_url, timeout_seconds=_PATIENT_SECONDS)


@cache
def get_answer_cache() -> Redis:
    """Return the client of what may be lost at any time (CACHE_REDIS_URL), for requests."""
    url = get_settings().cache_redis_url
    return guarded(url, timeout_seconds=_CACHE_TIMEOUT_SECONDS) if url else get_state_redis()


@cache
def get_stream() -> Redis:
    """Return the client of the event stream."""
    return connect(get_settings().stream_redis_url)
