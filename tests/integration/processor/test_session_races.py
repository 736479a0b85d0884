"""Sessions of odd events, however they are divided into batches and among processors."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import date, datetime, timedelta, timezone
from queue import Empty, SimpleQueue
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.maintenance import retention
from services.processor.maintenance.project_deletion import purge_due
from services.processor.persons import pending_merges
from services.processor.sealing.run import seal_due
from services.processor.sessions.locking import lock_projects
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Event, PersonChange
from shared.runtime.redis_clients import get_state_redis
from tests.conftest import make_project, plain_url
from tests.integration.processor.test_sessions import by_hand, stored
from tests.support.factories import NOON, a_batch, an_event
from tests.support.odd_events import MERGED, Week

_ROUNDS = 12


def odd_events(chance: random.Random) -> list[Event]:
    """Invent a week of events in which persons use ids of sessions again, and two are merged."""
    week = Week(ZoneInfo("Asia/Kathmandu"), date(2026, 11, 15))
    week.add(chance, 450)
    for person in MERGED:
        own = [row.at for row in week.rows if row.person == person]
        week.identify(person, own[len(own) // 2] + timedelta(seconds=3))
    events = []
    for row in week.rows:
        event = an_event(row.name, at=row.at, person=row.distinct_id, session_id=row.session)
        event.event_id, event.page_url = uuid.uuid4().bytes, row.page
        if row.name == "$identify":
            previous_id = row.properties["$anon_distinct_id"]
            event.person = PersonChange(link="identify", previous_id=previous_id)
        events.append(event)
    return events


def divided(events: list[Event], chance: random.Random) -> list[list[Event]]:
    batches, left = [], list(events)
    while left:
        size = chance.choice([1, 3, 10, 30, 60, 200])
        batches.append(left[:size])
        left = left[size:]
    if chance.random() < 0.5:
        chance.shuffle(batches)
    return batches


def store_with(
    backends: Backends, processors: int, project_id: int, batches: list[list[Event]]
) -> None:
    """Store batches by several threads, each as a processor does; what fails is tried again."""
    waiting: SimpleQueue[list[Event]] = SimpleQueue()
    for batch in batches:
        waiting.put(batch)

    def process() -> None:
        connection, pipeline = psycopg2.connect(plain_url(backends.database_url)), Pipeline()
        with connection:
            while True:
                try:
                    batch = waiting.get_nowait()
                except Empty:
                    break
                try:
                    pipeline.store(connection, list(flatten([a_batch(project_id, batch)])))
                except psycopg2.Error:
                    connection.rollback()
                    waiting.put(batch)
        connection.close()

    threads = [threading.Thread(target=process) for _ in range(processors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("processors", [1, 3])
def test_however_events_are_divided_the_sessions_are_those_counted_by_hand(
    backends: Backends, database: Connection, processors: int
) -> None:
    same = {f"anonymous-{person}": f"account-{person}" for person in MERGED}
    for seed in range(_ROUNDS):
        chance = random.Random(seed)
        project_id = make_project(database, "UTC")
        batches = divided(odd_events(chance), chance)
        store_with(backends, processors, project_id, batches)
        pending_merges.finish(database, seconds=30, project_id=project_id)
        expected = by_hand([event for batch in batches for event in batch], same)
        # Which of two events at the same time comes first is not defined among processors.
        assert [(row[0], *row[2:5]) for row in stored(database, project_id)] == [
            (row[0], *row[2:5]) for row in expected
        ], f"seed {seed}"


_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # The first appends to "z", and reads "0" and "a", which have others beside them. The
        # second locks "a", which is another person's, and then "z".
        ([(name, 0.1, "p") for name in "0az"], [("a", 0.1, "q"), ("z", 0.1, "p")]),
        # Both append to "0", and both need the project's lock for what began earlier.
        ([("0", 0.1, "p"), ("c", -0.1, "p")], [("0", 0.1, "p"), ("d", -0.1, "p")]),
    ],
)
def test_two_processors_lock_sessions_in_one_order(
    backends: Backends,
    database: Connection,
    first: list[tuple[str, float, str]],
    second: list[tuple[str, float, str]],
) -> None:
    """The row of "0" is locked until both wait, so that they always meet in the same way."""
    project_id = make_project(database, "UTC")
    before = [(name, 0.0, "p") for name in "cdz"]
    before += [(name, days, "p") for name in "0a" for days in (0.0, 2.0)]
    if second[0][0] == "0":  # with nothing beside it: it is appended to
        before.remove(("0", 2, "p"))
    batches = [_visits(visits) for visits in (before, first, second)]
    url = plain_url(backends.database_url)
    with ExitStack() as stack:
        gate, *others = (stack.enter_context(closing(psycopg2.connect(url))) for _ in range(3))
        Pipeline().store(gate, list(flatten([a_batch(project_id, batches[0])])))
        with gate.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM sessions WHERE project_id = %s AND session_id = '0' FOR UPDATE",
                (project_id,),
            )
        with ThreadPoolExecutor(2) as threads:
            stored_batches = []
            for connection, batch in zip(others, batches[1:], strict=True):
                items = list(flatten([a_batch(project_id, batch)]))
                stored_batches.append(threads.submit(Pipeline().store, connection, items))
                _wait_until_blocked(database, connection.info.backend_pid)
            gate.rollback()
            for one in stored_batches:
                one.result()  # raises what PostgreSQL ended: a deadlock
    expected = by_hand([event for batch in batches for event in batch], {})
    assert [(row[0], *row[2:5]) for row in stored(database, project_id)] == [
        (row[0], *row[2:5]) for row in expected
    ]


def _visits(visits: list[tuple[str, float, str]]) -> list[Event]:
    """Make an event of each session's id, days after noon, and person."""
    return [
        an_event("viewed", at=NOON + days * _DAY, person=person, session_id=session_id)
        for session_id, days, person in visits
    ]


