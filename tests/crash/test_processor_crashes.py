"""Processors that are killed lose nothing and count nothing twice."""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import time
from datetime import timedelta

import pytest
from psycopg2.extensions import connection as Connection
from pyroaring import BitMap
from redis import Redis

from deploy.local.backends import Backends
from services.processor.sealing.day import seal_day
from services.processor.storing import crash_points
from shared.events.stream import CONSUMER_GROUP, STREAM
from tests.support.factories import NOON, an_event
from tests.support.processors import (
    KILLED,
    check_identity,
    processor,
    running,
    send,
    some_events,
    wait_until_drained,
    wait_while_draining,
)
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
        print(f"drained {wait_while_draining(stream):.1f} s after the last kill")
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
