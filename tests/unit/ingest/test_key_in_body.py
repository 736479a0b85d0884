"""Bodies with their key inside: what is read of whom."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from functools import partial

import pytest
from redis import Redis

from services.ingest.key_in_body import KeyInBody
from services.ingest.request import IngestRequest, Visitor
from shared.errors import TooManyRequests
from shared.policies.lookup import Policies
from shared.policies.unknown_keys import CLIENT_LOOKUPS
from shared.runtime.settings import Settings
from shared.web.bodies import read_body

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
