"""Sessions whose ids clients share among persons or days: what storing and merging make of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.persons import identities, pending_merges
from services.processor.persons.deletion import delete_person
from services.processor.sealing.run import seal_due
from services.processor.sessions import matching
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Event, KeyKind, PersonChange
from shared.runtime.advisory_locks import AdvisoryLock
from tests.conftest import make_project
from tests.integration.processor.test_sessions import by_hand, stored
from tests.support.factories import NOON, a_batch, an_event
from tests.support.sealing import list_sealed_days

HOUR = timedelta(hours=1)


class Recorded(Cursor):
    """A cursor that notes what it sends."""

    sent: ClassVar[list[tuple[str, Any]]] = []

    def execute(self, query: Any, values: Any = None) -> None:
        Recorded.sent.append((str(query), values))
        super().execute(query, values)


@pytest.fixture
def sent(database: Connection) -> Iterator[list[tuple[str, Any]]]:
    """The statements of the test's connection, with their values."""
    Recorded.sent = []
    database.cursor_factory = Recorded
    yield Recorded.sent
    database.cursor_factory = Cursor


def store(database: Connection, project_id: int, *events: Event) -> None:
    Pipeline().store(database, list(flatten([a_batch(project_id, list(events))])))


def at(hours: float, person: str = "ann", session_id: str | None = "s") -> Event:
    return an_event(at=NOON + hours * HOUR, person=person, session_id=session_id)


def test_one_id_for_all_persons_takes_as_many_statements_as_for_two(
    database: Connection, project_id: int, sent: list[tuple[str, Any]]
) -> None:
    def statements(persons: int, hours: float) -> int:
        sent.clear()
        store(database, project_id, *(at(hours, f"p{n}") for n in range(persons)))
        return len(sent)

    store(database, project_id, at(0, "first"))
    few, many = statements(2, 1), statements(100, 2)
    late_few, late_many = statements(2, 0.5), statements(100, -30)
    assert many <= few + 3
    assert late_many <= late_few + 5
    with database.cursor() as cursor:
        cursor.execute("SELECT sum(events) FROM sessions WHERE project_id = %s", (project_id,))
        assert cursor.fetchone() == (1 + 2 + 100 + 2 + 100,)


