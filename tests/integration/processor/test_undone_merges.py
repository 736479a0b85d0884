"""Merges are logged, and undoing one leaves what there was without it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from redis import Redis

from services.processor.commands.__main__ import main
from services.processor.jobs.tasks import delete_person
from services.processor.maintenance import retention
from services.processor.persons import identities, merge_log, pending_merges, undoing
from services.processor.sealing.day import seal_day
from services.processor.sessions import store as sessions
from services.processor.storing.pipeline import Pipeline
from shared.errors import Conflict, NotFound
from shared.events.envelope import Event
from tests.conftest import make_project
from tests.integration.processor.test_persons import (
    alias,
    identify,
    profile,
    saying,
    store,
    together,
)
from tests.support.factories import NOON, an_event
from tests.support.sealing import UTC, one, persons_of, whole

MINUTE = timedelta(minutes=1)


def history(seed: int) -> list[Event]:
    """Events of two ids within three hours, some in sessions that the client names."""
    chance = random.Random(seed)
    events = []
    for number in range(60):
        person = chance.choice(["ann", "v-1"])
        named = f"{person}-{chance.randrange(3)}" if chance.random() < 0.4 else None
        at = NOON + chance.randrange(600) * MINUTE
        events.append(an_event(at=at, person=person, session_id=named))
        if number == 30:
            events.append(an_event("bought", at=at, person="other"))
    return events


def state(database: Connection, project_id: int) -> list[Any]:
    """Return events and sessions by the ids of their person."""
    found = []
    ids = (
        "(SELECT array_agg(distinct_id ORDER BY distinct_id) FROM person_distinct_ids d"
        " WHERE d.project_id = t.project_id AND d.person_id = t.person_id)"
    )
    for columns, table in (
        ("event_name, timestamp, distinct_id, session_id", "events"),
        ("started_at, ended_at, events, by_inactivity", "sessions"),
    ):
        with database.cursor() as cursor:
            cursor.execute(
                f"SELECT {ids}, {columns} FROM {table} t WHERE project_id = %s ORDER BY 1, 2, 3, 4",
                (project_id,),
            )
            found.append(sorted(cursor.fetchall(), key=str))
        database.rollback()
    return found


def add_cohort(
    database: Connection, project_id: int, name: str, ids: set[str], counted_at: datetime
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cohorts (project_id, name, kind, size, counted_at)"
            " VALUES (%s, %s, 'upload', %s, %s) RETURNING id",
            (project_id, name, len(ids), counted_at),
        )
        (cohort_id,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO cohort_members SELECT project_id, %s, person_id FROM person_distinct_ids"
            " WHERE project_id = %s AND distinct_id = ANY (%s)",
            (cohort_id, project_id, list(ids)),
        )
    database.commit()


def cohorts(database: Connection, project_id: int) -> dict[str, tuple[set[str], int]]:
    """Return the ids of the members of each cohort, and its size."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT c.name, array_agg(d.distinct_id), max(c.size) FROM cohorts c"
            " JOIN cohort_members m ON m.project_id = c.project_id AND m.cohort_id = c.id"
            " JOIN person_distinct_ids d"
            " ON d.project_id = c.project_id AND d.person_id = m.person_id"
            " WHERE c.project_id = %s GROUP BY 1",
            (project_id,),
        )
        found = {name: (set(ids), size) for name, ids, size in cursor}
    database.rollback()
    return found


def merges(database: Connection, project_id: int, distinct_id: str) -> list[int]:
    with database.cursor() as cursor:
        found = merge_log.list_merges(cursor, project_id, distinct_id)
    database.rollback()
    return [merge.id for merge in found]


@pytest.mark.parametrize("rows_per_step", [5_000, 7])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_undone_merge_leaves_what_there_was_without_it(
    database: Connection,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
    rows_per_step: int,
    seed: int,
) -> None:
    monkeypatch.setattr(undoing, "_ROWS_PER_STEP", rows_per_step)
    events, twin = history(seed), make_project(database, "UTC")
    for event, project in ((alias("ann", "other"), project_id), (an_event("$create_alias"), twin)):
        event.distinct_id, event.session_id = "ann", "ann-0"
        store(database, project, [*events, event])
    store(database, project_id, [alias("ann", "v-1")])
    store(database, twin, [an_event("$create_alias", person="ann")])
    latest, first = merges(database, project_id, "v-1")
    for merge_id in (first, latest):
        undoing.undo(database, project_id, merge_id)
    assert together(database, project_id) == [["ann"], ["other"], ["v-1"]]
    assert state(database, project_id) == state(database, twin)
    with pytest.raises(Conflict):
        undoing.undo(database, project_id, latest)


