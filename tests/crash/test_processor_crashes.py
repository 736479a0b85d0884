"""Processors that are killed lose nothing and count nothing twice."""

from __future__ import annotations

import math
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from pyroaring import BitMap
from redis import Redis

from deploy.local.backends import Backends
from services.auth.app import create_app
from services.processor.sealing.day import seal_day
from services.processor.storing import crash_points
from shared.events.envelope import Event, encode
from shared.events.stream import BATCH_FIELD, CONSUMER_GROUP, STREAM, stream_of, streams
from tests.conftest import ROOT, SECRET_KEY, make_project, plain_url
from tests.crash.proxy import cutting_after_commit
from tests.support.factories import NOON, a_batch, an_event, microseconds
from tests.support.sealing import UTC

POINTS = [
    crash_points.AFTER_READ,
    crash_points.AFTER_LEDGER,
    crash_points.BEFORE_COMMIT,
    crash_points.BETWEEN_COMMIT_AND_ACK,
    crash_points.AFTER_ACK,
    crash_points.IN_RECLAIM,
    crash_points.IN_DEAD_LETTER,
]
KILLED = -signal.SIGKILL


def processor(
    backends: Backends, crash_at: str = "", database_url: str | None = None, **settings: str
) -> subprocess.Popen[bytes]:
    """A real processor, which takes over what a dead one held after half a second."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.processor", "consume"],
        cwd=ROOT,
        env={
            **os.environ,
            **backends.environment,
            "DATABASE_URL": database_url or backends.database_url,
            "SECRET_KEY": SECRET_KEY,
            "PROCESSOR_BATCH_EVENTS": "200",
            "PROCESSOR_BATCH_WAIT_MS": "20",
            "PROCESSOR_RECLAIM_IDLE_MS": "500",
            "TIDEMARK_CRASH_AT": crash_at,
            "LOG_LEVEL": "WARNING",
            **settings,
        },
    )


@contextmanager
def running(backends: Backends) -> Iterator[subprocess.Popen[bytes]]:
    """A processor for as long as the block lasts; it must then stop cleanly."""
    process = processor(backends)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(20) == 0


def send(stream: Redis, project_id: int, events: list[Event], size: int = 50) -> None:
    """Put events into the stream as ingest does, a request at a time."""
    with stream.pipeline(transaction=False) as pipeline:
        for start in range(0, len(events), size):
            batch = a_batch(project_id, events[start : start + size])
            pipeline.xadd(STREAM, {BATCH_FIELD: encode(batch)})
        pipeline.execute()


def wait_until_drained(stream: Redis, seconds: float = 30) -> None:
    """Return once nothing waits and nothing is pending."""
    deadline = time.monotonic() + seconds
    while stream.xlen(STREAM):
        assert time.monotonic() < deadline, stream.xinfo_groups(STREAM)
        time.sleep(0.05)
    assert stream.xpending(STREAM, CONSUMER_GROUP)["pending"] == 0


def some_events(count: int, seed: int) -> list[Event]:
    """Events over two days, several names, sources and persons."""
    chance = random.Random(seed)
    return [
        an_event(
            f"event {chance.randrange(12)}",
            at=NOON + timedelta(minutes=chance.randrange(2 * 24 * 60)),
            person=f"person {chance.randrange(200)}",
            event_id=uuid.UUID(int=chance.getrandbits(128), version=4),
            source=chance.choice(["web", "ios", None]),
            session_id=chance.choice([None, f"session {chance.randrange(500)}"]),
        )
        for _ in range(count)
    ]


def check_identity(database: Connection, project_id: int, unique: int, dead: int = 0) -> None:
    """Unique ids sent = stored + dead-lettered; stored = Σ rollups per bucket and name."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT event_id) FROM events WHERE project_id = %s",
            (project_id,),
        )
        stored = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM dead_letters WHERE project_id = %s", (project_id,))
        [letters] = cursor.fetchone() or (None,)
        cursor.execute(
            """
            SELECT bucket, event_name, source, events FROM event_counts WHERE project_id = %(id)s
            EXCEPT
            SELECT date_bin('15 minutes', timestamp, 'epoch'), event_name, coalesce(source, ''),
                   count(*)
            FROM events WHERE project_id = %(id)s GROUP BY 1, 2, 3
            """,
            {"id": project_id},
        )
        wrong = cursor.fetchall()
        cursor.execute(
            "SELECT coalesce(sum(events), 0)::int FROM event_counts WHERE project_id = %s",
            (project_id,),
        )
        [rolled] = cursor.fetchone() or (None,)
        cursor.execute(
            "SELECT coalesce(sum(events), 0)::int FROM sessions WHERE project_id = %s",
            (project_id,),
        )
        [in_sessions] = cursor.fetchone() or (None,)
    database.rollback()
    assert stored == (unique - dead, unique - dead)
    assert letters == dead
    assert wrong == []
    assert rolled == in_sessions == unique - dead


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_a_named_point_changes_no_count(
    backends: Backends, database: Connection, stream: Redis, project_id: int, point: str
) -> None:
    events = some_events(1_000, seed=1)
    bad = an_event("bad", properties=b'{"a": "\\u0000"}')
    send(stream, project_id, [*events[:500], bad, *events[500:], *events[:200]])
    if point == crash_points.IN_RECLAIM:
        assert processor(backends, f"{crash_points.AFTER_READ}:2").wait(30) == KILLED
        time.sleep(0.6)
    nth = 1 if point in {crash_points.IN_DEAD_LETTER, crash_points.IN_RECLAIM} else 2
    assert processor(backends, f"{point}:{nth}").wait(30) == KILLED
    with running(backends):
        wait_until_drained(stream)
    check_identity(database, project_id, unique=1_001, dead=1)


