"""Several processes of live, and processors that forget who is watched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from deploy.local.children import free_port
from shared.events.live import WATCHED
from tests.conftest import ROOT, Installation
from tests.e2e.test_live_views import events_url, names, send
from tests.support.live_client import LiveReader, reading, run_async
from tests.support.waiting import wait_for


@pytest.fixture
def project(installation: Installation) -> dict[str, Any]:
    """A project of the test's own."""
    return installation.new_project(f"Live {uuid.uuid4()}")


@pytest.fixture
def second_process(installation: Installation) -> Iterator[str]:
    """The address of another process of live, as a larger installation has."""
    port = free_port()
    command = ["-m", "gunicorn", "-c", "services/live/gunicorn.conf.py"]
    where = ["--bind", f"127.0.0.1:{port}", "services.live.server:create_server()"]
    process = subprocess.Popen(
        [sys.executable, *command, *where],
        cwd=ROOT,
        env={**os.environ, **installation.environment},
    )
    try:
        wait_for(lambda: is_open(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def has_begun(reader: LiveReader) -> bool:
    return len(reader.messages) > 0


def test_two_processes_of_live_double_nothing_also_for_a_reader_that_moves(
    installation: Installation, project: dict[str, Any], second_process: str
) -> None:
    headers = {"X-API-Key": project["secret_key"]}
    path = f"/api/v1/ws/events/{project['id']}"
    bases = [f"{base}{path}" for base in (installation.url, second_process)]
    expected = [f"event {number}" for number in range(12)]

    async def run() -> tuple[list[str], list[LiveReader]]:
        async with (
            reading(bases[0], headers=headers) as first,
            reading(bases[1], headers=headers) as second,
        ):
            await first.until(has_begun)
            await second.until(has_begun)
            moved: list[str] = []
            resume = first.resume
            for number, name in enumerate(expected):
                send(installation, project, name)
                url = f"{bases[number % 2]}?after={resume}"
                async with reading(url, headers=headers) as mover:
                    await mover.until(lambda one: len(one.events) > 0)
                    moved += names(mover)
                    resume = mover.resume
                    assert not any(message["type"] == "gap" for message in mover.messages)
            for one in (first, second):
                await one.until(lambda reader: len(reader.events) >= len(expected))
            return moved, [first, second]

    moved, readers = run_async(run())
    assert [names(reader) for reader in readers] == [expected, expected]
    assert moved == expected


def test_readers_are_told_when_the_processors_had_forgotten_that_they_watch(
    installation: Installation, project: dict[str, Any]
) -> None:
    headers = {"X-API-Key": project["secret_key"]}

    async def run() -> LiveReader:
        url = events_url(installation, project["id"])
        async with reading(url, headers=headers) as reader:
            await reader.until(has_begun)
            with Redis.from_url(installation.environment["CACHE_REDIS_URL"]) as redis:
                redis.delete(WATCHED)  # as the cache may evict it
            await reader.until(lambda one: one.messages[-1]["type"] == "gap")
            send(installation, project, "after")
            await reader.until(lambda one: len(one.events) == 1)
            return reader

    assert names(run_async(run())) == ["after"]
