"""A public key changes no property of a person or group that a secret key has written."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.persons.properties import MAX_PROPERTIES, Properties
from shared.events.envelope import Event, GroupChange, KeyKind
from tests.integration.processor.test_persons import alias, identify, profile, saying, store
from tests.support.factories import NOON, an_event
from tests.support.sealing import one

HOUR = timedelta(hours=1)
SERVER = {"plan": "enterprise", "email": "boss@x.org"}


def said(database: Connection, project_id: int, reason: str) -> int:
    found = one(
        database,
        "SELECT coalesce(sum(events), 0)::int FROM intake_warnings"
        " WHERE project_id = %s AND reason = %s",
        project_id,
        reason,
    )
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_servers_properties_stand_in_any_order(
    database: Connection, project_id: int, order: Sequence[int]
) -> None:
    writes: list[tuple[KeyKind, Event]] = [
        ("secret", saying("boss", set=SERVER, set_once={"first_campaign": "organic"})),
        ("public", saying("boss", NOON + 22 * HOUR, set={"plan": "hacked", "theme": "dark"})),
        ("public", saying("boss", NOON - 700 * HOUR, set_once={"first_campaign": "evil"})),
        ("public", saying("boss", NOON + HOUR, set={"first_campaign": "evil"})),
    ]
    for place in order:
        kind, event = writes[place]
        store(database, project_id, [event], key_kind=kind)
    expected = {**SERVER, "first_campaign": "organic", "theme": "dark"}
    assert profile(database, project_id, "boss")["properties"] == expected


def test_a_refused_write_is_warned_of(database: Connection, project_id: int) -> None:
    store(database, project_id, [saying("boss", set=SERVER)], key_kind="secret")
    store(database, project_id, [saying("boss", set={"plan": "x", "mine": 1})], key_kind="public")
    assert said(database, project_id, "profile_protected") == 1


def test_a_page_writes_what_no_server_has_written(database: Connection, project_id: int) -> None:
    store(database, project_id, [identify("boss", None)], key_kind="secret")
    store(database, project_id, [saying("boss", NOON - HOUR, set={"plan": "free", "size": 1})],
          key_kind="public")  # fmt: skip
    store(database, project_id, [saying("boss", set={"plan": "pro"})], key_kind="public")
    assert profile(database, project_id, "boss")["properties"] == {"plan": "pro", "size": 1}
    assert said(database, project_id, "profile_protected") == 0


def test_a_time_ahead_gives_a_page_no_precedence(database: Connection, project_id: int) -> None:
    """The event time of a public key counts up to the time of receipt, which is noon here."""
    ahead = saying("ann", NOON + 22 * HOUR, set={"plan": "old"})
    store(database, project_id, [ahead], key_kind="public")
    assert one(
        database,
        "SELECT (property_writes -> 'plan' ->> 1)::bigint FROM persons WHERE project_id = %s",
        project_id,
    ) == NOON.timestamp() * 1_000_000  # fmt: skip


def test_what_an_anonymous_person_says_does_not_shadow_the_server_after_a_merge(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [saying("boss", set=SERVER)], key_kind="secret")
    evil = saying("v-1", NOON + HOUR, set={"plan": "hacked", "theme": "dark"})
    # The server's person has the shorter history, so it is the one that is moved.
    visits = [an_event(person="v-1") for _ in range(5)]
    store(database, project_id, [evil, *visits], key_kind="public")
    store(database, project_id, [alias("v-1", "boss", NOON + HOUR)], key_kind="public")
    found = profile(database, project_id, "v-1")["properties"]
    assert found == {**SERVER, "theme": "dark"}
    again = saying("v-1", NOON + 2 * HOUR, set={"email": "evil@x.org"})
    store(database, project_id, [again], key_kind="public")
    assert profile(database, project_id, "boss")["properties"] == found


def grouped(**values: Any) -> Event:
    event = an_event("$groupidentify")
    event.group = GroupChange("company", "acme", json.dumps(values).encode())
    return event


@pytest.mark.parametrize("server_first", [True, False])
def test_groups_are_protected_alike(
    database: Connection, project_id: int, server_first: bool
) -> None:
    writes: list[tuple[KeyKind, Event]] = [
        ("secret", grouped(seats=5)),
        ("public", grouped(seats=999, color="red")),
    ]
    for kind, event in writes if server_first else reversed(writes):
        store(database, project_id, [event], key_kind=kind)
    found = one(database, "SELECT properties FROM groups WHERE project_id = %s", project_id)
    assert found == {"seats": 5, "color": "red"}


def test_a_page_cannot_fill_the_room_of_the_server(database: Connection, project_id: int) -> None:
    names = {f"k{number:03}": "x" for number in range(MAX_PROPERTIES)}
    store(database, project_id, [saying("boss", set=names)], key_kind="public")
    large = {f"large{number}": "x" * 7_000 for number in range(9)}
    store(database, project_id, [saying("boss", set=large)], key_kind="public")
    store(database, project_id, [saying("boss", set=SERVER)], key_kind="secret")
    found = profile(database, project_id, "boss")["properties"]
    assert {name: found.get(name) for name in SERVER} == SERVER
    store(database, project_id, [saying("boss", set=large)], key_kind="secret")
    assert large.items() <= profile(database, project_id, "boss")["properties"].items()


WRITES = st.lists(
    st.tuples(
        st.sampled_from(["set", "unset"]), st.integers(0, 30), st.integers(0, 3), st.booleans()
    ),
    max_size=6,
    unique_by=lambda write: write[1],
)


@given(WRITES, st.randoms(use_true_random=False))
def test_only_writes_by_secret_key_count_once_there_is_one(writes: list[Any], chance: Any) -> None:
    by_server = [write for write in writes if write[3]]
    expected: dict[str, int] = {}
    for way, _, value, _ in sorted(by_server or writes, key=lambda write: write[1]):
        expected = {"x": value} if way == "set" else {}
    sides = [Properties(), Properties()]
    chance.shuffle(writes)
    for way, time, value, by_secret_key in writes:
        chance.choice(sides).write("x", way, time, value, by_secret_key=by_secret_key)
    sides[0].merge(sides[1])
    sides[0].merge(sides[1])
    assert sides[0].values == expected
