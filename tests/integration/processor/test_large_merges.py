"""What merging costs is bounded, and comes to the same as merging at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from deploy.local.backends import Backends
from services.processor.jobs.attempts import list_failed
from services.processor.persons import changes, identities, merging, pending_groups, pending_merges
from services.processor.persons import store as persons_store
from services.processor.persons.deletion import delete_person
from services.processor.persons.store import Profile
from services.processor.sealing.run import seal_due
from services.processor.sessions import named
from services.processor.sessions.joining import Session, SessionKey
from services.processor.sessions.store import pop_sessions
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Event
from tests.conftest import make_project, plain_url
from tests.integration.processor.test_persons import alias, identify, profile, store, together
from tests.support.factories import NOON, a_batch, an_event
from tests.support.sealing import one

MINUTE = timedelta(minutes=1)


def history(person: str, events: int) -> list[Event]:
    return [an_event(at=NOON + n * MINUTE, person=person) for n in range(events)]


PENDING = "SELECT count(*) FROM pending_merges"


def rows_by_person(database: Connection, project_id: int) -> list[tuple[int, ...]]:
    """Events and sessions of each person; the counts of their sessions."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*)::int, (SELECT count(*)::int FROM sessions s WHERE s.project_id ="
            " e.project_id AND s.person_id = e.person_id), (SELECT sum(events)::int FROM sessions s"
            " WHERE s.project_id = e.project_id AND s.person_id = e.person_id) FROM events e"
            " WHERE project_id = %s GROUP BY project_id, person_id ORDER BY 1, 2, 3",
            (project_id,),
        )
        found = cursor.fetchall()
    database.rollback()
    return found


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a handful of events exceeds."""
    monkeypatch.setattr(identities, "_MAX_ROWS", 5)
    monkeypatch.setattr(pending_merges, "_ROWS_PER_STEP", 7)


def test_a_chain_of_aliases_moves_every_row_only_once(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The large history stays where it is, whichever id is named first."""
    names = ["big", *(f"n{k}" for k in range(8))]
    store(database, project_id, history("big", 4_000))
    for name in names[1:]:
        store(database, project_id, history(name, 1_000))
    moved: list[int] = []
    plan = merging.plan

    def watched(*arguments: object) -> merging.Plan:
        made = plan(*arguments)  # type: ignore[arg-type]  # as it was called
        moved.append(made.rows)
        return made

    monkeypatch.setattr(merging, "plan", watched)
    monkeypatch.setattr(identities, "_MAX_ROWS", 50_000)
    chain = [alias(names[k + 1], names[k], NOON + k * MINUTE) for k in range(8)]
    store(database, project_id, chain)
    assert together(database, project_id) == [sorted(names)]
    assert len(moved) == 8
    assert max(moved) <= 1_010


@pytest.mark.usefixtures("small_bounds")
def test_a_merge_that_a_clock_ahead_has_noted_is_done_and_holds_up_no_other(
    database: Connection, project_id: int
) -> None:
    for person in ("phone", "ann"):
        store(database, project_id, history(person, 40))
    store(database, project_id, [identify("ann", "phone", NOON + 50 * MINUTE)])
    with database.cursor() as cursor:
        cursor.execute("UPDATE pending_merges SET requested_at = now() + interval '2 days'")
    database.commit()
    assert pending_merges.finish(database, seconds=30, project_id=project_id) == {project_id: 1}
    assert together(database, project_id) == [["ann", "phone"]]


@pytest.mark.usefixtures("small_bounds")
def test_a_large_merge_is_left_to_the_job_which_takes_steps(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, history("phone", 40))
    store(database, project_id, history("ann", 30))
    store(database, project_id, [identify("ann", "phone", NOON + 50 * MINUTE)])
    assert together(database, project_id) == [["ann"], ["phone"]]
    assert profile(database, project_id, "ann")["converted_at"] is not None
    store(database, project_id, [an_event(person="phone"), an_event(person="ann")])
    with database.cursor() as cursor:
        changes.lock_exclusive(cursor, project_id)
        assert pending_merges._step(cursor, project_id) == 0
    database.commit()
    store(database, project_id, [an_event(person="phone"), an_event(person="ann")])
    assert pending_merges.finish(database, seconds=30, project_id=project_id) == {project_id: 1}
    assert together(database, project_id) == [["ann", "phone"]]
    # One session of minutes 0 to 50; the identify is a system event and does not count in it.
    assert rows_by_person(database, project_id) == [(75, 1, 74)]