def test_an_interrupted_undoing_goes_on(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "_ROWS_PER_STEP", 3)
    store(database, project_id, [an_event(person="v-1", at=NOON + n * 90 * MINUTE)
                                 for n in range(12)])  # fmt: skip
    store(database, project_id, [an_event(person="ann"), alias("ann", "v-1")])
    [merge_id] = merges(database, project_id, "ann")
    steps: list[int] = []

    def end_in_the_middle() -> None:
        steps.append(1)
        if len(steps) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undoing.undo(database, project_id, merge_id, end_in_the_middle)
    store(database, project_id, [an_event(person="v-1"), an_event(person="ann")])
    done = undoing.undo(database, project_id, merge_id)
    assert done.events > 0
    rows = "SELECT count(*)::int FROM events WHERE project_id = %s AND person_id = %s"
    assert one(database, rows, project_id, done.person_id) == 13
    assert one(database, rows, project_id, profile(database, project_id, "ann")["person_id"]) == 3


def test_a_session_of_many_steps_is_read_once(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "_ROWS_PER_STEP", 5)
    visit = [an_event(person="v-1", session_id="long", at=NOON + n * MINUTE) for n in range(40)]
    store(database, project_id, visit)
    store(database, project_id, [an_event(person="ann"), alias("ann", "v-1")])
    read = 0

    def count_read(cursor: Cursor, project_id: int) -> Any:
        nonlocal read
        items, persons = read_events(cursor, project_id)
        read += len(items)
        return items, persons

    read_events = sessions.read_events
    monkeypatch.setattr(sessions, "read_events", count_read)
    done = undoing.undo(database, project_id, merges(database, project_id, "ann")[0])
    assert (done.events, read) == (40, 40)
    found = "SELECT events::int FROM sessions WHERE project_id = %s AND person_id = %s"
    assert one(database, found, project_id, done.person_id) == 40


def test_processors_and_sealed_days_know_two_persons_again(
    database: Connection, project_id: int
) -> None:
    remembers = Pipeline()
    store(database, project_id, [an_event(person="v-1"), an_event(person="ann")], remembers)
    store(database, project_id, [alias("ann", "v-1")], remembers)
    store(database, project_id, [an_event(person="v-1")], remembers)
    seal_day(database, project_id, NOON.date(), UTC)
    assert len(persons_of(project_id, whole(NOON.date()))) == 1
    undoing.undo(database, project_id, merges(database, project_id, "ann")[0])
    seal_day(database, project_id, NOON.date(), UTC)
    assert len(persons_of(project_id, whole(NOON.date()))) == 2
    store(database, project_id, [an_event(person="v-1"), an_event(person="ann")], remembers)
    assert together(database, project_id) == [["ann"], ["v-1"]]


def test_a_public_key_cannot_join_again_what_was_separated(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [saying("v-1", set={"color": "red"})], key_kind="public")
    store(database, project_id, [identify("ann", "v-1", NOON + MINUTE)], key_kind="public")
    store(database, project_id, [saying("ann", NOON, set={"plan": "pro"})], key_kind="public")
    undoing.undo(database, project_id, merges(database, project_id, "ann")[0])
    assert profile(database, project_id, "v-1")["properties"] == {"color": "red"}
    assert profile(database, project_id, "v-1")["identified_at"] is None
    assert profile(database, project_id, "ann")["properties"] == {"plan": "pro"}
    again = identify("ann", "v-1", NOON + 2 * MINUTE)
    store(database, project_id, [again], key_kind="public")
    assert together(database, project_id) == [["ann"], ["v-1"]]


def test_the_person_who_remains_gets_back_what_the_merge_has_changed(
    database: Connection, project_id: int
) -> None:
    for person, plan in (("anon", "free"), ("ann", "pro")):
        said = saying(person, NOON - len(plan) * MINUTE, set={"plan": plan, person: True})
        store(database, project_id, [said], key_kind="public")
    store(database, project_id, [identify("ann", "v-1")], key_kind="secret")
    before = profile(database, project_id, "anon")
    assert before["identified_at"] is None
    store(database, project_id, [alias("anon", "ann", NOON + 9 * MINUTE)], key_kind="secret")
    store(database, project_id, [saying("anon", NOON, set={"seen": 1})], key_kind="public")
    latest, _ = merges(database, project_id, "anon")
    undoing.undo(database, project_id, latest)
    after = profile(database, project_id, "anon")
    assert after["properties"] == {"plan": "free", "anon": True, "seen": 1}
    for name in ("created_at", "identified_at", "converted_at"):
        assert after[name] == before[name]
    # So the server may link the id to its user.
    store(database, project_id, [identify("bob", "anon", NOON + 10 * MINUTE)], key_kind="secret")
    assert together(database, project_id) == [["ann", "v-1"], ["anon", "bob"]]


