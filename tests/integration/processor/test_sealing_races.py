"""Storing and sealing at once: a seal that holds has seen every row."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import psycopg2
from psycopg2.extensions import connection as Connection
from pyroaring import BitMap

from deploy.local.backends import Backends
from services.processor.sealing.day import seal_day
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from tests.conftest import plain_url
from tests.support.factories import NOON, a_batch, an_event
from tests.support.waiting import wait_for

UTC = ZoneInfo("UTC")
DAYS = [NOON.date() + timedelta(days=number) for number in range(3)]
Step = Callable[[Connection], None]


def a_writer(project_id: int, number: int) -> Step:
    """Stores a few events on the three days, now and then with a pause."""
    pipeline = Pipeline()
    chance = random.Random(number)

    def write(connection: Connection) -> None:
        events = [
            an_event(
                at=NOON + timedelta(days=chance.randrange(3)),
                person=f"{number}-{chance.randrange(10**6)}",
            )
            for _ in range(chance.randrange(1, 4))
        ]
        pipeline.store(connection, list(flatten([a_batch(project_id, events)])))
        if chance.random() < 0.2:
            time.sleep(0.05)

    return write


def a_sealer(project_id: int) -> Step:
    """Seals the three days."""

    def seal(connection: Connection) -> None:
        for day in DAYS:
            seal_day(connection, project_id, day, UTC)

    return seal


class Workers:
    """Threads with a connection each, that repeat a step until the block ends."""

    def __init__(self, backends: Backends, steps: list[Step]) -> None:
        self._url = plain_url(backends.database_url)
        self._stop = threading.Event()
        self.failures: list[Exception] = []
        self._threads = [threading.Thread(target=self._repeat, args=(step,)) for step in steps]

    def __enter__(self) -> Workers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self, step: Step) -> None:
        connection = psycopg2.connect(self._url)
        try:
            while not self._stop.is_set():
                step(connection)
        except Exception as error:  # noqa: BLE001 (shown to the test)
            self.failures.append(error)
        finally:
            connection.close()


def forget_a_day(database: Connection, project_id: int) -> None:
    """Have a day entered for the first time once more: there the gap would be."""
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sealed_days WHERE project_id = %s AND day = %s",
            (project_id, random.choice(DAYS)),
        )
    database.commit()


def check_held_seals(database: Connection, project_id: int) -> int:
    """Compare every clean day with its rows, in one snapshot; answers how many there were."""
    with database.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(
            "SELECT d.day, d.starts_at, d.ends_at, e.person_bitmap FROM sealed_days d "
            "JOIN sealed_events e USING (project_id, day) WHERE project_id = %s "
            "AND version = sealed_version AND event_name = ''",
            (project_id,),
        )
        clean = cursor.fetchall()
        for day, start, end, bitmap in clean:
            cursor.execute(
                "SELECT array_agg(DISTINCT person_id) FROM events WHERE project_id = %s "
                "AND timestamp >= %s AND timestamp < %s",
                (project_id, start, end),
            )
            (persons,) = cursor.fetchone() or ([],)
            assert BitMap.deserialize(bytes(bitmap)) == BitMap(persons), day
    database.rollback()
    return len(clean)


def events_of(database: Connection, project_id: int) -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events WHERE project_id = %s", (project_id,))
        (stored,) = cursor.fetchone() or (0,)
    database.rollback()
    return int(stored)


def test_a_seal_that_holds_has_seen_every_row(
    database: Connection, backends: Backends, project_id: int
) -> None:
    steps = [*(a_writer(project_id, number) for number in range(3)), a_sealer(project_id)]
    held = 0
    started = time.monotonic()
    with Workers(backends, steps) as workers:
        # Eight seconds are enough on a machine that does nothing else.
        while not workers.failures and (
            (passed := time.monotonic() - started) < 8 or (held <= 20 and passed < 60)
        ):
            held += check_held_seals(database, project_id)
            forget_a_day(database, project_id)
            time.sleep(0.02)
    assert workers.failures == []
    assert held > 20
    a_sealer(project_id)(database)
    assert check_held_seals(database, project_id) == 3


def test_storing_goes_on_while_a_day_is_read_and_counted(
    database: Connection, backends: Backends, project_id: int
) -> None:
    """A writer that keeps the project busy stops neither the other writers nor, later, the seal."""
    slow = psycopg2.connect(plain_url(backends.database_url))
    a_writer(project_id, 0)(database)
    with slow.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(7204920, %s)", (project_id % 64,)
        )  # as a transaction that has marked and not committed
    with Workers(backends, [a_sealer(project_id), a_writer(project_id, 1)]) as workers:
        time.sleep(2)  # the seal waits by now
        before = events_of(database, project_id)
        wait_for(
            lambda: workers.failures or events_of(database, project_id) > before + 10, 60,
            "the other writer waits for the slow one",
        )  # fmt: skip
        slow.rollback()
    slow.close()
    assert workers.failures == []
    a_sealer(project_id)(database)
    assert check_held_seals(database, project_id) == 3
