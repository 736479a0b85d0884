"""What ingest asks auth for follows changes and events: neither projects nor made-up keys."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
import requests
from redis import Redis

from deploy.local.backends import Backends
from services.auth.projects.keys import add_key
from shared.auth.api_keys import key_hash, new_key
from shared.errors import TooManyRequests, Unauthorized, Unavailable
from shared.policies import unknown_keys, valid_keys
from shared.policies.lookup import Policies
from shared.policies.policy import policy_key
from shared.policies.unknown_keys import CLIENT_LOOKUPS
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_state_redis
from shared.runtime.settings import Settings
from tests.support.counting_proxy import counting_proxy
from tests.support.edge import INGEST, Edge, Project, running_edge

PROCESSES = 2
SECONDS_OF_LOOKUPS = 20
"""At most so long a test makes up keys; each second gives room for a lookup more."""


@dataclass
class Counted:
    """An edge, and the bodies of what its ingest asked auth for."""

    edge: Edge
    calls: list[bytes]

    def asked_for(self) -> list[str]:
        """The hashes of keys in all calls so far."""
        return [one for body in self.calls for one in json.loads(body)]

    def statuses(self, projects: list[Project], each: int = 16) -> set[int]:
        """What every process answers for every project, if it gets enough requests at once."""
        with ThreadPoolExecutor(16) as senders:
            answers = senders.map(lambda one: self.edge.send(one, {"event": "a"}), projects * each)
            return {answer.status_code for answer in answers}

    def try_keys(self, keys: list[str], address: str) -> set[int]:
        """Send an event with each key, many at a time, as the gateway passes it on."""

        def send(key: str) -> int:
            headers = {"X-API-Key": key, "X-Real-IP": address}
            return requests.post(
                self.edge.url + INGEST, json={"event": "a"}, headers=headers, timeout=10
            ).status_code

        with ThreadPoolExecutor(16) as senders:
            return set(senders.map(send, keys))


@pytest.fixture(scope="module")
def counted(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    folder = tmp_path_factory.mktemp("policy-calls")
    with running_edge(backends.database_url, folder) as edge:
        auth = f"http://127.0.0.1:{edge.ports['auth']}"
        with counting_proxy(auth) as (url, calls):
            edge.settings["AUTH_URL"] = url
            edge.stop("ingest")
            edge.start("ingest")
            yield Counted(edge, calls)


def test_a_change_costs_a_call_for_the_changed_key_alone(counted: Counted) -> None:
    projects = [counted.edge.project() for _ in range(12)]
    assert counted.statuses(projects) == {202}
    with Redis.from_url(counted.edge.cache.url) as cache:
        cache.delete(*(policy_key(key_hash(one.key)) for one in projects))
    counted.calls.clear()
    counted.edge.change(projects[0], is_active=False)
    assert counted.statuses(projects[:1]) == {401}
    assert counted.statuses(projects[1:]) == {202}
    assert 1 <= len(counted.calls) <= PROCESSES
    assert set(counted.asked_for()) == {key_hash(projects[0].key)}


def test_a_lost_list_of_changes_costs_one_call_for_all_keys(counted: Counted) -> None:
    projects = [counted.edge.project() for _ in range(12)]
    assert counted.statuses(projects) == {202}
    with Redis.from_url(counted.edge.cache.url) as cache:
        counted.edge.revoke(projects[0])
        cache.flushall()
    time.sleep(1.1)
    counted.calls.clear()
    assert counted.statuses(projects[1:2]) == {202}  # the loss is noticed, and all are due
    time.sleep(2.1)
    calls = len(counted.calls)
    assert 1 <= calls <= PROCESSES
    assert counted.statuses(projects[1:]) == {202}
    assert len(counted.calls) == calls
    assert {key_hash(one.key) for one in projects} <= set(counted.asked_for())
    deadline = time.monotonic() + 10  # a Redis that was slow once leaves policies for 5 s
    while counted.statuses(projects[:1]) != {401}:
        assert time.monotonic() < deadline, "the revoked key still works"


def test_policies_are_renewed_together_before_they_are_too_old(counted: Counted) -> None:
    projects = [counted.edge.project() for _ in range(12)]
    with Redis.from_url(counted.edge.cache.url) as cache:
        policies = Policies(cache, Settings.from_environment(counted.edge.environment))
        for one in projects:
            policies.for_key(one.key, time.time())
        cache.delete(*(policy_key(key_hash(one.key)) for one in projects))
        # As if 250 seconds had passed.
        policies._changes.lost_at -= 250
        for known in policies._remembered.values():
            known.asked_at -= 250
        counted.calls.clear()
        policies.for_key(projects[0].key, time.time())
        deadline = time.monotonic() + 20
        while policies._reloading.locked():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for one in projects:
            policies.for_key(one.key, time.time())
    assert [len(json.loads(body)) for body in counted.calls] == [12]


def test_made_up_keys_of_one_network_cost_few_calls(counted: Counted) -> None:
    known, fresh = counted.edge.project(), counted.edge.project()
    assert counted.statuses([known]) == {202}
    counted.calls.clear()
    keys = [new_key("public") for _ in range(400)]
    began = time.monotonic()
    for number, start in enumerate(range(0, 400, 100)):
        address = f"2001:db8:7:7::{number}"
        assert counted.try_keys(keys[start : start + 100], address) <= {401, 429}
    seconds = time.monotonic() - began
    assert seconds < SECONDS_OF_LOOKUPS
    assert len(counted.calls) <= PROCESSES * (CLIENT_LOOKUPS + seconds)
    # Its known keys go on, and others are not concerned.
    assert counted.try_keys([known.key], "2001:db8:7:7::1") == {202}
    assert counted.try_keys([fresh.key], "2001:db8:7:8::1") == {202}


def test_valid_keys_do_not_use_up_what_a_client_may_look_up(counted: Counted) -> None:
    projects = [counted.edge.project() for _ in range(PROCESSES * CLIENT_LOOKUPS + 40)]
    assert counted.try_keys([one.key for one in projects], "198.51.100.20") == {202}


def test_made_up_keys_of_many_networks_do_not_keep_a_valid_one_out(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unknown_keys, "ALL_LOOKUPS", 10)
    monkeypatch.setattr(unknown_keys, "ALL_LOOKUPS_PER_SECOND", 0.0)
    [known, revoked] = projects = [counted.edge.project() for _ in range(2)]
    assert counted.statuses(projects) == {202}
    counted.edge.revoke(revoked)
    with Redis.from_url(counted.edge.cache.url) as cache:
        # A process that has just started; nobody has used the key for a quarter of an hour.
        policies = Policies(cache, Settings.from_environment(counted.edge.environment))
        cache.delete(policy_key(key_hash(known.key)))

        def send(key: str, network: int) -> None:
            policies.for_key(key, time.time(), f"2001:db8:{network:x}::1")

        for network in range(10):
            with pytest.raises(Unauthorized):
                send(new_key("public"), network)
        with pytest.raises(Unavailable):
            send(new_key("public"), 10)
        send(known.key, 11)
        with pytest.raises(Unauthorized):
            send(revoked.key, 11)
        # It does not count as valid any more, and is known without asking for it again.
        assert not valid_keys.was_valid(cache, key_hash(revoked.key))
        counted.calls.clear()
        with pytest.raises(Unauthorized):
            send(revoked.key, 11)
        assert not counted.calls


@pytest.mark.parametrize(("seconds", "taken"), [(0.0001, 1_000), (0.5, 3)])
def test_reading_long_texts_for_a_key_that_has_ended_is_charged(
    counted: Counted, seconds: float, taken: int
) -> None:
    """Short ones are an old app's, which may go on for years; long ones cost others time."""
    ended, used = counted.edge.project(), itertools.count(0, seconds)
    counted.edge.revoke(ended)
    with Redis.from_url(counted.edge.cache.url) as cache:
        policies = Policies(
            cache, Settings.from_environment(counted.edge.environment), lambda: next(used)
        )
        for _ in range(taken):
            with pytest.raises(Unauthorized):
                policies.in_text(ended.key.encode, time.time(), "198.51.100.25")
        refused = TooManyRequests if seconds > 0.1 else Unauthorized
        with pytest.raises(refused):
            policies.in_text(ended.key.encode, time.time(), "198.51.100.25")