def test_both_persons_get_back_their_cohorts(database: Connection, project_id: int) -> None:
    store(database, project_id, [an_event(person="ann"), an_event(person="v-1")])
    members = {
        "of ann": ({"ann"}, NOON - MINUTE),
        "of both": ({"ann", "v-1"}, NOON - MINUTE),
        "of the visitor": ({"v-1"}, NOON - MINUTE),
        "counted since": ({"v-1"}, NOON + 9 * MINUTE),
    }
    for name, (ids, counted_at) in members.items():
        add_cohort(database, project_id, name, ids, counted_at)
    store(database, project_id, [alias("ann", "v-1")])
    merged = {"ann", "v-1"}
    assert cohorts(database, project_id) == dict.fromkeys(members, (merged, 1))
    [merge_id] = merges(database, project_id, "ann")
    undoing.undo(database, project_id, merge_id)
    assert cohorts(database, project_id) == {
        "of ann": ({"ann"}, 1),
        "of both": ({"ann", "v-1"}, 2),
        "of the visitor": ({"v-1"}, 1),
        "counted since": ({"ann"}, 1),  # until it is counted again
    }


def test_a_large_merge_is_finished_before_it_is_undone(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "_MAX_ROWS", 5)
    monkeypatch.setattr(pending_merges, "_ROWS_PER_STEP", 7)
    for person in ("ann", "v-1"):
        store(database, project_id, [an_event(person=person, at=NOON + n * MINUTE)
                                     for n in range(20)])  # fmt: skip
    store(database, project_id, [alias("ann", "v-1")])
    assert pending_merges.is_pending(database, project_id, "ann")
    done = undoing.undo(database, project_id, merges(database, project_id, "ann")[0])
    assert done.events == 20
    assert together(database, project_id) == [["ann"], ["v-1"]]


def test_the_log_forgets_deleted_persons_and_expired_days(
    database: Connection, stream: Redis, project_id: int
) -> None:
    store(database, project_id, [alias("ann", "v-1"), alias("bob", "v-2")])
    delete_person(project_id, "v-1")
    logged = "SELECT count(*)::int FROM person_merges WHERE project_id = %s"
    assert one(database, logged, project_id) == 1
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 30 WHERE id = %s", (project_id,))
    database.commit()
    now = datetime.now(timezone.utc) + timedelta(days=1)
    retention.remove_expired(database, now, project_id=project_id)
    assert one(database, logged, project_id) == 0


def test_the_log_forgets_a_deleted_person_whose_ids_others_brought(
    database: Connection, stream: Redis, project_id: int
) -> None:
    store(database, project_id, [an_event(person="v-1"), alias("v-1", "v-2")], key_kind="public")
    store(database, project_id, [identify("ann", "v-1", NOON + MINUTE)], key_kind="public")
    store(database, project_id, [an_event(person="v-2")], key_kind="secret")
    delete_person(project_id, "v-2")
    logged = "SELECT count(*)::int FROM person_merges WHERE project_id = %s AND joined_ids ? 'v-2'"
    assert one(database, logged, project_id) == 0


def test_the_command_lists_merges_and_undoes_one(
    database: Connection, project_id: int, capsys: pytest.CaptureFixture[str]
) -> None:
    store(database, project_id, [an_event(person="v-1"), identify("ann", "v-1")])
    options = ["merges", "--project", f"{project_id}", "--distinct-id", "ann"]
    assert main(options) == 0
    [merge_id] = merges(database, project_id, "ann")
    assert (
        f"{merge_id}: 2026-03-10 12:00 UTC, unknown key: v-1 joined ann" in capsys.readouterr().out
    )
    assert main([*options, "--undo", f"{merge_id}", "--yes"]) == 0
    assert together(database, project_id) == [["ann"], ["v-1"]]
    assert main([*options, "--undo", f"{merge_id + 1}", "--yes"]) == 1
    with pytest.raises(NotFound):
        undoing.undo(database, project_id, merge_id + 1)
