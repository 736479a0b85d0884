"""What travels in the stream: one entry per request, one envelope for every protocol.

The layout is positional (``array_like``), so an entry is small and decoding is fast. New
fields go at the end, with a default: readers of either age then understand each other.
"""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, array_like=True, gc=False):
    """One event, normalised at the edge."""

    event_id: bytes
    """16 bytes: the client's UUID, or the UUID made of the id or for the event."""
    event_name: str
    timestamp_us: int
    """Event time, in microseconds since 1970-01-01 UTC, corrected for clock skew."""
    distinct_id: str
    properties: bytes
    """A JSON object, UTF-8, that PostgreSQL's jsonb accepts."""
    session_id: str | None = None
    source: str | None = None
    page_url: str | None = None
    referrer: str | None = None
    device_id: str | None = None
    app_version: str | None = None
    os_name: str | None = None
    os_version: str | None = None


class Batch(msgspec.Struct, array_like=True, gc=False):
    """All events of one request, with what they have in common."""

    project_id: int
    received_at_us: int
    """When the edge took the request, in microseconds since 1970-01-01 UTC."""
    events: list[Event]
    user_agent: str | None = None
    ip_hash: str | None = None
    """The client address under the day's random salt; the address itself does not travel."""
    protocol: str = "native"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Batch)


def encode(batch: Batch) -> bytes:
    """The bytes of a stream entry."""
    return _encoder.encode(batch)


def decode(raw: bytes) -> Batch:
    """Read a stream entry.

    Raises:
        msgspec.DecodeError: the bytes are not a batch.
    """
    return _decoder.decode(raw)
