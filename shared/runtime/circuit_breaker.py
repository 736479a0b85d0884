"""A Redis client with a circuit breaker: while the server hangs, calls fail at once.

Each call to a hanging server takes a whole time-out, and a request makes several calls. So the
first call that fails slowly opens the circuit: from then on calls fail at once, until a background
thread gets an answer. No request waits to find out. A server that refuses connections fails quickly
by itself, so the circuit stays closed and every call tries it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MaxConnectionsError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.05
_MAX_PAUSE_SECONDS = 0.5
_NO_ANSWER = (RedisConnectionError, RedisTimeoutError)


class CircuitOpen(RedisConnectionError):
    """The circuit is open: the server did not answer, so the call was not made."""


class CircuitBreaker:
    """The circuit of one server, shared by all threads of a process."""

    def __init__(self, probe: Callable[[], object], slow_seconds: float) -> None:
        """Create a closed circuit.

        Args:
            probe: calls the server; raises a RedisError while it does not answer.
            slow_seconds: a call that fails after at least this time opens the circuit.
        """
        self._probe = probe
        self._slow_seconds = slow_seconds
        self._lock = threading.Lock()
        self._is_open = False
        self._process = os.getpid()

    def __deepcopy__(self, _memo: object) -> CircuitBreaker:
        """Return this circuit itself: redis-py deep-copies the retry of each connection."""
        return self

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Guard a call to the server, which the block makes.

        Raises:
            CircuitOpen: the circuit is open.
        """
        if self._is_open:
            if self._process == os.getpid():
                raise CircuitOpen("Redis does not answer; a background thread retries it.")
            self._is_open = False  # the probing thread does not exist in a forked process
        started = time.monotonic()
        try:
            yield
        except MaxConnectionsError:
            raise
        except _NO_ANSWER as error:
            if time.monotonic() - started >= self._slow_seconds:
                self._open(error)
            raise

    def _open(self, error: Exception) -> None:
        with self._lock:
            if self._is_open and self._process == os.getpid():
                return
            self._is_open, self._process = True, os.getpid()
        log.warning("Redis does not answer; calls fail at once until it does: %s", error)
        threading.Thread(target=self._probe_until_answered, daemon=True).start()

    def _probe_until_answered(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            time.sleep(pause)
            pause = min(pause * 2, _MAX_PAUSE_SECONDS)
            try:
                self._probe()
            except _NO_ANSWER:
                continue
            self._is_open = False
            log.warning("Redis answers again")
            return


class _CircuitRetry(Retry):
    """Passes every command through the circuit, and never retries."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        super().__init__(NoBackoff(), 0)
        self._breaker = breaker

    def call_with_retry(self, do: Callable[[], Any], *arguments: Any, **options: Any) -> Any:
        with self._breaker.calling():
            return super().call_with_retry(do, *arguments, **options)


class _GuardedPool(ConnectionPool):
    """A pool that opens connections only while the circuit is closed."""

    breaker: CircuitBreaker

    def get_connection(self, *arguments: Any, **options: Any) -> Any:
        with self.breaker.calling():
            return super().get_connection(*arguments, **options)


def guarded(url: str, *, timeout_seconds: float) -> Redis:
    """Return a client with its own circuit breaker; responses are bytes.

    Args:
        url: the server's URL.
        timeout_seconds: the time limit of connecting, and of each command.
    """

    def probe() -> None:
        with Redis.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()

    breaker = CircuitBreaker(probe, timeout_seconds / 2)
    pool = _GuardedPool.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        health_check_interval=30,
        retry=_CircuitRetry(breaker),
    )
    pool.breaker = breaker
    return Redis(connection_pool=pool)
