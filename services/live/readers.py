"""Connections that read: over WebSocket, or as server-sent events.

A reader that does not keep up loses messages, and is told how many events they had: what waits for
it is bounded.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import Protocol

from services.live.messages import Message
from services.live.metrics import EVENTS_DROPPED, EVENTS_SENT

_MAX_WAITING_BYTES = 64 * 1024
"""While more waits to be written to a reader, it gets no further message."""

_DRAIN_SECONDS = 0.02


class Transport(Protocol):
    """What a WebSocket's bytes are written to."""

    def write(self, data: bytes) -> None:
        """Write bytes, or keep them until they can be."""

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be written."""

    def is_closing(self) -> bool:
        """Return whether the connection is closed or being closed."""


class Reader(ABC):
    """Sends messages to one connection."""

    def __init__(self) -> None:
        self._dropped = 0
        self.has_ended = False

    def end(self) -> None:
        """Send nothing more."""
        self.has_ended = True

    def send(self, message: Message) -> None:
        """Send a message now, or leave it out if the connection does not keep up."""
        if self.has_ended:
            return
        if self._is_behind():
            self._dropped += message.events
            EVENTS_DROPPED.inc(message.events)
            return
        if self._dropped:
            self._write(Message.of("dropped", events=self._dropped))
            self._dropped = 0
        self._write(message)
        EVENTS_SENT.inc(message.events)

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

    def _has_gone(self) -> bool:
        return self._transport.is_closing()

    def _is_behind(self) -> bool:
        return self._transport.get_write_buffer_size() > _MAX_WAITING_BYTES

    def _write(self, message: Message) -> None:
        if not self._transport.is_closing():
            self._transport.write(
                message.compressed_frame if self._is_compressed else message.frame
            )


class ServerSentReader(Reader):
    """A response of server-sent events; its route writes what waits."""

    def __init__(self) -> None:
        super().__init__()
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
        return self._waiting_bytes > _MAX_WAITING_BYTES

    def _write(self, message: Message) -> None:
        self._waiting.append(message.server_sent_event)
        self._waiting_bytes += len(message.server_sent_event)
        self._has_some.set()
