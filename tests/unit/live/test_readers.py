"""A reader who does not keep up costs no memory, and is told what is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from services.live.filters import EventFilter, parse_filter
from services.live.messages import Message
from services.live.readers import WebSocketReader
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


def test_a_reader_that_is_behind_loses_messages_and_is_told_how_many_events() -> None:
    transport = SlowTransport()
    reader = WebSocketReader(transport, is_compressed=False)
    for _ in range(1000):
        reader.send(of_events(10, 2_000))
    assert transport.get_write_buffer_size() < 200_000
    transport.take_all()
    reader.send(of_events(3, 10))
    transport.take_all()
    messages = [content(frame) for frame in transport.taken]
    received = sum(
        len(message.get("events", ())) for message in messages if message["type"] == "events"
    )
    [dropped] = [message["events"] for message in messages if message["type"] == "dropped"]
    assert received + dropped == 1000 * 10 + 3
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
        return parse_filter(parameters).passes(event)

    assert EventFilter().passes(event)
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
