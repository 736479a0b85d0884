"""A Redis that hangs or is gone costs its clients one time-out, and is found again by itself."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from deploy.local.valkey import Valkey
from shared.runtime.circuit_breaker import guarded

_TIMEOUT = 0.2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A server of this module's own, to be frozen and killed."""
    made = Valkey(tmp_path_factory.mktemp("circuit"))
    made.start()
    yield made
    made.stop()


def fails_after(call: Callable[[], object]) -> float:
    """How long a call takes that must fail, in seconds."""
    began = time.perf_counter()
    with pytest.raises(RedisError):
        call()
    return time.perf_counter() - began


def in_pipeline(client: Redis) -> object:
    with client.pipeline() as pipeline:
        pipeline.get("a")
        return pipeline.execute()


def wait_until_asked_again(call: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            call()
        except RedisError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def test_only_the_first_call_waits_for_a_server_that_hangs(server: Valkey) -> None:
    client = guarded(server.url, timeout_seconds=_TIMEOUT)
    client.set("a", 1)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert fails_after(lambda: client.get("a")) >= _TIMEOUT * 0.9
        later = [fails_after(lambda: client.get("a")) for _ in range(50)]
        later += [fails_after(lambda: in_pipeline(client)) for _ in range(50)]
        time.sleep(1.5)  # asked in the background meanwhile, without an answer
        later += [fails_after(lambda: client.get("a")) for _ in range(50)]
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert sum(later) < _TIMEOUT
    wait_until_asked_again(client.ping)
    assert client.get("a") == b"1"


def test_threads_that_ask_at_the_same_time_wait_together(server: Valkey) -> None:
    client = guarded(server.url, timeout_seconds=_TIMEOUT)
    client.ping()
    took: list[float] = []
    os.kill(server.pid, signal.SIGSTOP)
    try:
        threads = [
            threading.Thread(target=lambda: took.append(fails_after(client.ping)))
            for _ in range(8)
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert max(took) < 3 * _TIMEOUT
    wait_until_asked_again(client.ping)


def test_a_server_that_was_killed_is_found_again(server: Valkey) -> None:
    client = guarded(server.url, timeout_seconds=_TIMEOUT)
    client.set("b", 2)
    time.sleep(1.2)  # the append-only file is synced every second
    server.kill()
    fails_after(lambda: client.get("b"))
    server.start()
    wait_until_asked_again(client.ping)
    assert client.get("b") == b"2"


def test_a_process_forked_while_the_server_is_away_asks_for_itself(
    server: Valkey, tmp_path: Path
) -> None:
    client = guarded(server.url, timeout_seconds=_TIMEOUT)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        fails_after(client.ping)
        child = os.fork()
        if child == 0:  # its parent's thread, that would notice, is not in it
            status = 1
            try:
                time.sleep(1)
                wait_until_asked_again(client.ping)
                status = 0
            finally:
                os._exit(status)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
