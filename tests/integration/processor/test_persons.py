"""Persons: one behind many ids, with what they are known to be, and gone when they are deleted."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.jobs.tasks import delete_person
from services.processor.maintenance import retention
from services.processor.persons.properties import Properties
from services.processor.sealing.day import seal_day
from services.processor.sealing.run import seal_due
from services.processor.storing import outcome_counts
from services.processor.storing.pipeline import Pipeline, Result
from services.processor.storing.rows import flatten
from services.query.execution.read_session import read_only_session
from services.query.sources.coverage import find_coverage
from shared.events.envelope import Event, GroupChange, KeyKind, PersonChange
from tests.conftest import make_project
from tests.support.factories import NOON, a_batch, an_event
from tests.support.sealing import UTC, one, persons_of, whole

MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=1)


def store(
    database: Connection,
    project_id: int,
    events: Sequence[Event],
    pipeline: Pipeline | None = None,
    key_kind: KeyKind = "unknown",
    received_at: datetime = NOON,
) -> Result:
    batch = a_batch(project_id, events, received_at, key_kind=key_kind)
    batch.batch_id = uuid.uuid4().bytes
    result = (pipeline or Pipeline()).store(database, list(flatten([batch])))
    outcome_counts.record(database, [batch], result.repeated)
    return result


def identify(user: str, before: str | None, at: datetime = NOON) -> Event:
    event = an_event("$identify", at=at, person=user)
    event.person = PersonChange(link="identify", previous_id=before)
    return event


def alias(person: str, other: str, at: datetime = NOON) -> Event:
    event = an_event("$create_alias", at=at, person=person)
    event.person = PersonChange(link="alias", previous_id=other)
    return event


def saying(
    person: str,
    at: datetime = NOON,
    set: dict[str, Any] | None = None,  # noqa: A002 (the protocol's name)
    set_once: dict[str, Any] | None = None,
) -> Event:
    event = an_event("$set", at=at, person=person)
    event.person = PersonChange(
        set=json.dumps(set).encode() if set else b"",
        set_once=json.dumps(set_once).encode() if set_once else b"",
    )
    return event


def together(database: Connection, project_id: int) -> list[list[str]]:
    """Which ids are one person's, by the ids and by the rows, which must agree."""
    found = []
    for table in ("person_distinct_ids", "events"):
        with database.cursor() as cursor:
            cursor.execute(
                f"SELECT array_agg(DISTINCT distinct_id ORDER BY distinct_id) FROM {table}"
                " WHERE project_id = %s GROUP BY person_id ORDER BY 1",
                (project_id,),
            )
            found.append([ids for (ids,) in cursor])
        database.rollback()
    ids, rows = found
    assert all(any(set(row) <= set(known) for known in ids) for row in rows)
    return ids


def profile(database: Connection, project_id: int, distinct_id: str) -> dict[str, Any]:
    found = one(
        database,
        "SELECT to_jsonb(p) FROM persons p JOIN person_distinct_ids USING (project_id, person_id)"
        " WHERE project_id = %s AND distinct_id = %s",
        project_id,
        distinct_id,
    )
    assert isinstance(found, dict)
    return found


def test_a_visitor_who_signs_up_stays_the_same_person(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(person="v-1", at=NOON - MINUTE)])
    before = profile(database, project_id, "v-1")
    assert before["identified_at"] is None
    store(database, project_id, [identify("ann", "v-1"), an_event(person="ann")])
    assert together(database, project_id) == [["ann", "v-1"]]
    after = profile(database, project_id, "ann")
    assert datetime.fromisoformat(after["identified_at"]) == NOON
    assert datetime.fromisoformat(after["converted_at"]) == NOON


def test_a_known_user_gets_the_events_of_a_new_device(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [identify("ann", None), an_event(person="phone")])
    store(database, project_id, [identify("ann", "phone", NOON + MINUTE)])
    assert together(database, project_id) == [["ann", "phone"]]


def test_two_known_users_of_one_device_stay_two_and_it_is_warned_of(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [identify("ann", "tablet")], key_kind="secret")
    store(database, project_id, [identify("bob", None)], key_kind="secret")
    for _ in range(2):  # it comes twice, and is warned of once
        asked = identify("bob", "tablet", NOON + MINUTE)
        batch = a_batch(project_id, [asked], key_kind="secret")
        batch.batch_id = uuid.uuid4().bytes
        for _ in range(2):
            result = Pipeline().store(database, list(flatten([batch])))
            outcome_counts.record(database, [batch], result.repeated)
    assert together(database, project_id) == [["ann", "tablet"], ["bob"]]
    said = one(
        database,
        "SELECT sum(events)::int FROM intake_warnings"
        " WHERE project_id = %s AND reason = 'identity_refused'",
        project_id,
    )
    assert said == 2


