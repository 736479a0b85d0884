"""Persons where processors meet, where histories are shared, and where time is out of order."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta, timezone

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.jobs.tasks import delete_person
from services.processor.maintenance.retention import remove_expired
from services.processor.persons import changes
from services.processor.persons import store as person_store
from services.processor.sealing.day import seal_day
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Event, encode
from tests.conftest import make_project, plain_url
from tests.integration.processor.test_persons import (
    MINUTE,
    alias,
    identify,
    profile,
    saying,
    store,
    together,
)
from tests.integration.processor.test_sessions import by_hand, stored
from tests.support.factories import NOON, a_batch, an_event
from tests.support.sealing import UTC, contents, list_sealed_days, one, persons_of, whole

DAY = timedelta(days=1)


def count(database: Connection, table: str, project_id: int) -> object:
    return one(database, f"SELECT count(*) FROM {table} WHERE project_id = %s", project_id)


def test_an_id_that_appears_while_it_is_linked_costs_no_event(
    database: Connection, project_id: int, backends: Backends
) -> None:
    """Another processor has just met the anonymous id, and has not committed yet."""
    store(database, project_id, [an_event(person="ann")])
    outcomes = []

    def work() -> None:
        own = psycopg2.connect(plain_url(backends.database_url))
        try:
            outcomes.append(store(own, project_id, [identify("ann", "v-1")]))
        finally:
            own.close()

    with database.cursor() as cursor:
        [number] = person_store.reserve_person_numbers(cursor, project_id, 1)
        person_store.add_persons(cursor, [(project_id, "v-1", number)], {}, NOON)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(1)
    database.commit()
    thread.join(20)
    [outcome] = outcomes
    assert (len(outcome.stored), outcome.dead_letters) == (1, 0)
    assert together(database, project_id) == [["ann", "v-1"]]


def test_a_login_that_is_known_already_waits_for_nobody(
    database: Connection, project_id: int, backends: Backends
) -> None:
    store(database, project_id, [an_event(person="v-1"), identify("ann", "v-1")])
    other = psycopg2.connect(plain_url(backends.database_url))
    try:
        with other.cursor() as cursor:
            changes.lock_shared(cursor, [project_id])  # as a processor does that stores events
            with database.cursor() as own:
                own.execute("SET statement_timeout = '5s'")
            database.commit()
            again = [identify("ann", "v-1", NOON + MINUTE), identify("ann", None, NOON + MINUTE)]
            assert len(store(database, project_id, again).stored) == 2
    finally:
        other.close()


def test_signing_up_rewrites_no_row_of_what_the_visitor_did(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(person="v-1") for _ in range(5)])
    seal_day(database, project_id, NOON.date(), UTC)
    placed = "SELECT array_agg(ctid::text ORDER BY ctid) FROM events WHERE project_id = %s"
    before = one(database, placed, project_id)
    store(database, project_id, [identify("ann", "v-1", NOON + DAY)])
    assert together(database, project_id) == [["ann", "v-1"]]
    day = "SELECT array_agg(ctid::text ORDER BY ctid) FROM events WHERE project_id = %s"
    day += " AND event_name <> '$identify'"
    assert one(database, day, project_id) == before
    assert list_sealed_days(project_id, NOON.date()) == [NOON.date()]


def test_the_first_login_of_another_user_on_a_shared_device_merges_no_users(
    database: Connection, project_id: int
) -> None:
    """Bob was never seen before, and the tablet still says who it was: Ann's."""
    store(database, project_id, [identify("ann", "tablet"), an_event(person="tablet")])
    store(database, project_id, [identify("bob", "tablet", NOON + MINUTE)])
    assert together(database, project_id) == [["ann", "tablet"], ["bob"]]
    assert profile(database, project_id, "bob")["identified_at"] is not None


def test_a_refused_link_is_no_conversion(database: Connection, project_id: int) -> None:
    store(database, project_id, [identify("ann", "tablet"), identify("bob", None)])
    store(database, project_id, [identify("bob", "tablet", NOON + MINUTE)])
    assert profile(database, project_id, "bob")["converted_at"] is None
    assert datetime.fromisoformat(profile(database, project_id, "ann")["converted_at"]) == NOON


