"""Entries whose acknowledgement fails are soon taken up again, and none is forgotten."""

from __future__ import annotations

import os
import textwrap
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import RedisError

from deploy.local.backends import Backends
from services.processor.persons import changes
from services.processor.storing import waiting_projects
from services.processor.storing.consumer import Consumer
from services.processor.storing.stream_reader import Entry
from shared.events.stream import CONSUMER_GROUP, STREAM
from shared.runtime.settings import get_settings
from tests.conftest import ROOT, make_project, plain_url
from tests.support.factories import a_batch, an_event
from tests.support.processors import (
    check_identity,
    processor,
    send,
    wait_until_drained,
)


def a_failing_release(folder: Path) -> tuple[dict[str, str], Path]:
    """The environment of a processor that fails to acknowledge once, when the file exists."""
    fail = folder / "fail"
    (folder / "sitecustomize.py").write_text(
        textwrap.dedent(
            f"""
            import pathlib
            from redis.exceptions import ConnectionError
            from services.processor.storing.stream_reader import StreamReader

            original = StreamReader.acknowledge

            def failing(self, entries):
                try:
                    pathlib.Path({str(fail)!r}).unlink()
                except FileNotFoundError:
                    return original(self, entries)
                raise ConnectionError("the connection was lost")

            StreamReader.acknowledge = failing
            """
        )
    )
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}, fail


def test_entries_that_were_not_acknowledged_are_soon_taken_over(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path
) -> None:
    project_id = make_project(database, "UTC")
    release, fail = a_failing_release(tmp_path)
    fail.touch()
    send(stream, project_id, [an_event() for _ in range(10)], 2)
    consumer = processor(backends, **release)
    try:
        wait_until_drained(stream, 20)
    finally:
        consumer.terminate()
        consumer.wait(20)
    assert not fail.exists()
    check_identity(database, project_id, unique=10)


def test_projects_that_wait_are_not_forgotten_when_another_fails(
    backends: Backends, stream: Redis, database: Connection, tmp_path: Path
) -> None:
    projects = [make_project(database, "UTC") for _ in range(2)]
    release, fail = a_failing_release(tmp_path)
    consumer = processor(backends, **release)
    try:
        with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
            with merging.cursor() as cursor:
                for project_id in projects:
                    changes.lock_exclusive(cursor, project_id)
            for project_id in projects:
                send(stream, project_id, [an_event() for _ in range(10)], 2)
            wait_until_pending(stream, 10)
            time.sleep(2)  # both wait for their locks
            fail.touch()
            merging.commit()
        wait_until_drained(stream, 20)
    finally:
        consumer.terminate()
        consumer.wait(20)
    assert not fail.exists()
    for project_id in projects:
        check_identity(database, project_id, unique=10)


def wait_until_pending(stream: Redis, entries: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        groups = {group["name"]: group["pending"] for group in stream.xinfo_groups(STREAM)}
        if groups.get(CONSUMER_GROUP.encode()) == entries:
            return
        assert time.monotonic() < deadline, groups
        time.sleep(0.1)


def test_a_failed_retry_leaves_the_usual_lock_timeout_and_the_other_projects_waiting(
    stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_projects, "_RETRY_SECONDS", 0)
    consumer = Consumer(get_settings())
    for number in (1, 2):
        consumer._waiting.add([Entry(b"1-%d" % number, b"", a_batch(number, []))])

    def fail(_entries: list[Entry]) -> None:
        raise RedisError("away")

    monkeypatch.setattr(consumer, "_process", fail)
    with pytest.raises(RedisError):
        consumer._retry_waiting_if_due()
    assert list(consumer._waiting) == [2]
    with consumer._connect().cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("1s",)
    consumer._drop_connection()