def test_an_alias_joins_two_ids(database: Connection, project_id: int) -> None:
    store(database, project_id, [an_event(person="a"), an_event(person="b")])
    store(database, project_id, [alias("a", "b"), alias("a", "c")])
    assert together(database, project_id) == [["a", "b", "c"]]
    assert profile(database, project_id, "a")["identified_at"] is None


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_links_join_the_same_ids_in_any_order(
    database: Connection, project_id: int, order: tuple[int, ...]
) -> None:
    events = [
        an_event(person="v-1", at=NOON),
        identify("ann", "v-1", NOON + MINUTE),
        an_event(person="ann", at=NOON + 2 * MINUTE),
        identify("ann", "v-2", NOON + 3 * MINUTE),
    ]
    pipelines = [Pipeline(), Pipeline()]  # two processors, each with its own memory
    for number, place in enumerate(order):
        store(database, project_id, [events[place]], pipelines[number % 2])
    assert together(database, project_id) == [["ann", "v-1", "v-2"]]


def test_a_processor_that_remembers_a_merged_person_stores_for_the_right_one(
    database: Connection, project_id: int
) -> None:
    remembers, merges = Pipeline(), Pipeline()
    store(database, project_id, [an_event(person="v-1"), identify("ann", None)], remembers)
    store(database, project_id, [identify("ann", "v-1")], merges)
    store(database, project_id, [an_event(person="v-1"), an_event(person="ann")], remembers)
    assert one(
        database, "SELECT count(DISTINCT person_id) FROM events WHERE project_id = %s", project_id
    ) == 1  # fmt: skip


def test_a_sealed_day_counts_merged_persons_as_one(database: Connection, project_id: int) -> None:
    store(database, project_id, [an_event(person="v-1"), an_event(person="ann")])
    day = NOON.date()
    seal_day(database, project_id, day, UTC)
    store(database, project_id, [identify("ann", "v-1", NOON + timedelta(days=1))])
    with read_only_session() as session:
        assert find_coverage(session, project_id, whole(day)).dates == []
    seal_day(database, project_id, day, UTC)
    found = persons_of(project_id, whole(day))
    assert len(found) == 1


def test_persons_merged_after_their_rows_expired_are_one_in_sealed_days_too(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(person="v-1"), an_event(person="ann")])
    now = NOON + timedelta(days=40)
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 30 WHERE id = %s", (project_id,))
    database.commit()
    seal_due(database, now, project_id=project_id)
    assert retention.remove_expired(database, now, project_id=project_id).expired_days
    store(database, project_id, [identify("ann", "v-1", now)])
    found = persons_of(project_id, whole(NOON.date()))
    assert len(found) == 1


def test_properties_are_those_of_the_latest_event_whatever_came_last(
    database: Connection, project_id: int
) -> None:
    late = saying("ann", NOON, set={"plan": "free", "city": "Rome"}, set_once={"first": "mail"})
    newer = [saying("ann", NOON + MINUTE, set={"plan": "pro"})]
    store(database, project_id, newer, received_at=LATER)
    older = [late, saying("ann", NOON + MINUTE, set_once={"first": "ad"})]
    store(database, project_id, older, received_at=LATER)
    properties = profile(database, project_id, "ann")["properties"]
    assert properties == {"plan": "pro", "city": "Rome", "first": "mail"}


WRITES = st.lists(
    st.tuples(st.sampled_from(["set", "unset", "once"]), st.integers(0, 30), st.integers(0, 3)),
    max_size=6,
    unique_by=lambda write: write[1],
)


@settings(max_examples=500)
@given(WRITES, st.randoms(use_true_random=False))
def test_writes_count_in_event_order(writes: list[Any], chance: Any) -> None:
    """Against replaying them in order; but for the one case that the module names."""
    only_once = [write for write in writes if write[0] == "once"]
    writes = [write for write in writes if write[0] != "once"] + only_once[:1]
    expected: dict[str, int] = {}
    for way, _, value in sorted(writes, key=lambda write: write[1]):
        if way == "unset":
            expected.pop("x", None)
        elif way == "set" or "x" not in expected:
            expected["x"] = value
    shuffled = list(writes)
    chance.shuffle(shuffled)
    one_side, other_side = Properties(), Properties()
    for way, time, value in shuffled:
        side = one_side if chance.random() < 0.5 else other_side
        side.write("x", way, time, value)
    one_side.merge(other_side)
    one_side.merge(other_side)
    assert one_side.values == expected


@given(
    st.lists(
        st.tuples(st.sampled_from(["set", "unset"]), st.integers(0, 2), st.integers(0, 3)),
        max_size=8,
    )
)
def test_of_writes_at_the_same_time_the_last_one_sent_counts(writes: list[Any]) -> None:
    stored = Properties()
    for way, time, value in writes:
        change = Properties()
        change.write("x", way, time, value)
        stored.merge(change)
    in_one_request = Properties()
    for way, time, value in writes:
        in_one_request.write("x", way, time, value)
    expected = {}
    for way, _, value in sorted(writes, key=lambda write: write[1]):  # equal times stay as sent
        expected = {"x": value} if way == "set" else {}
    assert stored.values == in_one_request.values == expected


