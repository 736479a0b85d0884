"""Entries whose acknowledgement fails are soon taken up again, and none is forgotten."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import RedisError

from deploy.local.backends import Backends
from services.processor.persons import changes
from services.processor.storing import heartbeat, spool, waiting_projects
from services.processor.storing.consumer import Consumer
from services.processor.storing.stream_reader import Entry
from services.processor.storing.waiting_projects import WaitingProjects
from shared.events.stream import CONSUMER_GROUP, STREAM
from shared.runtime.settings import get_settings
from tests.conftest import ROOT, make_project, plain_url
from tests.support.factories import a_batch, an_event
from tests.support.imports import select
from tests.support.processors import (
    check_identity,
    processor,
    send,
    wait_until_drained,
)
from tests.support.waiting import wait_for


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


@pytest.mark.parametrize("has_room", [True, False])
def test_entries_that_redis_refuses_while_they_leave_the_memory_are_not_kept_from_others(
    stream: Redis, database: Connection, *, has_room: bool
) -> None:
    """Whether the spool has room for them or not."""
    project_id = make_project(database, "UTC")
    consumer = Consumer(replace(get_settings(), spool_max_batches=10_000 if has_room else 0))
    consumer._waiting = WaitingProjects(max_bytes=0)
    consumer._reader.ensure_group()
    send(stream, project_id, [an_event() for _ in range(4)], 2)
    entries = consumer._reader.read()
    consumer._heartbeat.hold(entries)
    consumer._waiting.add(entries)
    usual = stream.acl_list()
    allow: Callable[..., object] = partial(stream.execute_command, "ACL SETUSER", "default")
    allow("-xack", "-xclaim")
    try:
        with pytest.raises(RedisError):
            consumer._spool_excess()
    finally:
        allow("+@all")
        select(database, "DELETE FROM spool WHERE project_id = %s", project_id)
    assert stream.acl_list() == usual
    assert list(consumer._waiting) == []
    assert consumer._heartbeat._held == {}
    consumer._drop_connection()


def test_entries_of_a_database_that_does_not_take_them_wait_and_stay_held(
    stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = Consumer(get_settings())
    consumer._waiting = WaitingProjects(max_bytes=0)
    entries = [Entry(b"1-1", b"x", a_batch(1, []), stream=STREAM)]
    consumer._heartbeat.hold(entries)
    consumer._waiting.add(entries)

    def fail(*_: object) -> bool:
        raise psycopg2.OperationalError("away")

    monkeypatch.setattr(spool, "add", fail)
    with pytest.raises(psycopg2.OperationalError):
        consumer._spool_excess()
    assert list(consumer._waiting.entries()) == entries
    assert len(consumer._heartbeat._held) == 1
    consumer._drop_connection()


def test_entries_that_nobody_releases_leave_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_MAX_HOLD_SECONDS", 0.2)
    touched: list[int] = []
    kept = heartbeat.Heartbeat(lambda entries: touched.append(len(entries)), 0.05)
    kept.hold([Entry(b"1-1", b"", None, stream=STREAM)])
    kept.start()
    try:
        wait_for(lambda: not kept._held, 5)
    finally:
        kept.stop()
    assert touched