def test_a_late_event_reads_only_the_days_it_may_change(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MAX_RECOUNTED", 5)
    events = [at(100 * day + hour) for day in range(4) for hour in (0, 20, 25)]
    late = at(300 - 2)
    for event in [*events, late]:
        store(database, project_id, event)
    assert stored(database, project_id) == by_hand([*events, late])


def test_an_event_between_two_sessions_joins_the_earlier_though_it_was_stored_later(
    database: Connection, project_id: int
) -> None:
    events = [at(30), at(0), at(20)]
    for event in events:
        store(database, project_id, event)
    assert stored(database, project_id) == by_hand(events)


def test_the_projects_of_a_batch_are_locked_together(
    database: Connection, sent: list[tuple[str, Any]]
) -> None:
    low, high = make_project(database, "UTC"), make_project(database, "UTC")
    store(database, high, at(0, "first"))
    sent.clear()
    batches = [a_batch(high, [at(1)]), a_batch(low, [at(1, session_id=None)])]
    Pipeline().store(database, list(flatten(batches)))
    locked = locked_stripes(sent)
    # What earlier statements locked is given back by ROLLBACK TO SAVEPOINT before the last.
    assert set(locked[-1]) >= {stripe for stripes in locked for stripe in stripes}


def test_an_event_before_its_session_is_placed_under_the_lock(
    database: Connection, project_id: int, sent: list[tuple[str, Any]]
) -> None:
    # Another processor may just be storing the earlier session that it belongs to.
    events = [at(0), at(1), at(-1)]
    store(database, project_id, events[0])
    sent.clear()
    store(database, project_id, events[1])
    assert not locked_stripes(sent)
    store(database, project_id, events[2])
    assert locked_stripes(sent)
    assert stored(database, project_id) == by_hand(events)


def locked_stripes(sent: list[tuple[str, Any]]) -> list[list[int]]:
    """List what was locked by each statement that keeps other processors from placing sessions."""
    key = int(AdvisoryLock.SESSIONS)
    locks = [values for query, values in sent if "pg_advisory_xact_lock(%(lock)s" in query]
    return [
        values["exclusive"] for values in locks if values["lock"] == key and values["exclusive"]
    ]


def test_events_of_both_keys_with_one_id_begin_sessions_of_their_own(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, at(0, "first"))
    same = uuid.UUID(int=7)
    batches = []
    kinds: list[tuple[str, KeyKind]] = [("ann", "public"), ("bob", "secret")]
    for person, kind in kinds:
        event = an_event(at=NOON, person=person, session_id="s", event_id=same)
        batches.append(a_batch(project_id, [event], key_kind=kind))
    Pipeline().store(database, list(flatten(batches)))
    assert len(stored(database, project_id)) == 3


def merge(database: Connection, project_id: int) -> None:
    """Merge bob into ann, at once or in the steps of a large merge."""
    joining = an_event("$identify", at=NOON + 200 * HOUR, person="ann")
    joining.person = PersonChange(link="identify", previous_id="bob")
    store(database, project_id, joining)
    pending_merges.finish(database, seconds=30, project_id=project_id)


@pytest.mark.parametrize("rows_at_once", [1, 1000])
def test_merged_sessions_of_one_id_divide_as_those_of_one_person(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr(identities, "_MAX_ROWS", rows_at_once)
    monkeypatch.setattr(pending_merges, "_ROWS_PER_STEP", rows_at_once)
    events = [at(hours, "ann") for hours in (0, 20, 30, 50, 52, 60)]
    events += [at(hours, "bob", name) for hours in (-10, 10, 22, 44) for name in ("s", "own")]
    for event in events:
        store(database, project_id, event)
    merge(database, project_id)
    assert stored(database, project_id) == by_hand(events, same={"bob": "ann"})


def test_a_session_between_others_finds_them_though_the_first_was_merged_away(
    database: Connection, project_id: int
) -> None:
    events = [at(0, "ann"), at(-6, "bob"), at(30, "bob"), at(60, "bob")]
    for event in events:
        store(database, project_id, event)
    merge(database, project_id)
    later = at(44, "ann")
    store(database, project_id, later)
    assert stored(database, project_id) == by_hand([*events, later], same={"bob": "ann"})


def test_a_late_session_that_is_divided_moves_the_one_after_its_end(
    database: Connection, project_id: int
) -> None:
    events = [at(0), at(7), at(50.5), at(61.5)]
    for event in events:
        store(database, project_id, event)
    late = [at(22.5), at(36.8), at(39.7)]
    store(database, project_id, *late)
    assert stored(database, project_id) == by_hand([*events, *late])


def test_a_day_whose_session_joins_that_of_the_day_before_is_sealed_again(
    database: Connection, project_id: int
) -> None:
    midnight = 12
    store(database, project_id, at(midnight - 0.5, "bob"), at(midnight + 0.5, "ann"))
    store(database, project_id, at(midnight + 1, "ann"))
    seal_due(database, now=NOON + 60 * HOUR)
    day = NOON.date()
    assert list_sealed_days(project_id, day, days=2) == [day, day + 24 * HOUR]
    merge(database, project_id)
    assert list_sealed_days(project_id, day, days=2) == []


def test_an_id_that_a_client_took_before_costs_no_session(
    database: Connection, project_id: int
) -> None:
    event = at(0)
    taken = at(0, "eve", f"s~{uuid.UUID(bytes=event.event_id)}")
    store(database, project_id, at(0, "first"), taken)
    store(database, project_id, event)
    assert len(stored(database, project_id)) == 3


def test_a_session_of_an_earlier_version_has_nothing_left_of_a_deleted_person(
    database: Connection, project_id: int
) -> None:
    visits = [("ann", 0, "/a"), ("bob", 1, "/b"), ("cyd", 2, "/c"), ("ann", 3, "/d")]
    events = []
    for person, hours, page in visits:
        event = an_event("$pageview", at=NOON + hours * HOUR, person=person, session_id="s1")
        event.page_url = page
        events.append(event)
    Pipeline().store(database, list(flatten([a_batch(project_id, events)])))
    with database.cursor() as cursor:
        # As an earlier version had it: one row for all persons who sent the id.
        cursor.execute(
            "DELETE FROM sessions WHERE project_id = %s AND session_id <> 's1'", (project_id,)
        )
        assert cursor.rowcount == 2
        cursor.execute(
            "UPDATE sessions SET events = 4, pageviews = 4, exit_page = '/d' WHERE project_id = %s",
            (project_id,),
        )
    database.commit()
    delete_person(database, project_id, "bob")
    left = [event for event in events if event.distinct_id != "bob"]
    assert stored(database, project_id) == by_hand(left)
