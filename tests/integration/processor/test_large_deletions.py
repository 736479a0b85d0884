"""A person with a large history is deleted in steps, so that other projects wait for none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.persons import deletion
from services.processor.persons.deletion import delete_person
from services.processor.sealing import dirty_days
from services.processor.sealing.run import seal_due
from tests.integration.processor.test_persons import TABLES, store, together
from tests.support.factories import NOON, an_event
from tests.support.sealing import one

_STEP = 10
MINUTE = timedelta(minutes=1)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that a handful of events exceeds."""
    monkeypatch.setattr(deletion, "_ROWS_PER_STEP", _STEP)


@contextmanager
def removals(database: Connection) -> Iterator[list[tuple[int, int]]]:
    """Rows of events and sessions that each transaction removes, as PostgreSQL counts them."""
    mark, counts, seen = dirty_days.mark_dirty, list[tuple[int, int]](), list[tuple[int, int]]()

    def count(cursor: Cursor) -> None:
        cursor.execute("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM sessions)")
        counts.append(cursor.fetchone() or (0, 0))

    def marking(cursor: Cursor, buckets: Any) -> None:
        count(cursor)
        (*_, before, now) = counts
        seen.append((before[0] - now[0], before[1] - now[1]))
        mark(cursor, buckets)

    with database.cursor() as cursor:
        count(cursor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dirty_days, "mark_dirty", marking)
        yield seen


def visits(person: str, number: int, *, every: timedelta) -> list[Any]:
    """Events of a person, each in a session of its own."""
    return [
        an_event(person=person, at=NOON + n * every, session_id=f"{person} {n}")
        for n in range(number)
    ]


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("every", [MINUTE, timedelta(0), timedelta(hours=7)])
def test_no_transaction_removes_more_than_a_step(
    database: Connection, project_id: int, every: timedelta
) -> None:
    """Also where all events happened at one time."""
    store(database, project_id, visits("ann", 37, every=every))
    store(database, project_id, visits("bob", 3, every=every))
    with removals(database) as removed:
        done = delete_person(database, project_id, "ann")
    assert (done.events, done.sessions, done.distinct_ids) == (37, 37, 1)
    assert all(events <= _STEP and sessions <= _STEP for events, sessions in removed), removed
    assert tuple(map(sum, zip(*removed, strict=True))) == (37, 37)
    assert together(database, project_id) == [["bob"]]
    assert one(
        database, "SELECT sum(events)::int FROM event_counts WHERE project_id = %s", project_id
    ) == 3  # fmt: skip


@pytest.mark.usefixtures("small_steps")
def test_sessions_of_others_with_the_same_ids_stay_as_they_are(
    database: Connection, project_id: int
) -> None:
    """Also those whose events are gone, as they expire before their sessions do."""
    for person, visits_in_turn in (("bob", range(30)), ("ann", reversed(range(30)))):
        for visit in visits_in_turn:
            pair = [
                an_event(person=person, at=NOON + at * MINUTE, session_id=f"visit {visit}")
                for at in (2 * visit, 2 * visit + 1)
            ]
            store(database, project_id, pair)
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM events WHERE project_id = %s AND distinct_id = 'bob' AND timestamp >= %s",
            (project_id, NOON + 50 * MINUTE),
        )
    database.commit()
    done = delete_person(database, project_id, "ann")
    assert (done.events, done.sessions) == (60, 30)
    assert one(
        database,
        "SELECT array_agg(DISTINCT events) FROM sessions WHERE project_id = %s",
        project_id,
    ) == [2]
    assert one(database, "SELECT count(*) FROM sessions WHERE project_id = %s", project_id) == 30


@pytest.mark.usefixtures("small_steps")
def test_a_deletion_that_ended_between_its_steps_is_finished_by_the_next(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, project_id, visits("ann", 37, every=MINUTE))
    seal_due(database, NOON + timedelta(days=3), project_id=project_id)
    steps: list[datetime] = []
    mark = dirty_days.mark_dirty

    def ends(cursor: Cursor, buckets: Any) -> None:
        steps.append(NOON)
        if len(steps) == 3:
            raise InterruptedError
        mark(cursor, buckets)

    monkeypatch.setattr(dirty_days, "mark_dirty", ends)
    with pytest.raises(InterruptedError):
        delete_person(database, project_id, "ann")
    database.rollback()
    monkeypatch.setattr(dirty_days, "mark_dirty", mark)
    left = one(database, "SELECT count(*)::int FROM events WHERE project_id = %s", project_id)
    counted = "SELECT sum(events)::int FROM event_counts WHERE project_id = %s"
    assert left == one(database, counted, project_id) == 17
    assert one(
        database,
        "SELECT count(*) FROM sealed_days WHERE project_id = %s AND sealed_version <> version",
        project_id,
    ), "a day that has lost rows is not answered from its seal"

    assert delete_person(database, project_id, "ann").events == 17
    for table in TABLES:
        assert one(database, f"SELECT count(*) FROM {table} WHERE project_id = %s", project_id) == 0
