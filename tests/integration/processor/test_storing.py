"""Exactly once: what a batch leaves in the tables."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.storing.pipeline import Pipeline, Result
from services.processor.storing.rows import flatten
from shared.events.envelope import Event, PersonChange, decode
from tests.conftest import make_project, plain_url
from tests.support.factories import BROWSER, NOON, a_batch, an_event


def store(database: Connection, project_id: int, events: list[Event]) -> Result:
    return Pipeline().store(database, list(flatten([a_batch(project_id, events)])))


def rows(database: Connection, project_id: int, statement: str) -> list[tuple[object, ...]]:
    with database.cursor() as cursor:
        cursor.execute(statement, (project_id,))
        found = cursor.fetchall()
    database.commit()
    return found


def counted(database: Connection, project_id: int) -> tuple[int, int]:
    """Stored rows, and what the rollups say."""
    [(stored,)] = rows(database, project_id, "SELECT count(*) FROM events WHERE project_id = %s")
    [(rolled,)] = rows(
        database,
        project_id,
        "SELECT coalesce(sum(events), 0)::int FROM event_counts WHERE project_id = %s",
    )
    assert isinstance(stored, int)
    assert isinstance(rolled, int)
    return stored, rolled


def test_the_same_event_sent_five_times_is_counted_once(
    database: Connection, project_id: int
) -> None:
    event = an_event()
    outcomes = [store(database, project_id, [event] * times) for times in (1, 3, 1)]
    assert counted(database, project_id) == (1, 1)
    assert [len(outcome.stored) for outcome in outcomes] == [1, 0, 0]
    assert [len(outcome.repeated) for outcome in outcomes] == [0, 3, 1]


def test_the_same_id_with_another_time_is_the_same_event(
    database: Connection, project_id: int
) -> None:
    event_id = uuid.uuid4()
    store(database, project_id, [an_event(event_id=event_id)])
    store(database, project_id, [an_event(event_id=event_id, at=NOON + timedelta(days=1))])
    assert counted(database, project_id) == (1, 1)


def test_edges_with_different_clocks_bring_every_event_once(
    database: Connection, project_id: int
) -> None:
    """Each event goes to three edges: one is right, one an hour behind, one a day ahead."""
    events = [an_event(at=NOON + timedelta(seconds=second)) for second in range(30)]
    requests = []
    for hours in (0, -1, 24):
        batch = a_batch(project_id, events)
        batch.received_at_us += hours * 3_600_000_000
        requests.append(batch)
    results = [Pipeline().store(database, list(flatten([request]))) for request in requests]
    assert [len(result.stored) for result in results] == [30, 0, 0]
    assert counted(database, project_id) == (30, 30)


def test_ids_that_come_again_among_many_new_ones_are_counted_once(
    database: Connection, project_id: int
) -> None:
    """Large batches are entered in the ledger by COPY, which stops at the first known id."""
    first, second, third = ([an_event() for _ in range(60)] for _ in range(3))
    pipeline = Pipeline()
    outcomes = [
        pipeline.store(database, list(flatten([a_batch(project_id, events)])))
        for events in (first, [*second, *first[::7]], [*third, *second[::7]])
    ]
    assert [len(outcome.stored) for outcome in outcomes] == [60, 60, 60]
    assert [outcome.repeated[0].event.event_id for outcome in outcomes[1:]] == [
        first[0].event_id,
        second[0].event_id,
    ]
    assert [len(outcome.repeated) for outcome in outcomes] == [0, 9, 9]
    assert counted(database, project_id) == (180, 180)


def test_many_ids_of_both_kinds_of_key_in_one_batch_are_events_of_their_own(
    database: Connection, project_id: int
) -> None:
    events = [an_event() for _ in range(40)]
    batches = [a_batch(project_id, events, key_kind=kind) for kind in ("public", "secret")]
    results = [Pipeline().store(database, list(flatten(batches))) for _ in range(2)]
    assert [len(result.stored) for result in results] == [80, 0]
    assert counted(database, project_id) == (80, 80)


def test_the_same_id_in_another_project_is_another_event(database: Connection) -> None:
    event = an_event()
    for project_id in (make_project(database, "UTC"), make_project(database, "UTC")):
        store(database, project_id, [event])
        assert counted(database, project_id) == (1, 1)


def test_every_text_comes_back_as_it_was_sent(database: Connection, project_id: int) -> None:
    name = "tab\there \\N \\. 'quote' \"x\" \u2028 😀"
    properties = '{"line": "a\\nb\\\\c\\t", "😀": "\\\\u00e9"}'.encode()
    store(database, project_id, [an_event(name, person="p\\\n\t", properties=properties)])
    [(stored_name, person, line, face)] = rows(
        database,
        project_id,
        "SELECT event_name, distinct_id, properties->>'line', properties->>'😀' FROM events "
        "WHERE project_id = %s",
    )
    assert (stored_name, person) == (name, "p\\\n\t")
    assert (line, face) == ("a\nb\\c\t", "\\u00e9")


def test_what_the_user_agent_says_is_stored_with_the_event_and_its_session(
    database: Connection, project_id: int
) -> None:
    batch = a_batch(project_id, [an_event(session_id="s1")])
    batch.user_agent = BROWSER
    Pipeline().store(database, list(flatten([batch])))
    for table in ("events", "sessions"):
        statement = f"SELECT browser, os_name, device_type FROM {table} WHERE project_id = %s"
        assert rows(database, project_id, statement) == [("Chrome", "Linux", "desktop")]


def test_rollups_have_the_quarter_the_name_and_the_source(
    database: Connection, project_id: int
) -> None:
    events = [
        an_event("a", at=NOON + timedelta(minutes=minutes), source=source)
        for minutes, source in [(0, "web"), (14, "web"), (15, "web"), (15, None)]
    ]
    store(database, project_id, events)
    found = rows(
        database,
        project_id,
        "SELECT bucket, source, events FROM event_counts WHERE project_id = %s ORDER BY 1, 2",
    )
    quarter = NOON + timedelta(minutes=15)
    assert found == [(NOON, "web", 2), (quarter, "", 1), (quarter, "web", 1)]


def test_a_refused_event_becomes_a_dead_letter_and_its_neighbours_are_stored(
    database: Connection, project_id: int
) -> None:
    bad = an_event("bad", properties=b'{"a": "\\u0000"}')
    good = [an_event(f"good {number}") for number in range(20)]
    outcome = store(database, project_id, [*good[:7], bad, *good[7:], bad])
    assert (len(outcome.stored), outcome.dead_letters) == (20, 1)
    assert counted(database, project_id) == (20, 20)
    [(name, reason, envelope)] = rows(
        database,
        project_id,
        "SELECT event_name, reason, envelope FROM dead_letters WHERE project_id = %s",
    )
    assert (name, reason) == ("bad", "refused_by_database")
    assert isinstance(envelope, memoryview)
    assert decode(bytes(envelope)).events == [bad]
    store(database, project_id, [bad])
    assert len(rows(database, project_id, "SELECT 1 FROM dead_letters WHERE project_id = %s")) == 1


def broken(what: str) -> Event:
    """An event as the edge lets none through."""
    event = an_event(what)
    if what == "NUL in the id":
        event.distinct_id = "a\x00b"
    elif what == "NUL in a link":
        event.person = PersonChange(link="identify", previous_id="a\x00b")
    elif what == "a time that is none":
        event.timestamp_us = 10**18
    elif what == "no UTF-8":
        event.properties = b'{"a": "\xff"}'
    elif what == "no JSON":
        event.person = PersonChange(set=b"{")
    elif what == "no object":
        event.person = PersonChange(set=b"[1]")
    return event


@pytest.mark.parametrize(
    "what",
    [
        *("NUL in the id", "NUL in a link", "a time that is none"),
        *("no UTF-8", "no JSON", "no object"),
    ],
)
def test_an_event_that_no_edge_of_ours_let_through_stops_no_processor(
    database: Connection, project_id: int, what: str
) -> None:
    good = [an_event(f"good {number}") for number in range(5)]
    outcome = store(database, project_id, [*good[:2], broken(what), *good[2:]])
    assert (len(outcome.stored), outcome.dead_letters) == (5, 1)
    assert rows(
        database, project_id, "SELECT event_name FROM dead_letters WHERE project_id = %s"
    ) == [(what,)]


def test_a_partition_removed_behind_the_processors_back_is_made_again(
    database: Connection, project_id: int
) -> None:
    pipeline = Pipeline()
    for number in range(2):
        event = an_event(f"e{number}", at=NOON - timedelta(days=400))
        outcome = pipeline.store(database, list(flatten([a_batch(project_id, [event])])))
        assert (len(outcome.stored), outcome.dead_letters) == (1, 0)
        with database.cursor() as cursor:
            cursor.execute(f"DROP TABLE events_{NOON - timedelta(days=400):%Y%m%d}")
        database.commit()


def test_processors_that_make_the_same_partition_at_once_all_store(
    database: Connection, project_id: int, backends: Backends
) -> None:
    moments = [NOON - timedelta(days=500 + number) for number in range(6)]
    outcomes: list[Result] = []

    def work(moment: datetime) -> None:
        own = psycopg2.connect(plain_url(backends.database_url))
        try:
            outcomes.append(store(own, project_id, [an_event(at=moment)]))
        finally:
            own.close()

    for moment in moments:
        threads = [threading.Thread(target=work, args=(moment,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [(len(outcome.stored), outcome.dead_letters) for outcome in outcomes] == [(1, 0)] * 24


def test_one_distinct_id_is_one_person_with_a_dense_number(
    database: Connection, project_id: int
) -> None:
    people = [f"person {number % 7}" for number in range(30)]
    for part in (people[:10], people[10:]):
        store(database, project_id, [an_event(person=person) for person in part])
    found = rows(
        database, project_id, "SELECT distinct_id, person_id FROM events WHERE project_id = %s"
    )
    assert Counter(person for person, _ in found) == Counter(people)
    assert len(set(found)) == 7
    assert {number for _, number in found} == set(range(1, 8))


def test_two_processors_with_the_same_events_neither_lose_nor_double(
    database: Connection, project_id: int, backends: Backends
) -> None:
    events = [an_event(f"e{number % 5}", person=f"p{number % 50}") for number in range(400)]
    failures: list[Exception] = []

    def work(order: list[Event]) -> None:
        own = psycopg2.connect(plain_url(backends.database_url))
        try:
            for start in range(0, len(order), 40):
                store(own, project_id, order[start : start + 40])
        except Exception as error:  # noqa: BLE001 (shown to the test)
            failures.append(error)
        finally:
            own.close()

    threads = [
        threading.Thread(target=work, args=(order,)) for order in (events, events[::-1], events)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counted(database, project_id) == (400, 400)
    [(people,)] = rows(
        database,
        project_id,
        "SELECT count(DISTINCT person_id)::int FROM events WHERE project_id = %s",
    )
    assert people == 50


def test_processors_that_count_the_same_rows_do_not_deadlock(
    backends: Backends, database: Connection, project_id: int
) -> None:
    """Each batch touches the same counts in an order of its own; statements sort them."""
    names = [f"event {number}" for number in range(30)]

    def deadlocks() -> int:
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot(), deadlocks FROM pg_stat_database"
                " WHERE datname = current_database()"
            )
            (_, found) = cursor.fetchone() or (None, 0)
        database.rollback()
        return int(found)

    def work(seed: int) -> int:
        chance = random.Random(seed)
        connection = psycopg2.connect(plain_url(backends.database_url))
        pipeline, stored = Pipeline(), 0
        with closing(connection):
            for _ in range(40):
                events = [
                    an_event(name, person=f"p{number}", session_id=f"s{seed}-{number}")
                    for number, name in enumerate(names)
                ]
                chance.shuffle(events)
                batch = a_batch(project_id, events)
                stored += len(pipeline.store(connection, list(flatten([batch]))).stored)
        return stored

    before = deadlocks()
    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 4 * 40 * len(names)
    time.sleep(1.1)  # until the sessions have reported their statistics
    assert deadlocks() == before
