"""A reader who does not keep up costs no memory, and is told what is missing."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from services.live.entries import Entry
from services.live.feed import MAX_FILTERS, MAX_FILTERS_OF_VIEWER, Feed
from services.live.filters import EVERYTHING, DecodedProperties, parse_filter
from services.live.messages import PING, Message
from services.live.readers import WebSocketReader
from shared.errors import TooManyRequests, Unprocessable
from shared.events.live import LiveEvent


@dataclass
class SlowTransport:
    """A connection that takes nothing until it is told to."""

    waiting: list[bytes] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)

    def write(self, data: bytes) -> None:
        self.waiting.append(data)

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.waiting))

    def is_closing(self) -> bool:
        return False

    def take_all(self) -> None:
        self.taken += self.waiting
        self.waiting.clear()


def content(frame: bytes) -> dict[str, Any]:
    """The JSON of a frame that is not compressed (RFC 6455, 5.2)."""
    start = {126: 4, 127: 10}.get(frame[1], 2)
    found: dict[str, Any] = json.loads(frame[start:])
    return found


def of_events(number: int, size: int) -> Message:
    event = LiveEvent(1, "view", None, "ann", None, 0, json.dumps({"x": "y" * size}).encode())
    return Message.of_events([event] * number, f"{number}-0", 0)


@pytest.mark.parametrize(("others", "most"), [(0, 1_200_000), (2_000, 200_000)])
def test_a_reader_that_is_behind_loses_messages_and_is_told_how_many_events(
    others: int, most: int
) -> None:
    keep = [a_reader() for _ in range(others)]  # all of them share what may wait
    reader, transport = a_reader()
    for _ in range(1000):
        reader.send(of_events(10, 2_000))
    assert transport.get_write_buffer_size() < most
    transport.take_all()
    reader.send(of_events(3, 10))
    transport.take_all()
    messages = [content(frame) for frame in transport.taken]
    received = sum(
        len(message.get("events", ())) for message in messages if message["type"] == "events"
    )
    [dropped] = [message["events"] for message in messages if message["type"] == "dropped"]
    assert received + dropped == 1000 * 10 + 3
    assert len(keep) == others
    assert [message["type"] for message in messages][-2:] == ["dropped", "events"]


def test_lengths_of_frames_have_three_forms() -> None:
    for size in (10, 200, 70_000):
        message = of_events(1, size)
        assert content(message.frame)["events"][0]["x"] == "y" * size


def test_all_conditions_of_a_filter_have_to_hold() -> None:
    event = LiveEvent(
        7,
        "buy",
        "web",
        "ann",
        None,
        0,
        b'{"properties":{"plan":"gold","n":10,"on":true,"no":null}}',
    )

    def passes(*parameters: tuple[str, str]) -> bool:
        return parse_filter(parameters).passes(event, DecodedProperties())

    assert EVERYTHING.passes(event, DecodedProperties())
    assert passes(("event_name", "sell"), ("event_name", "buy"), ("ticket", "abc"))
    assert passes(("property.n", "10"), ("property.on", "true"), ("property.no", "null"))
    assert passes(("person_id", "7"), ("distinct_id", "ann"), ("source", "web"))
    assert not passes(("event_name", "sell"), ("property.plan", "gold"))
    for parameter in (
        ("source", "ios"),
        ("person_id", "8"),
        ("distinct_id", "bob"),
        ("property.plan", "free"),
        ("property.missing", "null"),
    ):
        assert not passes(("event_name", "buy"), parameter)


def a_feed(position: str = "0-0") -> Feed:
    return Feed(1, position, published_at=0.0, online=timedelta(minutes=5))


def test_more_conditions_of_properties_than_ten_are_refused() -> None:
    conditions = [(f"property.{number}", "x") for number in range(11)]
    assert len(parse_filter(conditions[:10]).properties) == 10
    with pytest.raises(Unprocessable):
        parse_filter(conditions)


def a_reader(viewer: Hashable = None) -> tuple[WebSocketReader, SlowTransport]:
    transport = SlowTransport()
    reader = WebSocketReader(transport, is_compressed=False)
    reader.viewer = viewer
    return reader, transport


def test_one_viewer_cannot_have_a_filter_for_each_of_its_connections() -> None:
    feed = a_feed()

    def add(viewer: int, number: int) -> None:
        feed.add(a_reader(viewer)[0], parse_filter([("event_name", f"{viewer} {number}")]))

    for number in range(MAX_FILTERS_OF_VIEWER):
        add(1, number)
        add(1, number)  # the same once more costs nothing
    with pytest.raises(TooManyRequests):
        add(1, MAX_FILTERS_OF_VIEWER)
    for viewer in range(2, MAX_FILTERS // MAX_FILTERS_OF_VIEWER + 1):
        for number in range(MAX_FILTERS_OF_VIEWER):
            add(viewer, number)
    with pytest.raises(TooManyRequests):
        add(99, 0)
    feed.add(a_reader(99)[0], EVERYTHING)


def test_a_reader_that_was_behind_is_told_at_once_and_also_of_skipped_events() -> None:
    reader, transport = a_reader()
    feed = a_feed()
    feed.add(reader, EVERYTHING)
    event = LiveEvent(1, "view", None, "ann", None, 0, b'{"properties":{}}')
    for number in range(1, 4):
        many = [event] * (80_000 if number == 1 else 10)
        feed.receive(Entry(f"{number}-0", many, 7), 0)
        feed.send_events()
    transport.take_all()
    feed.send_events()  # nothing new has come
    transport.take_all()
    last = content(transport.taken[-1])
    assert last == {"type": "dropped", "events": 2 * (10 + 7)}


def test_a_reader_of_visitors_that_was_behind_gets_the_count_nevertheless() -> None:
    reader, transport = a_reader()
    feed = a_feed()
    audience = feed.audience(None)
    audience.readers.add(reader)
    audience.is_ready = True
    audience.online.restart({1: 0, 2: 0})
    transport.write(b"x" * 1_100_000)
    feed.send_visitors(1_000_000)
    transport.take_all()
    transport.taken.clear()
    feed.send_visitors(2_000_000)
    feed.send_visitors(3_000_000)  # known by now
    transport.take_all()
    counts = [content(frame) for frame in transport.taken]
    assert counts == [{"type": "visitor_count", "count": 2}]


def test_a_slow_reader_stays_as_long_as_it_takes_something() -> None:
    reader, transport = a_reader()
    for _ in range(20):
        if transport.get_write_buffer_size() < 10_000:
            reader.send(of_events(40, 1_000))
        assert reader.beat(), "the ping is behind what waits"
        # Takes little of what waits, and never all of it.
        transport.waiting[0] = transport.waiting[0][1_000:]


def test_a_reader_that_is_gone_is_ended_and_one_that_answers_stays() -> None:
    gone, waiting = a_reader()
    assert [gone.beat() for _ in range(5)] == [True, True, True, False, False]
    assert waiting.waiting[0] == PING
    stuck, waiting = a_reader()
    stuck.send(of_events(40, 1_000))
    assert [stuck.beat() for _ in range(4)][-1] is False
    there, waiting = a_reader()
    for _ in range(8):
        assert there.beat()
        waiting.take_all()
        there.heard()


def test_readers_are_told_of_a_gap_once_events_are_published_again() -> None:
    reader, transport = a_reader()
    feed = a_feed("9-0")
    feed.add(reader, EVERYTHING)
    feed.begin_anew("3-0", published_at=float("inf"))
    feed.send_events()
    assert not transport.waiting
    feed.begin_anew("3-0", published_at=0.0)
    feed.send_events()
    feed.send_events()
    assert [content(frame)["type"] for frame in transport.waiting] == ["gap"]
    assert (feed.read_to, feed.sent_to) == ("3-0", "3-0"), "a stream of an earlier clock"


def test_readers_are_told_of_events_whose_entries_were_removed_unread() -> None:
    reader, transport = a_reader()
    feed = a_feed()
    feed.add(reader, EVERYTHING)
    event = LiveEvent(1, "view", None, "ann", None, 0, b'{"properties":{}}')
    first = Entry("1-0", [event] * 3, 2, b"one", 40)
    for entry in (
        first,
        Entry("2-0", [event], 0, b"other", 7),
        replace(first, id="3-0", before=45),
        replace(first, id="4-0", before=60),  # ten are missing, and two more were skipped
        Entry("5-0", [event], 0, b"other", 8),
    ):
        feed.receive(entry, 0)
        feed.send_events()
    messages = [content(frame) for frame in transport.waiting]
    assert [message["skipped"] for message in messages] == [2, 0, 2, 12, 0]


def test_readers_are_told_when_a_processor_had_forgotten_that_they_watch() -> None:
    """Another process of live may have marked the project again before this one looked."""
    reader, transport = a_reader()
    feed = a_feed()
    feed.add(reader, EVERYTHING)
    event = LiveEvent(1, "view", None, "ann", None, 0, b'{"properties":{}}')
    feed.receive(Entry("1-0", [event] * 3, 0, b"one", 40), 0)
    feed.receive(Entry("2-0", [event], 0, b"one", 0), 0)
    feed.send_events()
    assert [content(frame)["type"] for frame in transport.waiting] == ["gap", "events"]


def test_visitors_whom_a_reading_finds_or_misses_are_named_once() -> None:
    """PostgreSQL has a visitor a moment before the event arrives, and knows of merged persons."""
    reader, transport = a_reader()
    feed = a_feed()
    audience = feed.audience(None)
    audience.readers.add(reader)
    audience.restart({1: 0, 2: 0}, 0)
    audience.restart({2: 0, 3: 0}, 0)
    feed.receive(Entry("1-0", [LiveEvent(3, "view", None, "ann", None, 0, b"{}")], 0), 0)
    feed.send_visitors(1_000_000)
    feed.send_visitors(2_000_000)
    messages = [content(frame) for frame in transport.waiting]
    assert [
        (one["type"], one.get("visitor", {}).get("id", one.get("count"))) for one in messages
    ] == [
        ("visitor_joined", "3"),
        ("visitor_left", "1"),
        ("visitor_count", 2),
    ]
