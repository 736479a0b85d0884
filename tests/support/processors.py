"""Processors as tests start them, and what must be true of what they stored."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from deploy.local.problems import CannotStart
from services.processor.sessions.joining import SYSTEM_EVENTS
from shared.events.backlogs import ACCOUNT_FIELD, NO_ACCOUNT
from shared.events.envelope import Event, encode
from shared.events.stream import BATCH_FIELD, CONSUMER_GROUP, STREAM
from tests.conftest import ROOT, SECRET_KEY
from tests.support.factories import NOON, a_batch, an_event

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


def send(
    stream: Redis,
    project_id: int,
    events: list[Event],
    size: int = 50,
    account: int = NO_ACCOUNT,
) -> None:
    """Put events into the stream as ingest does, a request at a time."""
    with stream.pipeline(transaction=False) as pipeline:
        for start in range(0, len(events), size):
            batch = a_batch(project_id, events[start : start + size])
            pipeline.xadd(STREAM, {BATCH_FIELD: encode(batch), ACCOUNT_FIELD: account})
        pipeline.execute()


def wait_until_drained(stream: Redis, seconds: float = 30) -> None:
    """Return once nothing waits and nothing is pending."""
    deadline = time.monotonic() + seconds
    while stream.xlen(STREAM):
        assert time.monotonic() < deadline, stream.xinfo_groups(STREAM)
        time.sleep(0.05)
    assert stream.xpending(STREAM, CONSUMER_GROUP)["pending"] == 0


def wait_while_draining(stream: Redis, stalled_after: float = 60, most: float = 600) -> float:
    """Return once nothing waits and nothing is pending; fail when no entry has left for a minute.

    After many kills much is pending, and entries that were delivered often are stored one by one,
    so how long it takes says nothing; that nothing more is stored does.

    Args:
        stream: the processors' Redis.
        stalled_after: seconds in which at least one entry has to leave the stream.
        most: seconds in all.

    Returns:
        The seconds it took.
    """
    start = moved_at = time.monotonic()
    least = stream.xlen(STREAM)
    while (left := stream.xlen(STREAM)) > 0:
        now = time.monotonic()
        if left < least:
            least, moved_at = left, now
        groups = stream.xinfo_groups(STREAM)
        assert now - moved_at < stalled_after, f"{left} entries, none left for a while: {groups}"
        assert now - start < most, f"{left} entries are still there: {groups}"
        time.sleep(0.05)
    assert stream.xpending(STREAM, CONSUMER_GROUP)["pending"] == 0
    return time.monotonic() - start


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
            "SELECT (SELECT coalesce(sum(events), 0)::int FROM sessions WHERE project_id = %(id)s)"
            " + (SELECT coalesce(sum(events), 0)::int FROM event_counts WHERE project_id = %(id)s"
            " AND event_name = ANY (%(system)s))",
            {"id": project_id, "system": sorted(SYSTEM_EVENTS)},
        )
        [in_sessions] = cursor.fetchone() or (None,)
    database.rollback()
    assert stored == (unique - dead, unique - dead)
    assert letters == dead
    assert wrong == []
    assert rolled == in_sessions == unique - dead


def restart_postgresql(backends: Backends) -> None:
    assert backends.postgres is not None
    backends.postgres.kill()
    deadline = time.monotonic() + 30
    while True:
        try:
            backends.postgres.start()
        except CannotStart:  # a process of the killed server still has its shared memory
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def wait_until_it_stands_still(stream: Redis) -> int:
    """How many entries are left when none has gone for three seconds."""
    deadline = time.monotonic() + 60
    left, since = stream.xlen(STREAM), time.monotonic()
    while time.monotonic() - since < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        if (now := stream.xlen(STREAM)) != left:
            left, since = now, time.monotonic()
    return int(left)
