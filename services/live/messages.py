"""What readers are sent: JSON objects, each made once for all readers of the same kind.

A message is one WebSocket frame (RFC 6455, compressed by RFC 7692) or one server-sent event. Frames
are written here, and not by the library, because it would compress the same bytes for every reader.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec

from shared.events.live import LiveEvent

_FIN_TEXT = 0x81
_COMPRESSED = 0x40
_MIN_COMPRESSED_BYTES = 256

PING = bytes((0x89, 0))
"""A frame that the client answers (RFC 6455, 5.5.2)."""


class Message:
    """A JSON object for readers.

    Args:
        payload: its JSON.
        resume: where a reader goes on after it; None: where it did before.
        events: the number of events in it.
        skipped: how many events it says were left out before it.
    """

    def __init__(
        self, payload: bytes, resume: str | None = None, events: int = 0, skipped: int = 0
    ) -> None:
        self.payload = payload
        self.resume = resume
        self.events = events
        self.skipped = skipped

    @classmethod
    def of(cls, kind: str, **fields: Any) -> Message:
        """Return a message of a type with these fields."""
        return cls(msgspec.json.encode({"type": kind, **fields}), fields.get("resume"))

    @classmethod
    def of_events(cls, events: Sequence[LiveEvent], resume: str, skipped: int) -> Message:
        """Return the message of these events.

        Args:
            events: oldest first.
            resume: the position after them.
            skipped: events before them that the limit of events per second left out.
        """
        head = msgspec.json.encode({"type": "events", "resume": resume, "skipped": skipped})
        body = b",".join([event.json for event in events])
        return cls(b"".join((head[:-1], b',"events":[', body, b"]}")), resume, len(events), skipped)

    @cached_property
    def frame(self) -> bytes:
        """The message as a WebSocket frame."""
        return _frame(self.payload, _FIN_TEXT)

    @cached_property
    def compressed_frame(self) -> bytes:
        """The message as a compressed WebSocket frame, which needs no frame before it."""
        if len(self.payload) < _MIN_COMPRESSED_BYTES:
            return self.frame
        deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = deflate.compress(self.payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
        # RFC 7692, 7.2.1: without the empty block at the end.
        return _frame(data[:-4], _FIN_TEXT | _COMPRESSED)

    @cached_property
    def server_sent_event(self) -> bytes:
        """The message as a server-sent event. JSON has no line breaks of its own."""
        position = b"" if self.resume is None else b"id: " + self.resume.encode() + b"\n"
        return position + b"data: " + self.payload + b"\n\n"


def _frame(data: bytes, first: int) -> bytes:
    size = len(data)
    if size < 126:
        return bytes((first, size)) + data
    if size < 1 << 16:
        return bytes((first, 126)) + size.to_bytes(2, "big") + data
    return bytes((first, 127)) + size.to_bytes(8, "big") + data