def _wait_until_blocked(database: Connection, pid: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        with database.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", (pid,))
            [is_blocked] = cursor.fetchone() or (False,)
        database.rollback()
        if is_blocked:
            return
        assert time.monotonic() < deadline, "it does not wait"
        time.sleep(0.02)


def _expire(connection: Connection, project_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 1 WHERE id = %s", (project_id,))
    connection.commit()
    now = NOON + timedelta(days=9)
    seal_due(connection, now, project_id=project_id)
    retention.remove_expired(connection, now, project_id=project_id)


def _purge(connection: Connection, project_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO project_deletions (project_id, name, purge_after) VALUES (%s, '', now())",
            (project_id,),
        )
    connection.commit()
    redis = get_state_redis()
    deleted = purge_due(connection, redis, redis, datetime.now(timezone.utc))
    assert deleted[project_id] > 0


@pytest.mark.parametrize("delete", [_expire, _purge])
def test_deletions_wait_for_the_lock_of_sessions_before_they_lock_a_row(
    backends: Backends, database: Connection, delete: Callable[[Connection, int], None]
) -> None:
    project_id = make_project(database, "UTC")
    url = plain_url(backends.database_url)
    with closing(psycopg2.connect(url)) as writer, closing(psycopg2.connect(url)) as deleting:
        batch = a_batch(project_id, _visits([("a", 0.0, "p"), ("b", 0.1, "p")]))
        Pipeline().store(writer, list(flatten([batch])))
        with writer.cursor() as cursor, ThreadPoolExecutor(1) as threads:
            lock_projects(cursor, (), shared=[project_id])
            deletion = threads.submit(delete, deleting, project_id)
            _wait_until_blocked(database, deleting.info.backend_pid)
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(
                "SELECT 1 FROM sessions WHERE project_id = %s ORDER BY session_id FOR UPDATE",
                (project_id,),
            )
            writer.rollback()
            deletion.result()
    assert stored(database, project_id) == []