def test_keys_beside_a_valid_one_are_not_looked_up(counted: Counted) -> None:
    """Visitors make them up; whoever passes their events on would pay for them."""
    valid = counted.edge.project()
    assert counted.edge.send(valid, {"event": "a"}).status_code == 202
    made_up = [new_key("public") for _ in range(20)]
    around = " ".join([*made_up[:5], valid.key, *made_up[5:10]]).encode()
    behind = " ".join([*made_up, valid.key]).encode()
    with Redis.from_url(counted.edge.cache.url) as cache:
        settings = Settings.from_environment(counted.edge.environment)
        for text, is_published in ((around, True), (behind, True), (behind, False)):
            if not is_published:
                cache.delete(policy_key(key_hash(valid.key)))
            policies = Policies(cache, settings)
            counted.calls.clear()
            for _ in range(2):
                policy = policies.in_text(bytes(text).strip, time.time(), "198.51.100.26")
                assert policy.project_id == valid.id
            assert counted.asked_for() == ([] if is_published else [key_hash(valid.key)])


def test_a_new_key_is_known_before_it_is_used(project_id: int) -> None:
    with session_scope() as session:
        made = add_key(session, project_id, "secret", datetime.now(timezone.utc))
    assert valid_keys.was_valid(get_state_redis(), made.key.key_hash)


def test_a_key_of_the_wrong_form_costs_no_call(counted: Counted) -> None:
    counted.calls.clear()
    key = new_key("public")
    malformed = [key[:-1], key + "A", "xk" + key[2:], key[:-1] + "B", key[:20] + "." + key[21:]]
    assert counted.try_keys(malformed, "198.51.100.21") == {401}
    assert not counted.calls
