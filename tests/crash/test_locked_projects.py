"""A project whose persons are locked for long waits alone, and its entries stay where they are."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import psutil
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.persons import changes
from services.processor.sessions.locking import lock_projects
from services.processor.storing import heartbeat, waiting_projects
from services.processor.storing.consumer import Consumer
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from services.processor.storing.stream_reader import Entry
from shared.events.envelope import encode
from shared.events.stream import CONSUMER_GROUP, STREAM
from shared.runtime import data_version
from shared.runtime.settings import get_settings
from tests.conftest import make_project, plain_url
from tests.crash.test_poison import wait_until_stored
from tests.support.factories import a_batch, an_event
from tests.support.imports import select
from tests.support.processors import (
    check_identity,
    processor,
    send,
    wait_until_drained,
)
from tests.support.reader import make_user


def test_a_locked_project_delays_no_other_and_its_entries_are_not_claimed(
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


def test_a_locked_project_in_the_spool_delays_no_other_project(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    locked, free = (make_project(database, "UTC") for _ in range(2))
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            changes.lock_exclusive(cursor, locked)
        with database.cursor() as cursor:
            for project_id, batches in ((locked, 300), (free, 3)):
                for _ in range(batches):
                    cursor.execute(
                        "INSERT INTO spool (project_id, envelope) VALUES (%s, %s)",
                        (project_id, encode(a_batch(project_id, [an_event()]))),
                    )
        database.commit()
        consumer = processor(backends)
        try:
            wait_until_stored(database, free, 3)
            send(stream, free, [an_event() for _ in range(10)])
            wait_until_stored(database, free, 13)
            time.sleep(6)  # the locked project is tried again meanwhile
            merging.commit()
            wait_until_stored(database, locked, 300)
        finally:
            consumer.terminate()
            code = consumer.wait(20)
    assert code == 0
    check_identity(database, locked, unique=300)
    check_identity(database, free, unique=13)


def test_many_bytes_of_a_locked_project_do_not_stop_reading(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    """They go to the spool, and are stored from there."""
    locked, free = (make_project(database, "UTC") for _ in range(2))
    properties = b'{"text": "%s"}' % (b"x" * 30_000)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            changes.lock_exclusive(cursor, locked)
        for _ in range(25):  # 75 MB
            events = [an_event(person="a", properties=properties) for _ in range(100)]
            send(stream, locked, events, 100)
        consumer = processor(backends)
        try:
            send(stream, free, [an_event()])
            wait_until_stored(database, free, 1)
            assert stream.xlen(STREAM) < 25, "everything is still in the memory of the processor"
            merging.commit()
            wait_until_stored(database, locked, 2_500)
        finally:
            consumer.terminate()
            code = consumer.wait(20)
    assert code == 0
    check_identity(database, locked, unique=2_500)


def test_a_locked_project_whose_account_has_its_share_of_the_spool_waits_in_the_stream(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    locked, *others, free = (make_project(database, "UTC") for _ in range(4))
    owner = make_user(database, locked, *others)
    properties = b'{"text": "%s"}' % (b"x" * 30_000)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            for project_id in (locked, *others):
                changes.lock_exclusive(cursor, project_id)
        for project_id in others:
            envelope = encode(a_batch(project_id, [an_event()]))
            select(
                database,
                "INSERT INTO spool (project_id, envelope, account) VALUES (%s, %s, %s)",
                project_id,
                envelope,
                owner,
            )
        for _ in range(25):  # 75 MB
            events = [an_event(person="a", properties=properties) for _ in range(100)]
            send(stream, locked, events, 100, account=owner)
        consumer = processor(backends, SPOOL_MAX_BATCHES="4", PROCESSOR_RECLAIM_IDLE_MS="2000")
        try:
            for number in range(1, 4):
                send(stream, free, [an_event()])
                wait_until_stored(database, free, number)
                time.sleep(2)  # what is left to others is read again meanwhile
            held = select(database, "SELECT count(*) FROM spool WHERE project_id = %s", locked)
            assert held == [(0,)]
            assert psutil.Process(consumer.pid).children() == []
            merging.commit()
            wait_until_stored(database, locked, 2_500)
            wait_until_drained(stream)
        finally:
            consumer.terminate()
            code = consumer.wait(20)
    assert code == 0
    check_identity(database, locked, unique=2_500)


def test_a_project_that_is_never_found_free_gets_its_turn(
    backends: Backends,
    stream: Redis,
    database: Connection,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It waits in PostgreSQL's queue, which is served in order."""
    monkeypatch.setattr(waiting_projects, "_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(waiting_projects, "_QUEUE_SECONDS", 0.0)
    consumer = Consumer(get_settings())
    batch = a_batch(project_id, [an_event()])
    consumer._waiting.add([Entry(b"1-1", encode(batch), batch, stream=STREAM)])
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            changes.lock_exclusive(cursor, project_id)
        threading.Timer(2, merging.commit).start()
        consumer._retry_waiting_if_due()
    check_identity(database, project_id, unique=1)
    with consumer._connect().cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("1s",)
    consumer._drop_connection()
    assert stream.xlen(STREAM) == 0


def test_entries_stay_held_however_long_their_project_is_locked(
    backends: Backends, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else others take them over, and after three deliveries they are isolated as suspects."""
    monkeypatch.setattr(heartbeat, "_MAX_HOLD_SECONDS", 0.5)
    monkeypatch.setattr(waiting_projects, "_RETRY_SECONDS", 0.1)
    consumer = Consumer(get_settings())
    touched: list[float] = []
    consumer._heartbeat = heartbeat.Heartbeat(lambda _: touched.append(time.monotonic()), 0.05)
    batch = a_batch(project_id, [an_event()])
    entries = [Entry(b"1-1", encode(batch), batch, stream=STREAM)]
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            changes.lock_exclusive(cursor, project_id)
        consumer._heartbeat.hold(entries)
        consumer._waiting.add(entries)
        consumer._heartbeat.start()
        end = time.monotonic() + 2
        while time.monotonic() < end:
            consumer._retry_waiting_if_due()
            time.sleep(0.05)
    consumer._heartbeat.stop()
    consumer._drop_connection()
    assert touched[-1] > end - 1


def test_a_batch_waits_for_another_one_of_its_project(
    backends: Backends, database: Connection, project_id: int
) -> None:
    """Only persons that somebody changes make a project wait, since that may take long."""
    own = psycopg2.connect(plain_url(backends.database_url), options="-c lock_timeout=500")
    with closing(own), closing(psycopg2.connect(plain_url(backends.database_url))) as other:
        with other.cursor() as cursor:
            lock_projects(cursor, [project_id])
        threading.Timer(2, other.commit).start()
        batch = a_batch(project_id, [an_event()])
        result = Pipeline().store(own, list(flatten([batch])))
    assert (len(result.stored), result.waiting) == (1, set())


def test_what_is_stored_from_the_spool_beside_a_locked_project_makes_answers_stale(
    backends: Backends, stream: Redis, database: Connection
) -> None:
    locked, free = (make_project(database, "UTC") for _ in range(2))
    cache = Redis.from_url(backends.redis_url)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as merging:
        with merging.cursor() as cursor:
            changes.lock_exclusive(cursor, locked)
        with database.cursor() as cursor:
            for project_id in (locked, free):
                envelope = encode(a_batch(project_id, [an_event()]))
                cursor.execute(
                    "INSERT INTO spool (project_id, envelope) VALUES (%s, %s)",
                    (project_id, envelope),
                )
        database.commit()
        before = data_version.current(cache, free)
        consumer = processor(backends)
        try:
            wait_until_stored(database, free, 1)
            deadline = time.monotonic() + 10
            while data_version.current(cache, free) == before:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            merging.commit()
            wait_until_stored(database, locked, 1)
        finally:
            consumer.terminate()
            assert consumer.wait(20) == 0
    cache.close()
