"""Live streams: what was stored last of the projects that somebody watches.

The live service names the projects that have readers; the processors add what they commit to the
Redis stream of each. The streams are in the cache, and may be lost at any time: PostgreSQL has
every event. A stream keeps enough for a reader to go on where it was after a reconnect.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

WATCHED = "live:watched"
"""Sorted set of the ids of watched projects; the score is until when, in seconds since 1970."""
WATCH_SECONDS = 60

EVENTS_FIELD = b"events"
SKIPPED_FIELD = b"skipped"
"""How many events a processor has left out since its last entry: those above the limit of events
per second, and those of a time when the cache was away."""

PUBLISHER_FIELD = b"publisher"
"""Which processor added the entry."""
BEFORE_FIELD = b"before"
"""How many events it has counted in its earlier entries of the project, those that it says were
skipped among them: by that a live service notices entries that were removed before it read them."""

MAX_WATCHED = 512
"""The most projects that a live service watches at a time."""
MAX_ENTRIES = 256
MAX_ENTRY_BYTES = 64 * 1024
MAX_BYTES = 64 * 1024 * 1024
"""What all live streams may take in the cache, about; each watched project has the same share."""
KEEP_SECONDS = 120
MAX_EVENT_BYTES = 8 * 1024
"""The properties of longer events are left out."""


class LiveEvent(msgspec.Struct, array_like=True, gc=False):
    """A stored event: what readers are filtered by, and the JSON object that they get."""

    person_id: int | None
    event_name: str
    source: str | None
    distinct_id: str
    community_id: str | None
    seen_us: int
    """When it happened, or was received if that is earlier; microseconds since 1970."""
    json: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[LiveEvent])


def stream_key(project_id: int) -> str:
    """Return the key of a project's live stream."""
    return f"live:events:{project_id}"


def encode(events: Sequence[LiveEvent]) -> bytes:
    """Encode the events of an entry."""
    return _encoder.encode(events)


def decode(raw: bytes) -> list[LiveEvent]:
    """Decode the events of an entry.

    Raises:
        msgspec.DecodeError: the bytes are not events.
    """
    return _decoder.decode(raw)
