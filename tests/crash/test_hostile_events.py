"""Whatever an event holds, it is stored or becomes a dead letter, and nobody else waits for it."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.sealing.day import seal_day
from shared.events.envelope import Event, GroupChange, PersonChange
from tests.conftest import make_project
from tests.crash.test_poison import wait_until_stored
from tests.support.factories import NOON, an_event, microseconds
from tests.support.processors import check_identity, processor, send, wait_until_drained
from tests.support.sealing import UTC


def text(characters: int, seed: int = 0) -> str:
    """Random characters of four bytes, which do not compress."""
    chance = random.Random(seed)
    return "".join(chr(chance.randrange(0x20000, 0x2A6DF)) for _ in range(characters))


def many_names() -> Iterator[Event]:
    for number in range(10_000):
        yield an_event(f"{number} {text(20, number)}", source=text(20, number))


def large_persons_and_groups() -> Iterator[Event]:
    for number in range(200):
        large = json.dumps({text(200, number): "x" * 30_000}).encode()
        wide = json.dumps({f"{number} {key}": key for key in range(500)}).encode()
        event = an_event("$set", person="large")
        event.person = PersonChange(set=large, set_once=wide, unset=(text(200),) * 100)
        event.group = GroupChange("company", "large", wide)
        yield event


def property_bombs() -> Iterator[Event]:
    wide = {text(200, number): number for number in range(500)}
    for value in (
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        json.dumps(wide),
        json.dumps({text(7_000): text(1_000)}),
        json.dumps({"x": [1] * 15_000}),
        '{"a": 1e400000}',
        '{"a": ' + "9" * 30_000 + "}",
        '{"a": 1e131071, "b": -1e-16383}',
        '{"a": "\\ud800"}',
        '{"a": "\\u0000"}',
        '{"a": NaN}',
        '{"a": 1',
        "",
        "null",
        "\\",
    ):
        yield an_event("bomb", properties=value.encode())


def ids_and_times() -> Iterator[Event]:
    midnight = NOON.replace(hour=0)
    day = timedelta(days=1)
    for at in (midnight, midnight - timedelta(microseconds=1), midnight + day):
        yield an_event("edge", at=at, person=text(200), session_id=text(200))
    latest = microseconds(datetime(9999, 12, 31, tzinfo=timezone.utc))
    for us in (0, -1, 1, 2**62, -(2**62), latest):
        event = an_event("time")
        event.timestamp_us = us
        yield event
    for length in (200, 2_000, 200_000):
        yield an_event("long id", person=text(length), session_id=text(length))
        yield an_event(text(length))
    for weight in (0.0, -1.0, float("inf"), float("nan"), 1e308, 1e-320):
        event = an_event("weight")
        event.sample_weight = weight
        yield event
    yield an_event("nul\x00", person="nul\x00")
    yield an_event("surrogate", person="a\tb\nc\\N\r")


def endless_sessions() -> Iterator[Event]:
    """A session of a month by the client's id, and one by inactivity with no pause."""
    for number in range(30):
        at = NOON - timedelta(days=number)
        yield an_event("day", at=at, session_id="endless", person="awake")
    for number in range(1_000):
        yield an_event("minute", at=NOON - timedelta(minutes=15 * number), person="sleepless")


def links() -> Iterator[Event]:
    """Every person with every other, in both directions."""
    for number in range(500):
        event = an_event("$identify", person=f"p{number % 40}")
        event.person = PersonChange(
            link=("identify", "alias")[number % 2], previous_id=f"p{number * 7 % 41}"
        )
        yield event


KINDS = {
    kind.__name__: kind
    for kind in (
        many_names,
        large_persons_and_groups,
        property_bombs,
        ids_and_times,
        endless_sessions,
        links,
    )
}


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_events_have_an_outcome_and_nobody_else_waits(
    backends: Backends, stream: Redis, database: Connection, kind: str
) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    hostile = [an_event(person="good"), *KINDS[kind](), an_event(person="good")]
    consumer = processor(backends, PROCESSOR_BATCH_EVENTS="5000")
    try:
        send(stream, theirs, [an_event()])
        wait_until_drained(stream)  # it has started
        send(stream, ours, hostile, 1_000)
        sent = 1
        while stream.xlen("events:ingest") or sent == 1:
            send(stream, theirs, [an_event()])
            sent, began = sent + 1, time.monotonic()
            wait_until_stored(database, theirs, sent)
            assert time.monotonic() - began < 5
        assert consumer.poll() is None
    finally:
        consumer.terminate()
        code = consumer.wait(20)
    assert code == 0
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dead_letters WHERE project_id = %s", (ours,))
        (dead,) = cursor.fetchone() or (0,)
    database.rollback()
    check_identity(database, ours, unique=len(hostile), dead=dead)
    check_identity(database, theirs, unique=sent)
    assert seal_day(database, ours, NOON.date(), UTC).is_clean