@pytest.mark.usefixtures("small_bounds")
def test_the_smaller_history_is_counted_once_for_all_steps(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person, events in (("phone", 40), ("ann", 30)):
        store(database, project_id, history(person, events))
    store(database, project_id, [identify("ann", "phone", NOON + 50 * MINUTE)])
    limits: list[int] = []
    size = merging._size

    def watched(cursor: Cursor, project: int, person: Profile, limit: int) -> int:
        limits.append(limit)
        return size(cursor, project, person, limit)

    monkeypatch.setattr(merging, "_size", watched)
    assert pending_merges.finish(database, seconds=30, project_id=project_id) == {project_id: 1}
    assert together(database, project_id) == [["ann", "phone"]]
    both, later = limits[:2], limits[2:]
    assert min(both) > 40
    assert len(later) >= 4
    assert max(later) <= 7 + 1


def test_a_merge_reads_no_sessions_of_a_large_target(database: Connection, project_id: int) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO sessions (project_id, session_id, person_id, started_at, ended_at,
                first_event_id, events, pageviews, by_inactivity)
            SELECT %(project)s, 'visit ' || n, CASE WHEN n > 3 THEN 1 ELSE 2 END, now(), now(),
                gen_random_uuid(), 1, 0, false
            FROM generate_series(1, 20000) n;
            INSERT INTO sessions (project_id, session_id, person_id, started_at, ended_at,
                first_event_id, events, pageviews, by_inactivity, client_session_id)
            VALUES (%(project)s, 'beside', 2, now(), now(), gen_random_uuid(), 1, 0, false,
                'visit 9');
            ANALYZE sessions
            """,
            {"project": project_id},
        )
    database.commit()
    with database.cursor() as cursor:
        read = "SELECT sum(idx_tup_fetch + seq_tup_read)::int FROM pg_stat_xact_user_tables"
        cursor.execute(read)
        (before,) = cursor.fetchone() or (0,)
        assert named.count_shared(cursor, project_id, 2, 1, 100) == 1
        cursor.execute(read)
        (after,) = cursor.fetchone() or (0,)
    database.rollback()
    assert after - before < 50


@pytest.mark.usefixtures("small_bounds")
def test_sessions_whose_ids_both_persons_have_are_moved_in_steps(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each id names two sessions of both. Events of both come in all the time."""
    for person, shift in (("phone", 0), ("ann", 7)):
        for day in (0, 3):
            visits = [
                an_event(at=NOON + timedelta(days=day, minutes=n + shift), person=person,
                         session_id=f"visit {n}")
                for n in range(30)
            ]  # fmt: skip
            store(database, project_id, visits)
    store(database, project_id, [identify("ann", "phone", NOON + 50 * MINUTE)])
    popped: list[int] = []

    def pop(cursor: Cursor, keys: Sequence[SessionKey]) -> list[Session]:
        popped.append(len(keys))
        return pop_sessions(cursor, keys)

    steps = 0
    with monkeypatch.context() as patched:
        patched.setattr(named, "pop_sessions", pop)
        while one(database, f"{PENDING} WHERE project_id = %s", project_id):
            steps += 1
            assert steps < 100
            pending_merges._take_step(database, project_id)
            store(
                database, project_id, [an_event(person=name, at=NOON) for name in ("phone", "ann")]
            )
    # Two sessions of each id; a step moves those of seven.
    assert max(popped) <= 2 * 7
    assert rows_by_person(database, project_id) == [(121 + 2 * steps, 60 + 1, 120 + 2 * steps)]


@pytest.mark.usefixtures("small_bounds")
def test_a_sealed_day_counts_persons_as_one_after_a_large_merge(
    database: Connection, project_id: int
) -> None:
    for person in ("phone", "ann"):
        store(database, project_id, history(person, 20))
    later = NOON + timedelta(days=3)
    seal_due(database, later, project_id=project_id)
    store(database, project_id, [alias("ann", "phone", NOON + timedelta(days=2))])
    pending_merges.finish(database, seconds=30, project_id=project_id)
    seal_due(database, later, project_id=project_id)
    persons = one(
        database,
        "SELECT persons FROM sealed_events WHERE project_id = %s AND event_name = 'tested'",
        project_id,
    )
    assert persons == 1


@pytest.mark.usefixtures("small_bounds")
def test_a_pending_merge_counts_when_links_are_refused(
    database: Connection, project_id: int
) -> None:
    for person in ("tablet", "ann", "bob"):
        store(database, project_id, history(person, 20))
    for _ in range(2):  # an SDK repeats itself
        store(database, project_id, [identify("ann", "tablet", NOON + 30 * MINUTE)])
    store(database, project_id, [identify("bob", "tablet", NOON + 40 * MINUTE)])
    pending_merges.finish(database, seconds=30, project_id=project_id)
    assert together(database, project_id) == [["ann", "tablet"], ["bob"]]
    refused = one(
        database,
        "SELECT sum(events)::int FROM intake_warnings WHERE project_id = %s",
        project_id,
    )
    assert refused == 1


@pytest.mark.usefixtures("small_bounds")
def test_an_id_that_waits_to_join_a_known_user_counts_as_known(
    database: Connection, project_id: int
) -> None:
    for person in ("a", "b", "c"):
        store(database, project_id, history(person, 20))
    at = [NOON + (60 + n) * MINUTE for n in range(4)]
    store(database, project_id, [alias("a", "b", at[0])])
    store(database, project_id, [identify("a", None, at[1]), identify("c", None, at[2])])
    store(database, project_id, [alias("b", "c", at[3])])
    pending_merges.finish(database, seconds=30, project_id=project_id)
    assert together(database, project_id) == [["a", "b"], ["c"]]


@pytest.mark.usefixtures("small_bounds")
def test_deleting_a_person_takes_the_rows_that_were_moved_already(
    database: Connection, project_id: int
) -> None:
    for person in ("phone", "ann"):
        store(database, project_id, history(person, 20))
    store(database, project_id, [alias("ann", "phone", NOON + 30 * MINUTE)])
    with database.cursor() as cursor:
        changes.lock_exclusive(cursor, project_id)
        pending_merges._step(cursor, project_id)
    database.commit()
    assert delete_person(database, project_id, "phone").events == 41
    assert together(database, project_id) == []


@pytest.mark.parametrize("seed", range(6))
def test_merging_in_steps_comes_to_the_same(
    database: Connection, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    chance = random.Random(seed)
    batches = [some_links(chance, step) for step in range(6)]
    for batch in batches:
        store(database, ours, batch)
    monkeypatch.setattr(identities, "_MAX_ROWS", 3)
    monkeypatch.setattr(pending_merges, "_ROWS_PER_STEP", 4)
    for batch in batches:
        store(database, theirs, batch)
        if chance.random() < 0.5:
            pending_merges.finish(database, seconds=0.05, project_id=theirs)
    pending_merges.finish(database, seconds=30, project_id=theirs)
    assert together(database, theirs) == together(database, ours)
    assert rows_by_person(database, theirs) == rows_by_person(database, ours)


def some_links(chance: random.Random, step: int) -> list[Event]:
    ids = [f"p{n}" for n in range(6)]
    start = NOON + timedelta(hours=step)
    events: list[Event] = [
        an_event(at=start + chance.randrange(50) * MINUTE, person=chance.choice(ids))
        for _ in range(12)
    ]
    for minute in range(2):
        one_id, other = chance.sample(ids, 2)
        events.append(chance.choice([alias, identify])(one_id, other, start + minute * MINUTE))
    return events


def test_projects_wait_for_a_lock_alone(backends: Backends, database: Connection) -> None:
    """Somebody merges or deletes persons of one project: the others of the batch are stored."""
    projects = [make_project(database, "UTC") for _ in range(3)]
    locked = projects[1]
    events = list(flatten([a_batch(one_id, [an_event()]) for one_id in projects]))
    url = plain_url(backends.database_url)
    with (
        closing(psycopg2.connect(url)) as merging_one,
        closing(psycopg2.connect(url, options="-c lock_timeout=200")) as ours,
    ):
        with merging_one.cursor() as cursor:
            changes.lock_exclusive(cursor, locked)
        pipeline = Pipeline()
        result = pipeline.store(ours, events)
        assert result.waiting == {locked}
        assert stored(database, projects) == [1, 0, 1]
        merging_one.commit()
        assert pipeline.store(ours, events).waiting == set()
        assert stored(database, projects) == [1, 1, 1]


def stored(database: Connection, project_ids: Sequence[int]) -> list[int]:
    found = [
        one(database, "SELECT count(*)::int FROM events WHERE project_id = %s", one_id)
        for one_id in project_ids
    ]
    database.rollback()
    return [int(str(count)) for count in found]


@pytest.mark.usefixtures("small_bounds")
def test_groups_of_pending_merges_are_known_to_every_processor_and_forgotten_when_done(
    database: Connection, project_id: int
) -> None:
    """A chain of merges, each noted by a processor that has not seen the others."""
    names = [f"p{n}" for n in range(6)]
    for name in names:
        store(database, project_id, history(name, 20))
    for first, second in pairwise(names):
        store(database, project_id, [alias(first, second, NOON + 30 * MINUTE)])
    pending = "SELECT count(*)::int FROM pending_merges WHERE project_id = %s"
    assert one(database, pending, project_id) == 5
    store(database, project_id, [alias("p0", "p5", NOON + 31 * MINUTE)])
    assert one(database, pending, project_id) == 5, "they are one person already"
    store(database, project_id, [identify("p3", None, NOON + 32 * MINUTE)])
    store(database, project_id, history("other", 20))
    store(database, project_id, [identify("other", None, NOON)])
    store(database, project_id, [alias("p0", "other", NOON + 33 * MINUTE)])
    assert one(database, pending, project_id) == 5, "two known persons"
    pending_merges.finish(database, seconds=30, project_id=project_id)
    assert together(database, project_id) == [["other"], names]
    groups = "SELECT count(*)::int FROM pending_persons WHERE project_id = %s"
    assert one(database, groups, project_id) == 0


def note_merges(database: Connection, project_id: int, merges: int) -> None:
    """Note merges of one person with many others, as batches do."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO persons (project_id, person_id, created_at)
            SELECT %(project)s, n, now() FROM generate_series(1, %(merges)s + 1) n;
            INSERT INTO person_distinct_ids (project_id, distinct_id, person_id)
            SELECT %(project)s, 'm' || n, n FROM generate_series(1, %(merges)s + 1) n;
            INSERT INTO person_counters (project_id, last_person_id)
            VALUES (%(project)s, %(merges)s + 1);
            INSERT INTO pending_merges (project_id, distinct_id, previous_id, requested_at)
            SELECT %(project)s, 'm' || n, 'm' || n + 1, now() FROM generate_series(1, %(merges)s) n;
            INSERT INTO pending_persons (project_id, person_id, parent_id, size, is_known)
            SELECT %(project)s, n, 1, %(merges)s + 1, false
            FROM generate_series(1, %(merges)s + 1) n;
            ANALYZE pending_merges, pending_persons, persons, person_distinct_ids
            """,
            {"project": project_id, "merges": merges},
        )
    database.commit()


def test_a_batch_reads_no_more_of_many_pending_merges_than_it_asks_for(
    database: Connection, project_id: int
) -> None:
    note_merges(database, project_id, 20_000)
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL stats_fetch_consistency = none")
        cursor.execute("SELECT pg_stat_force_next_flush()")
        read = "SELECT sum(idx_tup_fetch + seq_tup_read)::int FROM pg_stat_xact_user_tables"
        cursor.execute(read)
        (before,) = cursor.fetchone() or (0,)
        pending = pending_groups.read(cursor, [(project_id, 3), (project_id, 20_000)])
        cursor.execute(read)
        (after,) = cursor.fetchone() or (0,)
        known = persons_store.profiles(cursor, [(project_id, "m3"), (project_id, "m20000")])
    database.rollback()
    assert pending.are_one(project_id, *known.values())
    assert after - before < 20


def test_a_person_is_deleted_before_the_merges_of_others_are_done(
    database: Connection, project_id: int
) -> None:
    note_merges(database, project_id, 5_000)
    with database.cursor() as cursor:
        for ids in (("q1", "q2"), ("q2", "q3")):
            pending_merges.add(cursor, project_id, *ids)
        for number, name in enumerate(("q1", "q2", "q3"), start=6_000):
            cursor.execute(
                "INSERT INTO persons (project_id, person_id, created_at) VALUES (%s, %s, now())",
                (project_id, number),
            )
            cursor.execute(
                "INSERT INTO person_distinct_ids (project_id, distinct_id, person_id) "
                "VALUES (%s, %s, %s)",
                (project_id, name, number),
            )
    database.commit()
    assert delete_person(database, project_id, "q2").distinct_ids == 3
    left = one(
        database, "SELECT count(*)::int FROM pending_merges WHERE project_id = %s", project_id
    )
    assert left == 5_000


@pytest.mark.usefixtures("small_bounds")
def test_a_merge_that_fails_holds_up_no_other_merge_and_no_other_project(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    for project_id in (ours, theirs):
        for pair in (("a", "b"), ("c", "d"), ("e", "f")):
            for person in pair:
                store(database, project_id, history(person, 20))
            store(database, project_id, [alias(*pair, NOON + 30 * MINUTE)])
    merge = merging.merge

    def failing(cursor: Cursor, project_id: int, merged: Profile, target: Profile) -> int:
        number = merge(cursor, project_id, merged, target)
        cursor.execute(
            "SELECT 1 / (count(*) - 2) FROM person_distinct_ids WHERE project_id = %s "
            "AND person_id = %s AND project_id = %s AND distinct_id IN ('a', 'b')",
            (project_id, number, ours),
        )
        return number

    monkeypatch.setattr(merging, "merge", failing)
    done = pending_merges.finish(database, seconds=8)
    assert (done[ours], done[theirs]) == (2, 3)
    persons = "SELECT count(*)::int FROM persons WHERE project_id = %s"
    assert [one(database, persons, project_id) for project_id in (ours, theirs)] == [4, 3]
    assert [found.work for found in list_failed(database) if found.project_id == ours] == ["merge"]
    with database.cursor() as cursor:  # for the tests that come later
        cursor.execute("DELETE FROM pending_merges WHERE project_id = %s", (ours,))
    database.commit()
