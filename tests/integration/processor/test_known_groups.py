"""Stored properties of groups that conditions of flags ask for, compared with rows."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json
from redis import Redis

from deploy.local.children import free_port
from services.processor.recent_events import building
from services.processor.recent_events import groups as kept_groups
from services.processor.recent_events.building import keep_recent_events
from shared.events.envelope import Event, GroupChange
from shared.flags.known_groups import key_of, look_up
from shared.flags.recent_events import prefix_of
from tests.integration.processor.test_recent_events import (
    NOW,
    add_flag,
    keep,
    keeper,
    no_pause,
    state,
    store,
)
from tests.support.factories import an_event
from tests.support.sealing import one

__all__ = ["no_pause", "state"]

_NAMES = ("plan", "level")


def add_group_flag(
    database: Connection, project_id: int, names: Sequence[str], key: str = "of-groups"
) -> None:
    """Store a flag with conditions on properties of groups, such as ``company.plan``."""
    filters = [{"property": name, "scope": "group", "operator": "is_set"} for name in names]
    definition = Json({"key": key, "conditions": [{"filters": filters}]})
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO feature_flags (project_id, key, version, definition, created_by) "
            "VALUES (%s, %s, 1, %s, 1) ON CONFLICT (project_id, key) "
            "DO UPDATE SET definition = excluded.definition",
            (project_id, key, definition),
        )
    database.commit()


def describe(group_type: str, key: str, at: Any = NOW, **properties: Any) -> Event:
    event = an_event("$groupidentify", at=at, person="somebody")
    event.group = GroupChange(group_type, key, msgspec.json.encode(properties))
    return event


def known(
    state: Redis, project_id: int, key: str, names: Sequence[str] = _NAMES, kind: str = "company"
) -> dict[str, Any]:
    return look_up(state, project_id, {kind: (key, names)})[kind]


def by_rows(database: Connection, project_id: int, key: str) -> dict[str, Any]:
    values = one(
        database,
        "SELECT (SELECT properties FROM groups WHERE project_id = %s "
        "AND group_type = 'company' AND group_key = %s)",
        *(project_id, key),
    )
    assert isinstance(values, dict | None)
    return {name: value for name, value in (values or {}).items() if name in _NAMES}


@pytest.mark.parametrize("seed", range(3))
def test_properties_of_groups_are_those_that_are_stored(
    database: Connection, project_id: int, state: Redis, seed: int
) -> None:
    """Through changes by two processors, late ones too, with a search from time to time."""
    chance = random.Random(seed)
    keys = ["acme", "ACME", "ünï 雪", "7", "with.point", "with:colon"]
    add_group_flag(database, project_id, ["company.plan", "company.level", "guild.plan"])
    store(database, project_id, [describe("company", "acme", plan="before", other=1)])
    assert known(state, project_id, "acme") == {}
    keep_recent_events(database, state, NOW)
    assert known(state, project_id, "acme") == {"plan": "before"}
    kept = [keeper(database), keeper(database)]
    for step in range(40):
        at = NOW + timedelta(seconds=chance.randrange(-50, 50))
        name = chance.choice(["plan", "level", "other"])
        kind = chance.choice(["company", "company", "guild", "team"])
        events = [
            describe(kind, key, at, **{name: chance.choice(["ä", 7, 1.5, None, True, "x" * 300])})
            for key in chance.sample(keys, chance.randrange(1, 4))
        ]
        keep(chance.choice(kept), store(database, project_id, events, NOW))
        if chance.random() > 0.9:
            keep_recent_events(database, state, NOW)
        for key in keys:
            expected = {
                name: value
                for name, value in by_rows(database, project_id, key).items()
                if len(str(value)) < 256
            }
            assert known(state, project_id, key) == expected, (step, key)
    assert not state.exists(key_of(project_id, "team"))


def test_what_a_processor_could_not_add_is_found_again(
    database: Connection, project_id: int, state: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_group_flag(database, project_id, ["company.plan"])
    keep_recent_events(database, state, NOW)
    kept = keeper(database)
    keep(kept, store(database, project_id, [describe("company", "acme", plan="free")]))
    assert known(state, project_id, "acme") == {"plan": "free"}
    monkeypatch.setattr(kept, "_redis", Redis(port=free_port()))
    later = NOW + timedelta(seconds=1)
    keep(kept, store(database, project_id, [describe("company", "acme", later, plan="pro")]))
    monkeypatch.setattr(kept, "_redis", state)
    monkeypatch.setattr(kept, "_looked_at", 0.0)
    keep(kept, store(database, project_id, [an_event("seen", at=NOW)]))
    # What may be old is not known, until it is found.
    assert known(state, project_id, "acme") == {}
    keep_recent_events(database, state, NOW)
    assert known(state, project_id, "acme") == {"plan": "pro"}


def test_only_what_conditions_ask_for_is_kept(
    database: Connection, project_id: int, state: Redis
) -> None:
    add_group_flag(database, project_id, ["company.plan"])
    add_group_flag(database, project_id, ["company.level", "guild.plan"], "other")
    events = [
        describe("company", "acme", plan="pro", level=3, secret="s" * 200),
        describe("guild", "acme", plan="old"),
    ]
    store(database, project_id, events)
    keep_recent_events(database, state, NOW)
    assert known(state, project_id, "acme") == {"plan": "pro", "level": 3}
    assert known(state, project_id, "acme", ["plan"], "guild") == {"plan": "old"}
    add_group_flag(database, project_id, [], "other")
    keep_recent_events(database, state, NOW)
    assert known(state, project_id, "acme") == {"plan": "pro"}
    assert not state.exists(key_of(project_id, "guild"))
    add_group_flag(database, project_id, [])
    keep_recent_events(database, state, NOW)
    assert not list(state.scan_iter(match=f"{prefix_of(project_id)}:*"))


def test_too_many_persons_who_did_an_event_leave_groups_alone(
    database: Connection, project_id: int, state: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MAX_IDS", 2)
    add_group_flag(database, project_id, ["company.plan"])
    add_flag(database, project_id)
    store(database, project_id, [describe("company", "acme", plan="pro")])
    some = [an_event("bought", at=NOW, person=f"p{number}") for number in range(4)]
    store(database, project_id, some)
    kept, later = keeper(database), NOW + timedelta(seconds=1)
    for plan in ("pro", "free"):
        keep_recent_events(database, state, NOW)
        assert known(state, project_id, "acme") == {"plan": plan}
        assert not state.hexists(prefix_of(project_id), "bought")
        keep(kept, store(database, project_id, [describe("company", "acme", later, plan="free")]))
    # Conditions on more properties are known within the hour, too.
    add_group_flag(database, project_id, ["company.plan", "company.level"])
    store(database, project_id, [describe("company", "acme", later, level=3)])
    keep_recent_events(database, state, NOW)
    assert known(state, project_id, "acme") == {"plan": "free", "level": 3}


def test_too_many_groups_of_a_type_leave_the_other_types_alone(
    database: Connection,
    project_id: int,
    state: Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(kept_groups, "MAX_GROUPS", 2)
    add_group_flag(database, project_id, ["company.plan", "guild.plan"])
    kept = keeper(database)
    keep_recent_events(database, state, NOW)
    some = [describe("company", key, plan="pro") for key in ("a", "b")]
    keep(kept, store(database, project_id, [*some, describe("guild", "g", plan="old")]))
    assert known(state, project_id, "b", ["plan"]) == {"plan": "pro"}
    keep(kept, store(database, project_id, [describe("company", "c", plan="pro")]))
    for _ in range(2):
        assert known(state, project_id, "a", ["plan"]) == {}
        assert known(state, project_id, "g", ["plan"], "guild") == {"plan": "old"}
        with caplog.at_level(logging.WARNING):
            keep_recent_events(database, state, NOW)
    assert "groups of type company" in caplog.text
    assert not state.exists(key_of(project_id, "company"))