def test_kills_at_any_moment_change_no_count(
    backends: Backends, database: Connection, stream: Redis, project_id: int
) -> None:
    """Two processors; each victim dies by chance, at a named point, or sleeps and goes on.

    ``make soak`` runs it with ten times the events and more than thirty times the kills.
    """
    number = int(os.environ.get("SOAK_EVENTS", "20000"))
    kills = int(os.environ.get("SOAK_KILLS", "30"))
    seed = int(os.environ.get("SOAK_SEED") or random.randrange(10**6))
    print(f"seed {seed}: SOAK_SEED={seed} repeats it")
    chance = random.Random(seed)
    events = some_events(number, seed)
    sent = events + chance.sample(events, number // 5)
    chance.shuffle(sent)
    size = math.ceil(len(sent) / kills)
    workers = [processor(backends) for _ in range(2)]
    at_work = 0
    try:
        for start in range(0, len(sent), size):
            victim = chance.randrange(2)
            _wait_until_it_reads(workers[victim], stream)
            send(stream, project_id, sent[start : start + size], size=chance.choice([1, 10, 50]))
            at_work += _end(workers[victim], chance, stream)
            point = chance.choice([None, *POINTS[:-1]])
            workers[victim] = processor(
                backends, f"{point}:{chance.randint(1, 3)}" if point else ""
            )
        for victim in range(2):
            workers[victim].kill()
            workers[victim].wait()
            workers[victim] = processor(backends)
        wait_until_drained(stream, 60)
    finally:
        print(f"{kills} kills, {at_work} of them while entries were pending")
        for worker in workers:
            worker.terminate()
            worker.wait(20)
    assert at_work >= kills / 4
    check_identity(database, project_id, unique=number)
    check_sealed(database, project_id)


def _wait_until_it_reads(worker: subprocess.Popen[bytes], stream: Redis) -> None:
    """A processor that has not begun yet cannot be interrupted; one that is dead is good enough."""
    deadline = time.monotonic() + 10
    while worker.poll() is None and time.monotonic() < deadline:
        if stream.exists(STREAM):
            names = [one["name"] for one in stream.xinfo_consumers(STREAM, CONSUMER_GROUP)]
            if any(f"-{worker.pid}-" in name.decode() for name in names):
                return
        time.sleep(0.02)


def _end(worker: subprocess.Popen[bytes], chance: random.Random, stream: Redis) -> bool:
    """Kill it, perhaps after it slept until others took its entries; whether there was work."""
    time.sleep(chance.uniform(0, 0.1))
    if chance.random() < 0.2 and worker.poll() is None:
        worker.send_signal(signal.SIGSTOP)
        time.sleep(0.7)
        worker.send_signal(signal.SIGCONT)
        time.sleep(chance.uniform(0, 0.1))
    worker.kill()
    worker.wait()
    return bool(stream.exists(STREAM) and stream.xpending(STREAM, CONSUMER_GROUP)["pending"])


def check_sealed(database: Connection, project_id: int) -> None:
    """Bitmaps = count(distinct) of the raw rows, for each day and name."""
    for day in (NOON.date() + timedelta(days=offset) for offset in range(3)):
        seal_day(database, project_id, day, UTC)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT day, event_name, person_bitmap FROM sealed_events WHERE project_id = %s"
            " AND event_name <> ''",
            (project_id,),
        )
        sealed = {(day, name): len(BitMap.deserialize(raw)) for day, name, raw in cursor.fetchall()}
        cursor.execute(
            "SELECT (timestamp AT TIME ZONE 'UTC')::date, event_name, count(DISTINCT person_id)"
            " FROM events WHERE project_id = %s GROUP BY 1, 2",
            (project_id,),
        )
        counted = {(day, name): persons for day, name, persons in cursor.fetchall()}
    database.rollback()
    assert counted
    assert sealed == counted


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


def test_a_group_lost_while_a_processor_was_stopped_is_made_again(
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


def test_a_lost_consumer_group_is_made_again_from_the_first_entry(
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
        _restart_postgresql(backends)  # it has its limits from us
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    worker = processor(backends, PROCESSOR_BATCH_EVENTS="5000")
    try:
        assert _wait_until_it_stands_still(stream) > 0
        assert worker.poll() is None
    finally:
        _restart_postgresql(backends)
    wait_until_drained(stream, 60)
    worker.terminate()
    assert worker.wait(30) == 0
    with closing(psycopg2.connect(plain_url(backends.database_url))) as fresh:
        check_identity(fresh, project_id, unique=180_000)


def _restart_postgresql(backends: Backends) -> None:
    assert backends.postgres is not None
    backends.postgres.kill()
    backends.postgres.start()


def _wait_until_it_stands_still(stream: Redis) -> int:
    """How many entries are left when none has gone for three seconds."""
    deadline = time.monotonic() + 60
    left, since = stream.xlen(STREAM), time.monotonic()
    while time.monotonic() - since < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        if (now := stream.xlen(STREAM)) != left:
            left, since = now, time.monotonic()
    return int(left)
