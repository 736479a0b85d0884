"""What merging costs is bounded, and comes to the same as merging at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.persons import changes, identities, merging, pending_merges
from services.processor.persons.deletion import delete_person
from services.processor.sealing.run import seal_due
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
    # one session of minutes 0 to 50
    assert rows_by_person(database, project_id) == [(75, 1, 75)]


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
def test_while_a_merge_is_pending_it_counts_for_what_is_refused(
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
