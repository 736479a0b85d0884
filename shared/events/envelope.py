"""What travels in the stream: one entry per request, one envelope for every protocol.

The layout is positional (``array_like``), so an entry is small and decoding is fast. New
fields go at the end, with a default: readers of either age then understand each other.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class PersonChange(msgspec.Struct, array_like=True, gc=False):
    """What an event says about its person."""

    link: Literal["identify", "alias"] | None = None
    """identify: ``distinct_id`` is a known user, who was ``previous_id`` until now (a conversion).
    alias: ``previous_id`` is another id of the same person."""
    previous_id: str | None = None
    """Already checked: never empty, never one of the ids that stand for nobody."""
    set: bytes = b""
    """Properties to set, a JSON object; empty: none."""
    set_once: bytes = b""
    """Properties to set unless they are set; a JSON object; empty: none."""
    unset: tuple[str, ...] = ()
    """Properties to remove."""


class GroupChange(msgspec.Struct, array_like=True, gc=False):
    """What an event says about a group (a company, a guild)."""

    group_type: str
    group_key: str
    set: bytes = b""
    """Properties to set, a JSON object; empty: none."""


class Campaign(msgspec.Struct, array_like=True, gc=False):
    """How the visitor came: the ``utm_`` parameters."""

    source: str | None = None
    medium: str | None = None
    name: str | None = None
    term: str | None = None
    content: str | None = None


class Event(msgspec.Struct, array_like=True, gc=False):
    """One event, normalised at the edge."""

    event_id: bytes
    """16 bytes: the client's UUID, or the UUID made of the id or for the event."""
    event_name: str
    """A client's own name, or one of the field's: ``$pageview``, ``$screen``, ``$identify``,
    ``$create_alias``, ``$groupidentify``, ``$session_start``, ``$session_end``."""
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
    user_agent: str | None = None
    """The visitor's, when a server sent it for them; else the batch's counts."""
    browser: str | None = None
    """As the client named it; else it follows from the user agent. So do ``os_name``,
    ``os_version`` and ``device_type``."""
    device_type: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    region: str | None = None
    """Name of the first-level subdivision."""
    city: str | None = None
    campaign: Campaign | None = None
    groups: dict[str, str] | None = None
    """Group key by group type, of the groups the person acted for."""
    community_id: str | None = None
    division_id: str | None = None
    ip: str | None = None
    """The client address, or its hash under the day's salt, if the project keeps one."""
    sample_weight: float = 1.0
    """How many events this one stands for: 1 / the share of persons that is kept."""
    person: PersonChange | None = None
    group: GroupChange | None = None


class EdgeWarning(msgspec.Struct, array_like=True, gc=False):
    """Something the edge had to change or refuse, for the dashboard to show."""

    reason: str
    """A ``shared.events.outcomes.DropReason`` or ``WarningReason``."""
    event_name: str
    """Empty when the event had none."""
    detail: str
    events: int = 1
    """How many events of the request it is true of."""


class Batch(msgspec.Struct, array_like=True, gc=False):
    """All events of one request, with what they have in common."""

    project_id: int
    received_at_us: int
    """When the edge took the request, in microseconds since 1970-01-01 UTC."""
    events: list[Event]
    user_agent: str | None = None
    """The visitor's; None when the request came from a server."""
    protocol: str = "native"
    batch_id: bytes = b""
    """16 bytes, the request's own: by it drops, warnings and events sent again are counted once."""
    drops: dict[str, int] = {}
    """Events of the request that were not taken, by ``shared.events.outcomes.DropReason``."""
    warnings: list[EdgeWarning] = []


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
