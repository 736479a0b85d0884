"""PostgreSQL, the stream or the disk that is away holds events back and loses none."""

from __future__ import annotations

import resource
import time
from contextlib import closing

import psycopg2
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.auth.app import create_app
from tests.conftest import plain_url
from tests.support.commit_proxy import cutting_after_commit
from tests.support.factories import NOON, microseconds
from tests.support.processors import (
    check_identity,
    processor,
    restart_postgresql,
    running,
    send,
    some_events,
    wait_until_drained,
    wait_until_it_stands_still,
)


def test_a_connection_cut_after_commit_was_sent_doubles_nothing(
    backends: Backends, database: Connection, stream: Redis, project_id: int
) -> None:
    events = some_events(2_000, seed=8)
    send(stream, project_id, events)
    with cutting_after_commit(plain_url(backends.database_url), times=3) as (url, cuts):
        worker = processor(backends, database_url=url)
        try:
            wait_until_drained(stream)
        finally:
            worker.terminate()
            assert worker.wait(20) == 0
    assert len(cuts) == 3
    check_identity(database, project_id, unique=2_000)


def test_terminated_database_sessions_lose_nothing(
    backends: Backends, database: Connection, stream: Redis, project_id: int
) -> None:
    events = some_events(4_000, seed=9)

    def end_sessions() -> int:
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'tidemark-processor'"
            )
            (ended,) = cursor.fetchone() or (0,)
        database.rollback()
        return int(ended)

    with running(backends):
        for start in range(0, len(events), 800):
            send(stream, project_id, events[start : start + 800])
            deadline = time.monotonic() + 10
            while not end_sessions():
                assert time.monotonic() < deadline, "the processor does not connect again"
                time.sleep(0.01)
        wait_until_drained(stream)
    check_identity(database, project_id, unique=4_000)


def test_postgresql_killed_in_the_middle_loses_nothing(
    backends: Backends, stream: Redis, project_id: int
) -> None:
    assert backends.postgres is not None
    events = some_events(3_000, seed=3)
    with running(backends):
        for start in range(0, len(events), 500):
            send(stream, project_id, events[start : start + 500])
            if start in (1_000, 2_000):
                backends.postgres.kill()
                time.sleep(0.3)
                backends.postgres.start()
        wait_until_drained(stream)
    fresh = psycopg2.connect(plain_url(backends.database_url))
    check_identity(fresh, project_id, unique=3_000)
    fresh.close()


def test_the_stream_killed_in_the_middle_loses_nothing_it_had_taken(
    backends: Backends, database: Connection, stream: Redis, project_id: int
) -> None:
    assert backends.stream is not None
    events = some_events(2_000, seed=4)
    with running(backends):
        send(stream, project_id, events[:1_000])
        backends.stream.kill()
        backends.stream.start()
        send(stream, project_id, events[1_000:])
        wait_until_drained(stream)
    check_identity(database, project_id, unique=2_000)


def test_the_services_say_503_while_postgresql_is_away(backends: Backends) -> None:
    assert backends.postgres is not None
    client = create_app().test_client()
    body = {"email": "somebody@example.org", "password": "secret"}
    assert client.post("/api/v1/auth/login", json=body).status_code == 401
    backends.postgres.kill()
    try:
        away = client.post("/api/v1/auth/login", json=body)
    finally:
        backends.postgres.start()
    assert away.status_code == 503
    assert int(away.headers["Retry-After"]) > 0
    assert client.post("/api/v1/auth/login", json=body).status_code == 401


def test_a_disk_that_takes_no_more_holds_everything_back_and_loses_nothing(
    backends: Backends, stream: Redis, project_id: int
) -> None:
    """PostgreSQL may write no file beyond 17 MB: a partition cannot grow, and then it can again."""
    events = some_events(180_000, seed=10)
    for event in events:
        event.timestamp_us %= 86_400_000_000
        event.timestamp_us += microseconds(NOON.replace(hour=0))  # all in one partition
    send(stream, project_id, events, size=500)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (17 * 1024 * 1024, hard))
    try:
        restart_postgresql(backends)  # it has its limits from us
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    worker = processor(backends, PROCESSOR_BATCH_EVENTS="5000")
    try:
        assert wait_until_it_stands_still(stream) > 0
        assert worker.poll() is None
    finally:
        restart_postgresql(backends)
    wait_until_drained(stream, 150)
    worker.terminate()
    assert worker.wait(30) == 0
    with closing(psycopg2.connect(plain_url(backends.database_url))) as fresh:
        check_identity(fresh, project_id, unique=180_000)