def test_two_calls_at_one_time_leave_what_the_last_one_set(
    database: Connection, project_id: int
) -> None:
    calls = [saying("ann", NOON, set={"plan": plan}) for plan in ("free", "pro")]
    store(database, project_id, calls)
    assert profile(database, project_id, "ann")["properties"] == {"plan": "pro"}
    store(database, project_id, [saying("ann", NOON, set={"plan": "team"})])
    assert profile(database, project_id, "ann")["properties"] == {"plan": "team"}


def test_a_merged_person_has_the_properties_of_both(database: Connection, project_id: int) -> None:
    store(database, project_id, [saying("v-1", NOON, set={"a": 1, "b": 1})])
    store(database, project_id, [identify("ann", None), saying("ann", NOON + MINUTE, set={"b": 2})])
    store(database, project_id, [identify("ann", "v-1", NOON + 2 * MINUTE)])
    assert profile(database, project_id, "ann")["properties"] == {"a": 1, "b": 2}


def test_of_two_persons_the_one_who_remains_wins_at_the_same_time(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [identify("ann", None), saying("ann", set={"plan": "pro"})])
    store(database, project_id, [saying("v-1", set={"plan": "free"})])
    store(database, project_id, [identify("ann", "v-1", NOON + MINUTE)])
    assert profile(database, project_id, "ann")["properties"] == {"plan": "pro"}


def test_groups_have_properties(database: Connection, project_id: int) -> None:
    for at, seats in ((NOON + MINUTE, b'{"seats":9}'), (NOON, b'{"seats":5,"name":"Acme"}')):
        event = an_event("$groupidentify", at=at)
        event.group = GroupChange("company", "acme", seats)
        store(database, project_id, [event], received_at=LATER)
    found = one(database, "SELECT properties FROM groups WHERE project_id = %s", project_id)
    assert found == {"seats": 9, "name": "Acme"}


TABLES = ("events", "sessions", "persons", "person_distinct_ids", "event_counts", "dead_letters")


def test_a_deleted_person_is_gone_everywhere_and_stays_gone(
    database: Connection, stream: Redis, project_id: int
) -> None:
    long_ago = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=2)
    remembers = Pipeline()
    theirs = [
        saying("v-1", long_ago, set={"mail": "ann@example.org"}),
        identify("ann", "v-1", long_ago + MINUTE),
        an_event(person="ann", at=long_ago + 2 * MINUTE, session_id="s1"),
    ]
    bad = an_event(person="ann", at=long_ago)
    bad.properties = b'{"number": 1e999999}'
    theirs.append(bad)
    result = store(database, project_id, theirs, remembers)
    assert result.dead_letters == 1
    day = long_ago.date()
    seal_day(database, project_id, day, UTC)

    assert delete_person(project_id, "v-1")["stream_is_clear"]
    for again in (theirs, [an_event(person="ann", at=long_ago), identify("ann", "v-1", long_ago)]):
        for pipeline in (remembers, Pipeline()):
            assert store(database, project_id, again, pipeline).stored == []
    for table in TABLES:
        assert one(database, f"SELECT count(*) FROM {table} WHERE project_id = %s", project_id) == 0
    seal_day(database, project_id, day, UTC)
    found = persons_of(project_id, whole(day))
    assert len(found) == 0

    now = datetime.now(timezone.utc)
    later = a_batch(project_id, [an_event(person="ann", at=now + MINUTE)], now)
    assert len(remembers.store(database, list(flatten([later]))).stored) == 1


def test_deleting_one_person_leaves_the_others_counts_alone(
    database: Connection, stream: Redis, project_id: int
) -> None:
    store(database, project_id, [an_event(person="ann") for _ in range(3)])
    store(database, project_id, [an_event(person="bob") for _ in range(2)])
    delete_person(project_id, "ann")
    assert one(
        database, "SELECT sum(events)::int FROM event_counts WHERE project_id = %s", project_id
    ) == 2  # fmt: skip
    assert together(database, project_id) == [["bob"]]


STEPS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["does", "identify", "alias"]),
              st.sampled_from("abcd")),
    max_size=8,
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_ids_and_rows_agree_after_any_links(
    database: Connection, steps: list[tuple[str, str, str]]
) -> None:
    project_id = make_project(database, "UTC")
    people: dict[str, set[str]] = {}
    known: set[str] = set()  # ids of known users
    pipelines = itertools.cycle([Pipeline(), Pipeline()])
    for number, (person, what, other) in enumerate(steps):
        at = NOON + number * MINUTE
        own = people.setdefault(person, {person})
        if what == "does":
            event = an_event(person=person, at=at)
        else:
            event = (identify if what == "identify" else alias)(person, other, at)
            others = people.setdefault(other, {other})
            refused = others & known and (what == "identify" or own & known)
            if others is not own and not refused:
                own |= others
                for one_id in own:
                    people[one_id] = own
            if what == "identify":
                known |= people[person]
        store(database, project_id, [event], next(pipelines))
        known |= {one_id for one_id in people if people[one_id] & known}
    expected = {tuple(sorted(ids)) for ids in people.values()}
    assert together(database, project_id) == sorted(map(list, expected))