def test_a_late_identify_marks_the_days_it_affects_dirty(
    database: Connection, project_id: int
) -> None:
    """Sealed days count who was known by their end."""
    for day in range(3):
        event = an_event("$pageview", at=NOON + day * DAY, person="ann")
        event.page_url = "/"
        store(database, project_id, [event])
        seal_day(database, project_id, (NOON + day * DAY).date(), UTC)
    store(database, project_id, [identify("ann", None, NOON + DAY - MINUTE)])
    days = [(NOON + day * DAY).date() for day in range(3)]
    assert list_sealed_days(project_id, days[0], days=3) == [days[0]]
    for sealed_day in days:
        seal_day(database, project_id, sealed_day, UTC)
    known = (
        "SELECT array_agg(authenticated_visitors ORDER BY day) FROM page_daily_summaries "
        "WHERE project_id = %s AND page_path = '/'"
    )
    assert one(database, known, project_id) == [0, 1, 1]


def test_merged_persons_are_one_also_on_days_whose_rows_are_gone(
    database: Connection, project_id: int
) -> None:
    now = datetime.now(timezone.utc)
    long_ago = now.replace(hour=12, minute=0, second=0, microsecond=0) - 20 * DAY
    people = [an_event(person=name, at=long_ago) for name in ("v-1", "ann", "bob")]
    store(database, project_id, people)
    store(database, project_id, [identify("ann", None, now)])
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 10 WHERE id = %s", (project_id,))
    database.commit()
    remove_expired(database, now, project_id=project_id)
    store(database, project_id, [identify("ann", "v-1", now)])
    found = persons_of(project_id, whole(long_ago.date()))
    numbers = {profile(database, project_id, name)["person_id"] for name in ("v-1", "ann", "bob")}
    assert set(found) == numbers
    assert len(numbers) == 2


def test_merging_a_visitor_of_today_reads_no_day_that_expired_before(
    database: Connection, project_id: int
) -> None:
    now = datetime.now(timezone.utc)
    long_ago = now.replace(hour=12, minute=0, second=0, microsecond=0) - 20 * DAY
    visitor = [an_event(person="v-1", at=now), an_event(person="ann", at=now)]
    store(database, project_id, [an_event(person="bob", at=long_ago), *visitor])
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 10 WHERE id = %s", (project_id,))
    database.commit()
    remove_expired(database, now, project_id=project_id)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE sealed_events SET person_bitmap = 'not readable' WHERE project_id = %s",
            (project_id,),
        )
        assert cursor.rowcount
    database.commit()
    store(database, project_id, [identify("ann", "v-1", now)])
    numbers = {profile(database, project_id, name)["person_id"] for name in ("v-1", "ann")}
    assert len(numbers) == 1


def test_retention_takes_sessions_with_their_rows(database: Connection, project_id: int) -> None:
    now = datetime.now(timezone.utc)
    moments = [now - 20 * DAY, now - DAY]
    for number, at in enumerate(moments):
        store(database, project_id, [an_event(at=at, session_id=f"s{number}"), an_event(at=at)])
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 10 WHERE id = %s", (project_id,))
    database.commit()
    assert remove_expired(database, now, project_id=project_id).sessions == 2
    assert count(database, "sessions", project_id) == 2
    assert count(database, "events", project_id) == 2


def test_events_received_before_a_deletion_are_refused_whatever_their_time(
    database: Connection, stream: Redis, project_id: int
) -> None:
    now = datetime.now(timezone.utc)
    store(database, project_id, [an_event(person="ann", at=now)])
    delete_person(project_id, "ann")
    waited = a_batch(project_id, [an_event(person="ann", at=now + 2 * 60 * MINUTE)], now - MINUTE)
    assert Pipeline().store(database, list(flatten([waited]))).stored == []
    assert count(database, "person_distinct_ids", project_id) == 0


