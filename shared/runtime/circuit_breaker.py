"""A Redis client that does without its server at once while that does not answer.

A server that hangs costs whoever asks it a time-out, and a request asks several times. So the first
call that fails slowly opens the circuit: from then on every call fails at once, until a thread in
the background has had an answer. No request pays for finding that out. A server that refuses
connections fails quickly by itself, and is asked each time: it may be back.
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
_LONGEST_PAUSE_SECONDS = 0.5
_AWAY = (RedisConnectionError, RedisTimeoutError)


class CircuitOpen(RedisConnectionError):
    """The server did not answer lately, so it was not asked."""


class CircuitBreaker:
    """Whether the server may be asked. One for all threads of a process."""

    def __init__(self, probe: Callable[[], object], slow_seconds: float) -> None:
        """Make one that is closed.

        Args:
            probe: asks the server, and raises a RedisError while it does not answer.
            slow_seconds: a call that fails after so long opens it.
        """
        self._probe = probe
        self._slow_seconds = slow_seconds
        self._lock = threading.Lock()
        self._is_open = False
        self._process = os.getpid()

    def __deepcopy__(self, _memo: object) -> CircuitBreaker:
        """Return this one: redis-py copies what belongs to a connection for each connection."""
        return self

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask the server in the block, if it may be asked.

        Raises:
            CircuitOpen: it did not answer lately.
        """
        if self._is_open:
            if self._process == os.getpid():
                raise CircuitOpen("Redis did not answer lately; it is asked in the background.")
            self._is_open = False  # forked: the thread that asks is the parent's
        began = time.monotonic()
        try:
            yield
        except MaxConnectionsError:
            raise
        except _AWAY as error:
            if time.monotonic() - began >= self._slow_seconds:
                self._open(error)
            raise

    def _open(self, error: Exception) -> None:
        with self._lock:
            if self._is_open and self._process == os.getpid():
                return
            self._is_open, self._process = True, os.getpid()
        log.warning("Redis does not answer, going on without it until it does: %s", error)
        threading.Thread(target=self._ask_until_answered, daemon=True).start()

    def _ask_until_answered(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            try:
                self._probe()
            except _AWAY:
                continue
            self._is_open = False
            log.warning("Redis answers again")
            return


class _NoticingRetry(Retry):
    """Never tries again; tells the breaker of what fails. All commands pass through here."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        super().__init__(NoBackoff(), 0)
        self._breaker = breaker

    def call_with_retry(self, do: Callable[[], Any], *arguments: Any, **options: Any) -> Any:
        with self._breaker.asking():
            return super().call_with_retry(do, *arguments, **options)


class _GuardedPool(ConnectionPool):
    """Connections that are only made while the circuit is closed."""

    breaker: CircuitBreaker

    def get_connection(self, *arguments: Any, **options: Any) -> Any:
        with self.breaker.asking():
            return super().get_connection(*arguments, **options)


def guarded(url: str, *, timeout_seconds: float) -> Redis:
    """Return a client behind a circuit breaker of its own; it answers bytes.

    Args:
        url: the server.
        timeout_seconds: what connecting and one command may take.
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
        retry=_NoticingRetry(breaker),
    )
    pool.breaker = breaker
    return Redis(connection_pool=pool)
