"""Live views under load, while what they need is killed: readers come back by themselves."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil
import pytest

from deploy.local.children import free_port
from tests.conftest import Installation, read_installation, start_installation
from tests.support.live_client import Follower, run_async

_PEOPLE = 7
_BACK_WITHIN_SECONDS = 30


class Running(NamedTuple):
    """An installation whose processes a test may kill."""

    installation: Installation
    runner: psutil.Process


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Tidemark of these tests' own."""
    data_dir: Path = tmp_path_factory.mktemp("killed")
    process, log = start_installation(data_dir, free_port())
    try:
        yield Running(read_installation(process, data_dir, log), psutil.Process(process.pid))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()[-3000:]


class Load:
    """Sends events, one request after the other, of a few people; the number of each is its n."""

    def __init__(self, installation: Installation, key: str) -> None:
        self._installation, self._key = installation, key
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.sent = 0
        self.people: set[str] = set()

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.03):
            person = f"person {self.sent % (_PEOPLE + len(self.people) // _PEOPLE)}"
            event = {
                "event_name": "seen",
                "distinct_id": person,
                "event_id": f"00000000-0000-4000-8000-{self.sent:012d}",
                "properties": {"n": self.sent},
            }
            try:
                if self._installation.ingest(self._key, event).status_code == 202:
                    self.sent += 1
                    self.people.add(person)
            except OSError:
                pass  # nginx is away; the same event is sent again


def kill(running: Running, what: str) -> None:
    """Kill every process of a part of the installation."""
    environment, runner = running.installation.environment, running.runner
    word = {"live": "services.live.server", "nginx": "nginx"}.get(what)
    if word is None:  # valkey-server names the address that it listens at
        word = f":{urlsplit(environment[what]).port}"
    own = runner.children(recursive=True)
    pids = [one.pid for one in own if any(word in part for part in one.cmdline())]
    assert pids, f"no process has {word} in its command"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


async def until(is_so: object, seconds: float = _BACK_WITHIN_SECONDS) -> None:
    assert callable(is_so)
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("what", ["live", "nginx", "CACHE_REDIS_URL", "REDIS_URL"])
def test_readers_come_back_and_see_nothing_twice(running: Running, what: str) -> None:
    installation = running.installation
    project = installation.new_project(f"Killed {what}")
    headers = {"X-API-Key": project["secret_key"]}
    events = Follower(f"{installation.url}/api/v1/ws/events/{project['id']}", headers)
    visitors = Follower(f"{installation.url}/ws/analytics/visitors/", headers)

    async def run(load: Load) -> None:
        tasks = [asyncio.create_task(one.follow()) for one in (events, visitors)]
        await until(lambda: len(events.numbers) > 30 and visitors.count)
        await asyncio.to_thread(kill, running, what)
        killed_at, sent = time.monotonic(), load.sent
        # Someone who comes after it is seen, and counted.
        await until(lambda: load.sent > sent + 30)
        await until(lambda: max(events.numbers) > sent + 30)
        await until(lambda: visitors.count == len(load.people))
        assert time.monotonic() - killed_at < _BACK_WITHIN_SECONDS
        load.__exit__()
        await until(lambda: max(events.numbers) == load.sent - 1)
        for task in tasks:
            task.cancel()

    load = Load(installation, project["public_key"])
    with load:
        run_async(run(load))
    numbers = events.numbers
    assert len(set(numbers)) == len(numbers), "an event was shown twice"
    if what in {"live", "nginx"}:
        assert events.breaks > 0
