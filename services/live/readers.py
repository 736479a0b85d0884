"""Connections that read: over WebSocket, or as server-sent events.

A reader that does not keep up loses messages, and is told how many events they had: what waits for
it is bounded.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Hashable
from typing import Protocol
from weakref import WeakSet

from services.live.messages import PING, Message
from services.live.metrics import EVENTS_DROPPED

_MAX_WAITING_BYTES = 128 * 1024 * 1024
"""What may wait to be written to all readers together; each has the same share of it."""
_MAX_SHARE = 1024 * 1024
_MIN_SHARE = 64 * 1024
_MAX_SILENT_BEATS = 3
"""A reader that has neither answered nor taken anything for so many heartbeats has gone."""

_DRAIN_SECONDS = 0.02


class Transport(Protocol):
    """What a WebSocket's bytes are written to."""

    def write(self, data: bytes) -> None:
        """Write bytes, or keep them until they can be."""

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be written."""

    def is_closing(self) -> bool:
        """Return whether the connection is closed or being closed."""


_READERS: WeakSet[Reader] = WeakSet()


def _max_waiting() -> int:
    """Return how much may wait for one reader; while more does, it gets no further message."""
    share = _MAX_WAITING_BYTES // max(1, len(_READERS))
    return min(_MAX_SHARE, max(_MIN_SHARE, share))


class Reader(ABC):
    """Sends messages to one connection.

    Args:
        viewer: whose connection it is.
    """

    def __init__(self, viewer: Hashable = None) -> None:
        self.viewer = viewer
        self._dropped = 0
        self.has_ended = False
        _READERS.add(self)

    def end(self) -> None:
        """Send nothing more."""
        self.has_ended = True
        _READERS.discard(self)

    def send(self, message: Message) -> bool:
        """Send a message now, or leave it out if the connection does not keep up.

        Returns:
            Whether it was sent.
        """
        if not self.tell_what_is_missing():
            self._dropped += message.events + message.skipped
            EVENTS_DROPPED.inc(message.events)
            return False
        self._write(message)
        return True

    def tell_what_is_missing(self) -> bool:
        """Tell how many events were left out, if any; return whether the connection keeps up."""
        if self.has_ended or self._is_behind():
            return False
        if self._dropped:
            self._write(Message.of("dropped", events=self._dropped))
            self._dropped = 0
        return True

    async def drained(self) -> None:
        """Wait until the connection has taken what it was sent, or most of it.

        Raises:
            ConnectionResetError: the reader has gone, or may not read any more.
        """
        while self._is_behind():
            await asyncio.sleep(_DRAIN_SECONDS)
            if self.has_ended or self._has_gone():
                raise ConnectionResetError("the reader has gone")

    def _has_gone(self) -> bool:
        return False

    @abstractmethod
    def _is_behind(self) -> bool:
        """Return whether more waits to be written than may."""

    @abstractmethod
    def _write(self, message: Message) -> None:
        """Write a message, or keep it until it can be."""


class WebSocketReader(Reader):
    """A WebSocket, whose frames are written here.

    Args:
        transport: of the connection.
        is_compressed: whether both sides agreed on compression with the largest window.
    """

    def __init__(self, transport: Transport, *, is_compressed: bool) -> None:
        super().__init__()
        self._transport = transport
        self._is_compressed = is_compressed
        self._written = 0
        self._taken = 0
        """Bytes that the connection had taken at the last heartbeat."""
        self._was_waiting = False
        self._is_heard = False
        self._silent_beats = 0

    def heard(self) -> None:
        """Note that the client has sent something, be it the answer to a ping."""
        self._is_heard = True

    def beat(self) -> bool:
        """Ping the client; return whether it is there, as far as heartbeats until now tell.

        A slow reader has what waits for it before the ping: that it takes some of that is enough.
        """
        waiting = self._transport.get_write_buffer_size()
        taken = self._written - waiting
        if self._is_heard or (self._was_waiting and taken > self._taken):
            self._silent_beats = 0
        else:
            self._silent_beats += 1
        self._is_heard, self._was_waiting, self._taken = False, waiting > 0, taken
        if not waiting:
            self._write_bytes(PING)
        return self._silent_beats <= _MAX_SILENT_BEATS

    def _has_gone(self) -> bool:
        return self._transport.is_closing()

    def _is_behind(self) -> bool:
        return self._transport.get_write_buffer_size() > _max_waiting()

    def _write(self, message: Message) -> None:
        self._write_bytes(message.compressed_frame if self._is_compressed else message.frame)

    def _write_bytes(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)
            self._written += len(data)


class ServerSentReader(Reader):
    """A response of server-sent events; its route writes what waits."""

    def __init__(self, viewer: Hashable = None) -> None:
        super().__init__(viewer)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._has_some = asyncio.Event()

    def end(self) -> None:
        """Send nothing more, and let who waits for a part go on."""
        super().end()
        self._has_some.set()

    async def next_part(self) -> bytes:
        """Return what waits to be written, once there is something, or the reader has ended."""
        await self._has_some.wait()
        part = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        self._has_some.clear()
        return part

    def _is_behind(self) -> bool:
        return self._waiting_bytes > _max_waiting()

    def _write(self, message: Message) -> None:
        self._waiting.append(message.server_sent_event)
        self._waiting_bytes += len(message.server_sent_event)
        self._has_some.set()
