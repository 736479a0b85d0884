"""Lost consumer groups, foreign entries and unread partitions of the stream lose no event."""

from __future__ import annotations

import signal
import time

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.storing import crash_points
from shared.events.envelope import encode
from shared.events.stream import BATCH_FIELD, CONSUMER_GROUP, STREAM, stream_of, streams
from tests.conftest import make_project
from tests.support.factories import a_batch
from tests.support.processors import (
    KILLED,
    check_identity,
    processor,
    running,
    send,
    some_events,
    wait_until_drained,
)


def test_what_is_no_batch_is_kept_as_a_dead_letter(
    backends: Backends, database: Connection, stream: Redis, project_id: int
) -> None:
    entry = stream.xadd(STREAM, {BATCH_FIELD: b"not a batch"})
    send(stream, project_id, some_events(10, seed=5))
    with running(backends):
        wait_until_drained(stream)
    check_identity(database, project_id, unique=10)
    assert entry is not None
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT reason FROM dead_letters WHERE project_id = 0 AND envelope = %s",
            (b"not a batch",),
        )
        assert cursor.fetchall() == [("undecodable",)]


def test_a_group_lost_while_a_processor_was_stopped_is_recreated(
    backends: Backends, database: Connection, stream: Redis, project_id: int
) -> None:
    with running(backends) as process:
        deadline = time.monotonic() + 10
        while not stream.exists(STREAM):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        stream.xgroup_destroy(STREAM, CONSUMER_GROUP)
        send(stream, project_id, some_events(100, seed=7))
        process.send_signal(signal.SIGCONT)
        wait_until_drained(stream)
    check_identity(database, project_id, unique=100)


def test_a_lost_consumer_group_is_recreated_from_the_first_entry(
    backends: Backends, database: Connection, stream: Redis, project_id: int
) -> None:
    with running(backends):
        deadline = time.monotonic() + 10
        while not stream.exists(STREAM):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        stream.xgroup_destroy(STREAM, CONSUMER_GROUP)
        send(stream, project_id, some_events(100, seed=6))
        wait_until_drained(stream)
    check_identity(database, project_id, unique=100)


@pytest.mark.parametrize("read_with", ["3", "1"])
def test_every_partition_is_read_also_one_that_is_no_longer_written(
    backends: Backends, database: Connection, stream: Redis, read_with: str
) -> None:
    projects = [make_project(database, "UTC") for _ in range(4)]
    events = {project_id: some_events(300, seed=project_id) for project_id in projects}
    for project_id in projects:
        for start in range(0, 300, 10):
            batch = a_batch(project_id, events[project_id][start : start + 10])
            stream.xadd(stream_of(project_id, 3), {BATCH_FIELD: encode(batch)})
    assert len(streams(stream)) == 3
    dying = processor(backends, f"{crash_points.BEFORE_COMMIT}:2", STREAM_PARTITIONS=read_with)
    assert dying.wait(30) == KILLED
    worker = processor(backends, STREAM_PARTITIONS=read_with)
    try:
        deadline = time.monotonic() + 30
        while any(map(stream.xlen, streams(stream))):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        worker.terminate()
        assert worker.wait(20) == 0
    for project_id in projects:
        check_identity(database, project_id, unique=300)
