"""Live views under load, while what they need is killed: readers come back by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from deploy.local.children import free_port
from tests.conftest import Installation, read_installation, start_installation
from tests.support.live_client import Follower, run_async
from tests.support.prepared_cluster import lay_cluster

_PEOPLE = 7
_EVENTS_OF_REQUEST = 3
_BACK_WITHIN_SECONDS = 30


class Running(NamedTuple):
    """An installation whose processes a test may kill."""

    installation: Installation
    runner: psutil.Process


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Tidemark of these tests' own."""
    data_dir: Path = tmp_path_factory.mktemp("killed")
    lay_cluster(data_dir / "postgres")
    process, log = start_installation(data_dir, free_port())
    try:
        yield Running(read_installation(process, data_dir, log), psutil.Process(process.pid))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()[-3000:]


class Load:
    """Sends events, one request after the other, of a few people; the number of each is its n.

    A request that was not answered is sent again, with the same ids.
    """

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
            events = [
                {
                    "event_name": "seen",
                    "distinct_id": person,
                    "event_id": f"00000000-0000-4000-8000-{number:012d}",
                    "properties": {"n": number},
                }
                for number in range(self.sent, self.sent + _EVENTS_OF_REQUEST)
            ]
            try:
                answer = self._installation.ingest(self._key, {"events": events})
            except OSError:
                continue  # nginx is away
            if answer.status_code == 202:
                self.people.add(person)
                self.sent += _EVENTS_OF_REQUEST


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


def stored(installation: Installation, project: dict[str, Any]) -> set[int]:
    """The numbers of the project's events, as the API lists them."""
    found: set[int] = set()
    query = {"project_id": project["id"], "limit": 100}
    while True:
        answer = requests.get(
            f"{installation.url}/api/events/",
            params=query,
            headers={"X-API-Key": project["secret_key"]},
            timeout=10,
        ).json()
        found |= {event["properties"]["n"] for event in answer["items"]}
        if answer["next_cursor"] is None:
            return found
        query["cursor"] = answer["next_cursor"]


async def until(is_so: object, seconds: float = _BACK_WITHIN_SECONDS) -> None:
    assert callable(is_so)
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.1)


def reported_missing(reader: Follower) -> float:
    """How many events the reader was told that it misses; infinity: an unknown number."""
    if any(message["type"] == "gap" for message in reader.messages):
        return float("inf")
    return float(sum(message.get("skipped", 0) for message in reader.messages))


@pytest.mark.parametrize(
    "what", ["live", "nginx", "CACHE_REDIS_URL", "REDIS_URL", "STREAM_REDIS_URL"]
)
def test_readers_come_back_miss_nothing_unsaid_and_see_nothing_twice(
    running: Running, what: str
) -> None:
    installation = running.installation
    project = installation.new_project(f"Killed {what}")
    headers = {"X-API-Key": project["secret_key"]}
    events = Follower(f"{installation.url}/api/v1/ws/events/{project['id']}", headers)
    visitors = Follower(f"{installation.url}/ws/analytics/visitors/", headers)

    async def run(load: Load) -> set[int]:
        tasks = [asyncio.create_task(one.follow()) for one in (events, visitors)]
        await until(lambda: events.messages)
        # Events of the request that is under way may have been stored before the reader came.
        first = load.sent + _EVENTS_OF_REQUEST
        await until(lambda: len(events.numbers) > 30 and visitors.count)
        await asyncio.to_thread(kill, running, what)
        killed_at, sent = time.monotonic(), load.sent
        # Someone who comes after it is seen, and counted.
        await until(lambda: load.sent > sent + 60)
        await until(lambda: max(events.numbers) > sent + 60)
        await until(lambda: visitors.count == len(load.people))
        assert time.monotonic() - killed_at < _BACK_WITHIN_SECONDS
        await asyncio.to_thread(load.__exit__)
        async with asyncio.timeout(_BACK_WITHIN_SECONDS):
            while await asyncio.to_thread(stored, installation, project) != set(range(load.sent)):
                await asyncio.sleep(0.5)
        expected = set(range(first, load.sent))
        # Processors store side by side: the last event to come is not the last that was sent.
        with contextlib.suppress(TimeoutError):
            await until(lambda: len(expected - set(events.numbers)) <= reported_missing(events), 10)
        await asyncio.sleep(1)  # in which nothing comes twice
        for task in tasks:
            task.cancel()
        return expected

    load = Load(installation, project["public_key"])
    with load:
        expected = run_async(run(load))
    numbers = events.numbers
    assert len(set(numbers)) == len(numbers), "an event was shown twice"
    missing = expected - set(numbers)
    assert len(missing) <= reported_missing(events), f"{sorted(missing)} are missing unsaid"
    if what in {"live", "nginx"}:
        assert events.breaks > 0
