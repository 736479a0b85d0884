"""The rules of the normaliser, one by one and against whatever comes."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.event_steps import normalise_each
from services.ingest.protocols import native, posthog, segment
from shared.events.batch_context import BatchContext
from shared.events.drops import Dropped
from shared.events.event_times import parse_time
from shared.events.normalise import event_id_bytes, normalise
from shared.events.outcomes import DropReason
from tests.support.factories import NOON as NOW
from tests.support.factories import a_request_context, microseconds


def context(**changes: Any) -> BatchContext:
    values: dict[str, Any] = {
        "received_at_us": microseconds(NOW),
        "oldest_us": microseconds(NOW - timedelta(days=30)),
        "clock_offset_us": 0,
        "visitor_id": lambda: "visitor_1",
    }
    return BatchContext(**{**values, **changes})


def reason_for(**fields: Any) -> DropReason:
    with pytest.raises(Dropped) as dropped:
        normalise({"event_name": "x", **fields}, context())
    return dropped.value.reason


def test_the_name_is_trimmed_and_bounded() -> None:
    assert normalise({"event_name": " x " + "y" * 97}, context()).event_name == "x " + "y" * 97
    assert reason_for(event_name="y" * 101) is DropReason.INVALID_NAME
    assert reason_for(event_name="  ") is DropReason.INVALID_NAME
    assert reason_for(event_name=7) is DropReason.INVALID_NAME
    assert reason_for(event_name=None) is DropReason.MISSING_NAME


@pytest.mark.parametrize("nobody", [None, "", "null", "undefined", " NaN ", "[object Object]", "0"])
def test_an_id_made_of_nothing_counts_as_no_id(nobody: str | None) -> None:
    event = normalise({"event_name": "x", "distinct_id": nobody}, context())
    assert event.distinct_id == "visitor_1"


def test_numbers_are_ids_too_and_long_ones_are_cut() -> None:
    assert normalise({"event_name": "x", "distinct_id": 42}, context()).distinct_id == "42"
    long = normalise({"event_name": "x", "distinct_id": "a" * 300}, context())
    assert long.distinct_id == "a" * 200
    assert reason_for(distinct_id=["a"]) is DropReason.INVALID_FIELD


def test_the_clients_clock_is_corrected_by_how_wrong_it_was_when_it_sent() -> None:
    hour_slow = microseconds(NOW) - microseconds(NOW - timedelta(hours=1))
    event = normalise(
        {"event_name": "x", "timestamp": "2026-03-10T10:59:30Z"}, context(clock_offset_us=hour_slow)
    )
    assert event.timestamp_us == microseconds(NOW - timedelta(seconds=30))


def test_the_future_becomes_now_and_the_distant_past_is_refused() -> None:
    for ahead in (timedelta(minutes=6), timedelta(hours=22), timedelta(days=2)):
        event = normalise({"event_name": "x", "timestamp": (NOW + ahead).isoformat()}, context())
        assert event.timestamp_us == microseconds(NOW)
    soon = NOW + timedelta(minutes=2)
    event = normalise({"event_name": "x", "timestamp": soon.isoformat()}, context())
    assert event.timestamp_us == microseconds(soon)
    assert reason_for(timestamp="2026-01-01T00:00:00Z") is DropReason.TOO_OLD
    assert reason_for(timestamp="yesterday") is DropReason.INVALID_TIMESTAMP
    assert reason_for(timestamp=True) is DropReason.INVALID_TIMESTAMP


@pytest.mark.parametrize(
    "given_time",
    [
        "2026-03-10T12:00:00Z",
        "2026-03-10T17:45:00+05:45",
        "2026-03-10 12:00:00",
        1773144000,
        1773144000000,
        1773144000.0,
        "1773144000",
        "1773144000000",
        "2026-03-10t12:00:00z",
        " 2026-03-10t17:45:00.000+05:45 ",
    ],
)
def test_time_is_read_in_every_usual_form(given_time: object) -> None:
    assert parse_time(given_time) == microseconds(NOW)


def test_a_leap_second_is_the_end_of_its_minute() -> None:
    end = parse_time("2016-12-31T23:59:59.999999Z")
    for leap in ("2016-12-31T23:59:60Z", "2016-12-31t23:59:60.5z", "2017-01-01T05:29:60+05:30"):
        assert parse_time(leap) == end
    assert reason_for(timestamp="2016-12-31T23:59:61Z") is DropReason.INVALID_TIMESTAMP


@pytest.mark.parametrize("nothing", [None, "", " ", 0, 0.0, "0", False])
def test_an_empty_time_is_none_in_every_protocol(nothing: object) -> None:
    sent_at_us = microseconds(NOW) - 5_000_000
    offset = {"offset": nothing} if nothing in (None, "") or nothing is False else {}
    bodies = {
        native: {"event_name": "x", "timestamp": nothing},
        posthog: {"event": "x", "distinct_id": "a", "timestamp": nothing, **offset},
        segment: {"type": "track", "event": "x", "userId": "a", "timestamp": nothing},
    }
    for protocol, body in bodies.items():
        event = normalise(protocol.canonical(body), context())
        assert event.timestamp_us == microseconds(NOW)
        event = normalise(protocol.canonical(body), context(sent_at_us=sent_at_us))
        assert event.timestamp_us == sent_at_us


def test_a_uuid_stays_itself_and_other_ids_are_hashed_the_same_way_each_time() -> None:
    client_id = uuid.uuid4()
    assert event_id_bytes(str(client_id), 0) == client_id.bytes
    assert event_id_bytes("order-1", 0) == event_id_bytes("order-1", 5)
    assert event_id_bytes("order-1", 0) != event_id_bytes("order-2", 0)
    assert uuid.UUID(bytes=event_id_bytes("order-1", 0)).version == 8
    assert event_id_bytes(None, 1) != event_id_bytes(None, 1)
    assert uuid.UUID(bytes=event_id_bytes(None, 1)).version == 7


def test_properties_are_bounded_and_lose_nul() -> None:
    assert reason_for(properties=[1]) is DropReason.INVALID_PROPERTIES
    assert reason_for(properties={"a": "x" * 40_000}) is DropReason.PROPERTIES_TOO_LARGE
    assert reason_for(properties={str(n): n for n in range(501)}) is DropReason.PROPERTIES_TOO_LARGE
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"a": deep}
    assert reason_for(properties=deep) is DropReason.INVALID_PROPERTIES
    event = normalise({"event_name": "x", "properties": {"a\x00": ["b\x00"]}}, context())
    assert json.loads(event.properties) == {"a\ufffd": ["b\ufffd"]}


def test_the_name_of_a_property_is_bounded() -> None:
    outcome = context()
    properties = {"k" * 201: 1, "\x00" * 300: 2, "plan": "pro"}
    event = normalise({"event_name": "e", "properties": properties}, outcome)
    assert json.loads(event.properties) == {"k" * 200: 1, "\ufffd" * 200: 2, "plan": "pro"}
    assert [warning.reason for warning in outcome.warnings.all()] == ["text_cut"]


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
_field = st.sampled_from(
    [
        "event_name",
        "distinct_id",
        "timestamp",
        "properties",
        "event_id",
        "session_id",
        "source",
        "page_url",
        "referrer",
        "device_id",
        "os_name",
    ]
)


@given(st.lists(_json | st.dictionaries(_field, _json), max_size=5))
def test_whatever_comes_every_event_has_exactly_one_outcome(events: list[Any]) -> None:
    outcomes = normalise_each(events, native.canonical, a_request_context())
    assert len(outcomes.results) == len(events)
    accepted = [result for result in outcomes.results if result["status"] == "accepted"]
    assert len(accepted) == len(outcomes.events)
    for event in outcomes.events:
        assert len(event.event_id) == 16
        assert b"\\u0000" not in event.properties
        assert isinstance(json.loads(event.properties), dict)
        assert "\x00" not in f"{event.event_name}{event.distinct_id}{event.page_url}"
