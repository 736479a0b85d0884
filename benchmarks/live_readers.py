"""Readers of live views for a benchmark: a thousand WebSockets in one process, at little cost.

All readers of the same events get the same bytes, so each message is decompressed and decoded once,
and a reader keeps only which messages it got, and when.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any

_AT_ONCE = 40
_PAUSE_SECONDS = 0.05
_BIN_MS = 5
_COMPRESSED = 0x40
_TEXT, _CLOSE, _PING = 1, 8, 9


@dataclass(frozen=True, slots=True)
class Target:
    """Where to read."""

    host: str
    port: int
    project_id: int
    key: str


@dataclass(slots=True)
class Received:
    """What the readers of a process got."""

    complete: int
    """How many readers got every message of events, once and in order."""
    events: int
    """How many different events the messages had."""
    repeated: int
    """How many events were in a message before."""
    told_of_missing: int
    """How many readers were told that events are missing."""
    closed: int
    delays: dict[int, int]
    """How often an event took so many milliseconds to a reader."""


@dataclass(slots=True)
class _Events:
    """A message of events, decoded once."""

    index: int
    """How many came before it; every reader gets the same, in this order."""
    numbers: list[int]
    sent_ms: Counter[int]
    arrived_ms: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class _Messages:
    """All messages of a process, by their bytes."""

    known: dict[bytes, _Events | str] = field(default_factory=dict)
    of_events: list[_Events] = field(default_factory=list)

    def of(self, frame: bytes, *, is_compressed: bool) -> _Events | str:
        """Return the decoded message: of events, or the type of another."""
        found = self.known.get(frame)
        if found is None:
            found = self.known[frame] = self._decode(frame, is_compressed=is_compressed)
        return found

    def _decode(self, frame: bytes, *, is_compressed: bool) -> _Events | str:
        if is_compressed:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            frame = inflate.decompress(frame + b"\x00\x00\xff\xff")
        message: dict[str, Any] = json.loads(frame)
        if message["type"] != "events" or message["skipped"]:
            return "skipped" if message["type"] == "events" else str(message["type"])
        properties = [event["properties"] for event in message["events"]]
        sent = Counter(int(one["sent"] * 1000) // _BIN_MS * _BIN_MS for one in properties)
        decoded = _Events(len(self.of_events), [one["n"] for one in properties], sent)
        self.of_events.append(decoded)
        return decoded


class _Reader(asyncio.Protocol):
    """One WebSocket, of which only what a server sends is understood (RFC 6455, 5.2)."""

    def __init__(self, target: Target, messages: _Messages) -> None:
        self._target = target
        self._messages = messages
        self._buffer = bytearray()
        self._is_open = False
        self.hello: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.messages_read = 0
        self.is_in_order = True
        self.told_of_missing = False
        self.is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /api/v1/ws/events/{self._target.project_id} HTTP/1.1\r\n"
            f"Host: {self._target.host}:{self._target.port}\r\nX-API-Key: {self._target.key}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take the frames that are whole."""
        self._buffer += data
        if not self._is_open:
            head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head[:16]:
                self._fail(head[:40].decode())
                return
            self._is_open = True
            self._buffer = bytearray(rest)
        while self._take_frame():
            pass

    def connection_lost(self, _error: Exception | None) -> None:
        """Note that the server ended it."""
        self._fail("the connection was closed")

    def close(self) -> None:
        """End the connection."""
        self._transport.abort()

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + size:
            return False
        first, payload = buffer[0], bytes(buffer[start : start + size])
        del buffer[: start + size]
        kind = first & 0x0F
        if kind == _TEXT:
            self._take(self._messages.of(payload, is_compressed=bool(first & _COMPRESSED)))
        elif kind == _PING:
            self._transport.write(bytes((0x8A, 0x80, 0, 0, 0, 0)))
        elif kind == _CLOSE:
            self._fail(f"closed with {int.from_bytes(payload[:2], 'big')}")
        return True

    def _take(self, message: _Events | str) -> None:
        if isinstance(message, _Events):
            message.arrived_ms[int(time.time() * 1000) // _BIN_MS * _BIN_MS] += 1
            self.is_in_order &= message.index == self.messages_read
            self.messages_read += 1
        elif message == "hello":
            if not self.hello.done():
                self.hello.set_result("")
        else:
            self.told_of_missing = True

    def _fail(self, why: str) -> None:
        self.is_closed = True
        if not self.hello.done():
            self.hello.set_result(why)


def read(
    target: Target, count: int, connected: Queue[str], results: Queue[Received], stop: Event
) -> None:
    """Connect so many readers, say so, and read until it is told to stop."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    results.put(asyncio.run(_read(target, count, connected, stop)))


async def _read(target: Target, count: int, connected: Queue[str], stop: Event) -> Received:
    messages = _Messages()
    loop = asyncio.get_running_loop()
    readers: list[_Reader] = []
    problem = ""
    while len(readers) < count and not problem:
        some = [_Reader(target, messages) for _ in range(min(_AT_ONCE, count - len(readers)))]
        for reader in some:
            await loop.create_connection(lambda one=reader: one, target.host, target.port)  # type: ignore[misc]
        readers += some
        answers = await asyncio.gather(*(reader.hello for reader in some))
        problem = next(filter(None, answers), "")
    connected.put(problem)
    while not stop.is_set():
        await asyncio.sleep(_PAUSE_SECONDS)
    closed = sum(reader.is_closed for reader in readers)
    for reader in readers:
        reader.close()
    sent = messages.of_events
    numbers = [number for message in sent for number in message.numbers]
    return Received(
        complete=sum(one.is_in_order and one.messages_read == len(sent) for one in readers),
        events=len(set(numbers)),
        repeated=len(numbers) - len(set(numbers)),
        told_of_missing=sum(reader.told_of_missing for reader in readers),
        closed=closed,
        delays=_delays(sent),
    )


def _delays(messages: list[_Events]) -> dict[int, int]:
    """Return how often an event took so many milliseconds, in steps of five."""
    found: Counter[int] = Counter()
    for message in messages:
        for sent, events in message.sent_ms.items():
            for arrived, readers in message.arrived_ms.items():
                found[max(0, arrived - sent)] += events * readers
    return dict(found)
