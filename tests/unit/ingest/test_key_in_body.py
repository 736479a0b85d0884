"""Bodies with their key inside: what is read of whom."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest
from redis import Redis

from services.ingest.key_in_body import KeyInBody
from services.ingest.request import IngestRequest, Visitor
from shared.errors import TidemarkError, TooManyRequests, Unauthorized
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.policies.unknown_keys import CLIENT_LOOKUPS
from shared.runtime.settings import Settings
from shared.web.bodies import read_body
from tests.support.factories import a_policy

_ENVIRONMENT = {
    "DATABASE_URL": "postgresql+psycopg2://nowhere/tidemark",
    "REDIS_URL": "redis://nowhere/0",
    "STREAM_REDIS_URL": "redis://nowhere/1",
    "SECRET_KEY": "3b1f0c5d9a7e4f62" * 4,
}
GUESSING, OTHER = "192.0.2.1", "192.0.2.2"
LIMIT = 20 * 2**20


@pytest.fixture
def policies() -> Policies:
    """Of a process that one client has sent as many made-up keys as it may; no server is asked."""
    made = Policies(Redis(), Settings.from_environment(_ENVIRONMENT))
    for _ in range(CLIENT_LOOKUPS):
        made.charge_guessing(GUESSING)
    return made


def reader(
    policies: Policies, address: str, body: bytes, slots: list[str]
) -> tuple[KeyInBody, Callable[[], bytes]]:
    """Return what reads a body, and names whoever gets a slot."""
    request = IngestRequest(
        body, "", None, Visitor(address, ""), acquire_slot=partial(slots.append, address)
    )
    in_body = KeyInBody(policies, request, time.time(), lambda _policy: None)
    acquire_slot = in_body.request.acquire_slot
    return in_body, partial(read_body, body, "", LIMIT, acquire_slot)


def test_a_client_that_guesses_keys_has_no_large_body_read(policies: Policies) -> None:
    slots: list[str] = []
    for body in (b"x" * 20_000, gzip.compress(b" " * 12_000_000)):
        in_body, read = reader(policies, GUESSING, body, slots)
        was_read: list[int] = []

        def read_once(read: Callable[[], bytes] = read, was_read: list[int] = was_read) -> bytes:
            text = read()
            was_read.append(len(text))
            return text

        with pytest.raises(TooManyRequests):
            in_body.read(read_once)
        assert was_read == []
    assert slots == []


def test_small_bodies_are_read_whoever_sends_them(policies: Policies) -> None:
    for address in (GUESSING, OTHER):
        in_body, read = reader(policies, address, gzip.compress(b'{"event": "a"}'), [])
        assert in_body.read(read) == b'{"event": "a"}'


class KnownPolicies:
    """Policies by key, of which nobody asks anything; notes who is charged."""

    def __init__(self, **known: Policy) -> None:
        self.known = known
        self.charged: list[str] = []

    def for_key(self, key: str | None, _now: float, _address: str) -> Policy:
        try:
            return self.known[key or ""]
        except KeyError:
            raise Unauthorized("unknown") from None

    def charge_guessing(self, _address: str) -> None:
        self.charged.append("guess")

    def charge_time(self, _address: str, seconds: float) -> None:
        assert 0 <= seconds < 10
        self.charged.append("time")


@pytest.mark.parametrize(
    ("key", "refused", "charged"),
    [
        ("own", None, []),
        ("found", None, []),
        ("exhausted", TooManyRequests, ["time"]),
        ("unknown", Unauthorized, ["guess"]),
    ],
)
def test_another_key_than_was_found_is_judged_by_its_own_project(
    key: str, refused: type[TidemarkError] | None, charged: list[str]
) -> None:
    policies = KnownPolicies(
        found=a_policy(project_id=1), own=a_policy(project_id=2), exhausted=a_policy(project_id=3)
    )

    def accept(policy: Policy) -> None:
        if policy.project_id == 3:
            raise TooManyRequests("exhausted")

    request = IngestRequest(b"", "", None, Visitor(OTHER, ""))
    in_body = KeyInBody(cast("Any", policies), request, time.time(), accept)
    in_body.found = policies.known["found"]
    if refused is None:
        assert in_body.policy_of(key) is policies.known[key]
    else:
        with pytest.raises(refused):
            in_body.policy_of(key)
    assert policies.charged == charged
