"""Events stored in isolation keep an outcome: none is acknowledged before it has one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.persons import changes
from services.processor.storing import isolation
from services.processor.storing.rows import Incoming, flatten
from shared.events.stream import CONSUMER_GROUP, STREAM
from tests.conftest import make_project, plain_url
from tests.crash.test_poison import wait_until_stored
from tests.crash.test_processor_crashes import (
    check_identity,
    processor,
    send,
    wait_until_drained,
)
from tests.support.factories import a_batch, an_event


def deliver_until_suspect(stream: Redis) -> None:
    """Let consumers that are gone have read everything so often that it is isolated."""
    stream.xgroup_create(STREAM, CONSUMER_GROUP, id="0")
    stream.xreadgroup(CONSUMER_GROUP, "gone", {STREAM: ">"})
    pending = stream.xpending_range(STREAM, CONSUMER_GROUP, "-", "+", 100)
    ids: list[int | bytes | str | memoryview[int]] = [one["message_id"] for one in pending]
    stream.xclaim(STREAM, CONSUMER_GROUP, "gone", 0, ids, idle=60_000, retrycount=5)


def test_isolated_events_of_a_locked_project_are_kept_and_stored_once(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    locked, free = (make_project(database, "UTC") for _ in range(2))
    send(stream, locked, [an_event() for _ in range(10)], 2)
    send(stream, free, [an_event() for _ in range(10)], 2)
    deliver_until_suspect(stream)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            changes.lock_exclusive(cursor, locked)
        consumer = processor(backends)
        try:
            wait_until_stored(database, free, 10)
            time.sleep(3)  # the locked project is tried again meanwhile
            assert stream.xlen(STREAM) == 5, "entries that are not stored were acknowledged"
            merging.commit()
            wait_until_drained(stream)
        finally:
            consumer.terminate()
            code = consumer.wait(20)
    assert code == 0
    check_identity(database, locked, unique=10)
    check_identity(database, free, unique=10)


def test_a_project_with_an_event_without_an_outcome_waits(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    events = list(
        flatten([a_batch(ours, [an_event() for _ in range(3)]), a_batch(theirs, [an_event()])])
    )

    def forget_one(_events: Sequence[Incoming], _seconds: float) -> isolation._Verdict:
        return isolation._Verdict(stored=[0, 3], repeated=[1])

    monkeypatch.setattr(isolation, "_run_child", forget_one)
    result = isolation.store_isolated(database, events)
    assert result.waiting == {ours}