def test_a_session_shared_with_another_person_keeps_only_that_persons_part(
    database: Connection, stream: Redis, project_id: int
) -> None:
    theirs: list[Event] = []
    others: list[Event] = []
    for number in range(6):
        is_theirs = number in {0, 3, 5}
        event = an_event(
            "$pageview",
            at=NOON + number * MINUTE,
            person="ann" if is_theirs else "bob",
            session_id="s1",
        )
        event.page_url = f"/{number}"
        (theirs if is_theirs else others).append(event)
    own = an_event(person="ann", session_id="s2", at=NOON)
    store(database, project_id, [*theirs, *others, own])
    delete_person(project_id, "ann")
    assert stored(database, project_id) == by_hand(others)


def test_after_a_deletion_all_counts_are_as_without_the_person(
    database: Connection, stream: Redis
) -> None:
    """Counts, sealed days with their bitmaps, summaries, sessions: to the byte."""
    chance = random.Random(7)

    def some(person: str) -> list[Event]:
        events = []
        for number in range(60):
            event = an_event(
                chance.choice(["$pageview", "won", f"only {person}"]),
                at=NOON + chance.randrange(2 * 24 * 60) * MINUTE,
                person=person,
                session_id=chance.choice([None, "shared", f"{person} {number % 5}"]),
                source=chance.choice(["web", None, person]),
                properties=b'{"plan": "%s"}' % person.encode(),
            )
            event.page_url = f"https://example.org/{chance.randrange(4)}"
            event.community_id = chance.choice([None, "c1"])
            event.division_id = chance.choice([None, "d1", person])
            event.country = chance.choice([None, "CA"])
            events.append(event)
        return events

    bobs, anns = some("bob"), some("ann")
    with_ann, without = make_project(database, "UTC"), make_project(database, "UTC")
    for project_id in (with_ann, without):
        store(database, project_id, [bobs[0]])  # so that Bob has the same number in both
    mixed = bobs[1:] + anns
    chance.shuffle(mixed)
    store(database, with_ann, mixed)
    store(database, without, bobs[1:])
    days = [(NOON + number * DAY).date() for number in range(3)]
    for day in days:
        seal_day(database, with_ann, day, UTC)
    delete_person(with_ann, "ann")
    for day in days:
        seal_day(database, with_ann, day, UTC)
        seal_day(database, without, day, UTC)
    assert contents(database, with_ann) == contents(database, without)
    assert stored(database, with_ann) == stored(database, without) == by_hand(bobs)


def test_a_deletion_waits_for_what_is_held_outside_the_stream(
    database: Connection, stream: Redis, project_id: int, backends: Backends
) -> None:
    store(database, project_id, [an_event(person="ann")])
    waits = a_batch(project_id, [an_event(person="ann")])
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO spool (project_id, envelope) VALUES (%s, %s)",
            (project_id, encode(waits)),
        )
    database.commit()

    def drain() -> None:
        own = psycopg2.connect(plain_url(backends.database_url))
        with own, own.cursor() as cursor:
            cursor.execute("DELETE FROM spool WHERE project_id = %s", (project_id,))
        own.close()

    timer = threading.Timer(1.5, drain)
    timer.start()
    done = delete_person(project_id, "ann")
    assert count(database, "spool", project_id) == 0
    assert done["stream_is_clear"]
    timer.join()


@pytest.mark.parametrize("first", ["a", "b"])
def test_an_alias_keeps_the_longer_history_where_it_is(
    database: Connection, project_id: int, first: str
) -> None:
    store(database, project_id, [an_event(person="a") for _ in range(9)])
    store(database, project_id, [an_event(person="b"), saying("b", set={"plan": "pro"})])
    kept = profile(database, project_id, "a")["person_id"]
    other = "b" if first == "a" else "a"
    store(database, project_id, [alias(first, other, NOON + MINUTE)])
    assert together(database, project_id) == [["a", "b"]]
    merged = profile(database, project_id, "b")
    assert (merged["person_id"], merged["properties"]) == (kept, {"plan": "pro"})
