"""What a public key may do to persons and ids, beside a secret key; restarts in between."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.persons import identities, link_rules, pending_merges
from services.processor.storing.pipeline import Pipeline, Result
from shared.events.envelope import Event
from tests.conftest import plain_url
from tests.integration.processor.test_persons import alias, identify, profile, store, together
from tests.support.factories import NOON, an_event
from tests.support.sealing import one

MINUTE = timedelta(minutes=1)


def public(database: Connection, project_id: int, *events: Event) -> Result:
    """Store with a public key, in a processor that has just started."""
    return store(database, project_id, events, key_kind="public")


def secret(database: Connection, project_id: int, *events: Event) -> Result:
    """Store with a secret key, in a processor that has just started."""
    return store(database, project_id, events, key_kind="secret")


def refusals(database: Connection, project_id: int) -> int:
    found = one(
        database,
        "SELECT coalesce(sum(events), 0)::int FROM intake_warnings"
        " WHERE project_id = %s AND reason = 'identity_refused'",
        project_id,
    )
    assert isinstance(found, int)
    return found


def test_public_aliases_merge_no_persons_of_a_server(database: Connection, project_id: int) -> None:
    players = [f"player-{number}" for number in range(20)]
    secret(database, project_id, *(an_event(person=player) for player in players))
    secret(database, project_id, identify("known-1", "anon-k1"))
    before = together(database, project_id)
    asked = [alias("player-0", player) for player in [*players[1:], "known-1"]]
    result = public(database, project_id, *asked)
    assert len(result.stored) == 20  # refused calls are events nevertheless
    assert together(database, project_id) == before
    assert refusals(database, project_id) == 1
    secret(database, project_id, alias("player-0", "player-1"))
    assert ["player-0", "player-1"] in together(database, project_id)


def test_public_aliases_merge_no_persons_that_a_server_uses_later(
    database: Connection, project_id: int
) -> None:
    players = [f"player-{number}" for number in range(20)]
    public(database, project_id, *(alias("player-0", player) for player in players[1:]))
    public(database, project_id, an_event(person="player-3", at=NOON - MINUTE))
    remembers = Pipeline()
    store(database, project_id, [an_event(person=one) for one in players], remembers, "public")
    store(database, project_id, [an_event("bought", person=one) for one in players[:10]],
          key_kind="secret")  # fmt: skip
    store(database, project_id, [an_event("bought", person=one) for one in players[10:]],
          remembers, "secret")  # fmt: skip
    store(database, project_id, [an_event("sold", person="player-5")], remembers, "secret")
    of = "SELECT count(DISTINCT person_id)::int FROM events WHERE project_id = %s AND event_name"
    assert one(database, f"{of} = 'bought'", project_id) == 20
    by_one = f"{of} IN ('bought', 'sold') AND distinct_id = 'player-5'"
    assert one(database, by_one, project_id) == 1
    assert refusals(database, project_id) > 0


@pytest.mark.parametrize("server_first", [True, False])
def test_no_public_key_takes_over_the_history_of_a_servers_user(
    database: Connection, project_id: int, server_first: bool
) -> None:
    bought, stolen = an_event("bought", person="victim"), identify("attacker", "victim")
    first, second = (secret, public) if server_first else (public, secret)
    first(database, project_id, bought if server_first else stolen)
    second(database, project_id, stolen if server_first else bought)
    secret(database, project_id, identify("victim", "anon-v", NOON + MINUTE))
    secret(database, project_id, an_event("bought", person="victim", at=NOON + MINUTE))
    together_now = [set(ids) for ids in together(database, project_id)]
    assert {"victim", "anon-v"} in together_now
    assert {"attacker"} in together_now
    assert one(
        database,
        "SELECT count(DISTINCT person_id)::int FROM events"
        " WHERE project_id = %s AND event_name = 'bought'",
        project_id,
    ) == 1  # fmt: skip


def test_a_server_may_say_what_the_page_has_said(database: Connection, project_id: int) -> None:
    public(database, project_id, an_event(person="v-1", at=NOON - MINUTE), identify("ann", "v-1"))
    before = profile(database, project_id, "ann")
    secret(database, project_id, identify("ann", "v-1", NOON + MINUTE))
    assert profile(database, project_id, "v-1")["person_id"] == before["person_id"]
    assert refusals(database, project_id) == 0
    secret(database, project_id, an_event(person="v-1", at=NOON + 2 * MINUTE))
    assert together(database, project_id) == [["ann", "v-1"]]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_browsers_join_what_a_visitor_did_in_any_order(
    database: Connection, project_id: int, order: Sequence[int]
) -> None:
    events = [
        an_event(person="v-1"),
        identify("ann", "v-1", NOON + MINUTE),
        identify("ann", "v-2", NOON + 2 * MINUTE),
    ]
    for number in order:
        public(database, project_id, events[number])
        if number == 1:
            secret(database, project_id, an_event("billed", person="ann"))
    assert together(database, project_id) == [["ann", "v-1", "v-2"]]
    assert refusals(database, project_id) == 0


@pytest.mark.parametrize("asked", [alias("user-7", "v-1"), alias("v-1", "user-7")])
def test_an_alias_may_name_the_anonymous_id_first_or_second(
    database: Connection, project_id: int, asked: Event
) -> None:
    asked.event_id = uuid.uuid4().bytes
    secret(database, project_id, an_event("billed", person="user-7"))
    public(database, project_id, an_event(person="v-1"), asked)
    assert together(database, project_id) == [["user-7", "v-1"]]


def test_a_public_key_joins_a_bounded_number_of_ids(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_rules, "MAX_JOINED_IDS", 10)
    visitors = [f"v-{number}" for number in range(30)]
    public(database, project_id, *(an_event(person=one) for one in visitors[:15]))
    public(database, project_id, *(alias("ann", visitor) for visitor in visitors))
    public(database, project_id, *(identify("ann", visitor) for visitor in visitors))
    assert max(map(len, together(database, project_id))) == 11
    assert refusals(database, project_id) > 0
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE person_distinct_ids SET joined_at = joined_at - %s * interval '1 day'"
            " WHERE project_id = %s",
            (link_rules.JOINED_DAYS, project_id),
        )
    database.commit()
    public(database, project_id, identify("ann", "new-device", NOON + MINUTE))
    assert max(map(len, together(database, project_id))) == 12


def test_a_crowd_of_ids_is_not_one_anonymous_device(database: Connection, project_id: int) -> None:
    crowd = [f"v-{number}" for number in range(link_rules.MAX_ANONYMOUS_IDS + 1)]
    public(database, project_id, *(alias(crowd[0], visitor) for visitor in crowd[1:]))
    public(database, project_id, identify("ann", crowd[0]))
    assert sorted(map(len, together(database, project_id))) == [1, len(crowd)]


@pytest.mark.parametrize("link", [alias, identify])
def test_a_pending_merge_by_public_key_is_cancelled_when_a_server_uses_the_id(
    database: Connection,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
    link: Callable[[str, str], Event],
) -> None:
    monkeypatch.setattr(identities, "_MAX_ROWS", 5)
    for person in ("ann", "v-1"):
        public(database, project_id, *(an_event(person=person, at=NOON + n * MINUTE)
                                       for n in range(20)))  # fmt: skip
    public(database, project_id, link("ann", "v-1"))
    assert pending_merges.is_pending(database, project_id, "ann")
    secret(database, project_id, an_event("bought", person="v-1"))
    assert not pending_merges.is_pending(database, project_id, "ann")
    assert profile(database, project_id, "v-1")["identified_at"] is None
    secret(database, project_id, link("ann", "v-1"))  # the server may merge them nevertheless
    pending_merges.finish(database, seconds=30, project_id=project_id)
    assert together(database, project_id) == [["ann", "v-1"]]


def test_an_id_that_others_are_to_join_leaves_its_person_when_a_server_uses_it(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "_MAX_ROWS", 5)
    public(database, project_id, alias("attacker", "victim"))
    for person in ("attacker", "other"):
        public(database, project_id, *(an_event(person=person, at=NOON + n * MINUTE)
                                       for n in range(20)))  # fmt: skip
    public(database, project_id, alias("victim", "other", NOON + 30 * MINUTE))
    assert pending_merges.is_pending(database, project_id, "victim")
    secret(database, project_id, an_event("bought", person="victim"))
    pending_merges.finish(database, seconds=30, project_id=project_id)
    victim = profile(database, project_id, "victim")["person_id"]
    assert victim != profile(database, project_id, "attacker")["person_id"]
    bought = "SELECT person_id FROM events WHERE project_id = %s AND event_name = 'bought'"
    assert one(database, bought, project_id) == victim


@pytest.mark.parametrize("more_ids", [[], ["v-2"]])
def test_a_merge_that_has_begun_goes_on_without_the_id_that_a_server_uses(
    database: Connection,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
    more_ids: list[str],
) -> None:
    for person, events in (("ann", 20), ("v-1", 40)):
        (secret if person == "ann" else public)(
            database, project_id, *(an_event(person=person, at=NOON + n * MINUTE)
                                    for n in range(events)))  # fmt: skip
    public(database, project_id, *(alias("v-1", other) for other in more_ids))
    monkeypatch.setattr(identities, "_MAX_ROWS", 5)
    public(database, project_id, identify("ann", "v-1", NOON + 60 * MINUTE))
    with database.cursor() as cursor:
        monkeypatch.setattr(pending_merges, "_ROWS_PER_STEP", 7)
        assert pending_merges._step(cursor, project_id) == 0
    database.commit()
    secret(database, project_id, an_event("bought", person="v-1"))
    pending_merges.finish(database, seconds=30, project_id=project_id)
    ann, visitor = (profile(database, project_id, name) for name in ("ann", "v-1"))
    assert visitor["identified_at"] is None
    rows = "SELECT jsonb_agg(DISTINCT person_id) FROM events WHERE project_id = %s AND event_name"
    assert one(database, f"{rows} <> 'bought'", project_id) == [ann["person_id"]]
    assert one(database, f"{rows} = 'bought'", project_id) == [visitor["person_id"]]
    secret(database, project_id, identify("ann", "v-1", NOON + 61 * MINUTE))
    pending_merges.finish(database, seconds=30, project_id=project_id)
    assert together(database, project_id) == [["ann", "v-1", *more_ids]]


def test_what_an_earlier_version_received_stays_linked_when_a_server_uses_the_id(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(person="v-1"), identify("ann", "v-1", NOON + MINUTE)])
    store(database, project_id, [identify("ann", "v-2", NOON + 2 * MINUTE)])
    secret(database, project_id, an_event("bought", person="v-1"))
    secret(database, project_id, an_event("bought", person="v-2"))
    assert together(database, project_id) == [["ann", "v-1", "v-2"]]
    assert refusals(database, project_id) == 0


@pytest.mark.parametrize("link", [alias, identify])
def test_no_public_identify_keeps_a_server_from_linking_its_ids(
    database: Connection, project_id: int, link: Callable[[str, str, datetime], Event]
) -> None:
    secret(database, project_id, an_event(person="player-1"))
    public(database, project_id, identify("player-1", None), identify("u1", None))
    secret(database, project_id, link("u1", "player-1", NOON + MINUTE))
    assert together(database, project_id) == [["player-1", "u1"]]
    assert refusals(database, project_id) == 0
    # From the server's word on the user is known to servers, too.
    secret(database, project_id, identify("u1", None, NOON + MINUTE))
    secret(database, project_id, identify("u2", "player-1", NOON + 2 * MINUTE))
    assert together(database, project_id) == [["player-1", "u1"], ["u2"]]


def test_no_public_identify_lets_a_server_make_two_users_one_while_they_wait(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "_MAX_ROWS", 5)
    for person in ("u1", "u2", "player-1"):
        secret(database, project_id, *(an_event(person=person, at=NOON + n * MINUTE)
                                       for n in range(20)))  # fmt: skip
    public(database, project_id, identify("player-1", None))
    secret(database, project_id, identify("u1", None), alias("u1", "player-1", NOON + MINUTE))
    secret(database, project_id, identify("u2", "player-1", NOON + 2 * MINUTE))
    pending_merges.finish(database, seconds=30, project_id=project_id)
    assert together(database, project_id) == [["player-1", "u1"], ["u2"]]


@pytest.mark.parametrize("before", ["anon-b", None])
def test_no_public_identify_makes_a_servers_user_known_or_converted_earlier(
    database: Connection, project_id: int, before: str | None
) -> None:
    secret(database, project_id, identify("boss", before))
    public(database, project_id, identify("boss", "fresh", NOON - timedelta(days=29)))
    found = profile(database, project_id, "boss")
    for time in ("identified_at", "converted_at"):
        assert datetime.fromisoformat(found[time]) == NOON


def test_a_link_locks_ids_in_the_order_in_which_servers_claim_them(
    backends: Backends, database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(person="z")])  # a lower number than the next has
    store(database, project_id, [an_event(person="a")])
    persons = [(project_id, profile(database, project_id, one_id)["person_id"]) for one_id in "za"]
    assert persons == sorted(persons)
    lock = (
        "SELECT 1 FROM person_distinct_ids WHERE project_id = %s AND distinct_id = %s"
        " FOR NO KEY UPDATE NOWAIT"
    )
    with (
        closing(psycopg2.connect(plain_url(backends.database_url))) as claiming,
        ThreadPoolExecutor(1) as pool,
        database.cursor() as cursor,
        claiming.cursor() as other,
    ):
        other.execute(lock, (project_id, "a"))
        links = pool.submit(link_rules.read_standings, cursor, persons, lock=True)
        while not is_blocking(claiming):
            assert not links.done()
        other.execute(lock, (project_id, "z"))  # is free, so nobody waits for the other
        claiming.commit()
        assert links.result(timeout=10).keys() == set(persons)
    database.rollback()


def is_blocking(connection: Connection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) > 0 FROM pg_stat_activity "
            "WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        (found,) = cursor.fetchone() or (False,)
    return bool(found)
