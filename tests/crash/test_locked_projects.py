"""A project whose persons are locked for long waits alone, and its entries stay where they are."""

from __future__ import annotations

import time
from contextlib import closing

import psycopg2
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.persons import changes
from shared.events.stream import CONSUMER_GROUP, STREAM
from tests.conftest import make_project, plain_url
from tests.crash.test_poison import wait_until_stored
from tests.support.factories import an_event
from tests.support.processors import (
    check_identity,
    processor,
    send,
    wait_until_drained,
)


def test_one_locked_project_delays_nobody_else_and_is_taken_over_by_nobody(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    locked, free = (make_project(database, "UTC") for _ in range(2))
    consumers = [processor(backends) for _ in range(2)]
    try:
        send(stream, free, [an_event(person=f"{n}") for n in range(20)], 1)
        wait_until_drained(stream)  # both have started
        with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
            with merging.cursor() as cursor:
                changes.lock_exclusive(cursor, locked)
            for number in range(3):
                send(stream, locked, [an_event() for _ in range(10)], 2)
                send(stream, free, [an_event() for _ in range(10)], 2)
                sent_at = time.monotonic()
                wait_until_stored(database, free, 20 + 10 * (number + 1))
                assert time.monotonic() - sent_at < 5
            time.sleep(3)  # six times as long as an abandoned entry lies
            pending = stream.xpending_range(STREAM, CONSUMER_GROUP, "-", "+", 100)
            assert len(pending) == 15
            assert {one["times_delivered"] for one in pending} == {1}
            merging.commit()
        wait_until_drained(stream)
    finally:
        for consumer in consumers:
            consumer.terminate()
        codes = [consumer.wait(20) for consumer in consumers]
    assert codes == [0, 0]
    check_identity(database, locked, unique=30)
    check_identity(database, free, unique=50)
