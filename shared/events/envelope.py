"""Define what travels in the stream: one entry per request, one envelope for every protocol.

The layout is positional (``array_like``), so entries are small and decoding is fast. New fields go
at the end, with a default: then old and new readers understand each other.
"""

from __future__ import annotations

from typing import Literal

import msgspec

KeyKind = Literal["public", "secret", "unknown"]
"""The kind of API key that a request was authenticated with. Everybody can read a public key, so
what it says of persons is trusted less. ``unknown``: the request was received by an earlier version
that did not record the kind; it may link no more than a public key, but what it linked stays."""


class PersonChange(msgspec.Struct, array_like=True, gc=False):
    """Changes of the event's person."""

    link: Literal["identify", "alias"] | None = None
    """identify: ``distinct_id`` is a known user, who was ``previous_id`` until now (a conversion).
    alias: ``previous_id`` is another id of the same person."""
    previous_id: str | None = None
    """Validated: never empty, never a placeholder id."""
    set: bytes = b""
    """Properties to set, a JSON object; empty: none."""
    set_once: bytes = b""
    """Properties to set unless they are set; a JSON object; empty: none."""
    unset: tuple[str, ...] = ()
    """Properties to remove."""


class GroupChange(msgspec.Struct, array_like=True, gc=False):
    """Changes of a group (a company, a guild)."""

    group_type: str
    group_key: str
    set: bytes = b""
    """Properties to set, a JSON object; empty: none."""


class Campaign(msgspec.Struct, array_like=True, gc=False):
    """The ``utm_`` parameters of the visit."""

    source: str | None = None
    medium: str | None = None
    name: str | None = None
    term: str | None = None
    content: str | None = None


class Event(msgspec.Struct, array_like=True, gc=False):
    """One event, normalised at the edge."""

    event_id: bytes
    """16 bytes: the client's UUID, one derived from the client's id, or one created at the edge."""
    event_name: str
    """A client's own name, or a standard one: ``$pageview``, ``$screen``, ``$identify``,
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
    """The visitor's, when a server sent it for them; otherwise the batch's applies."""
    browser: str | None = None
    """As sent by the client; otherwise derived from the user agent, like ``os_name``,
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
    """The client address, or its hash under the day's salt, if the project stores one."""
    sample_weight: float = 1.0
    """How many events this one stands for: 1 / the share of distinct ids that is stored."""
    person: PersonChange | None = None
    group: GroupChange | None = None


class EdgeWarning(msgspec.Struct, array_like=True, gc=False):
    """Something the edge changed or refused, for the dashboard to show."""

    reason: str
    """A ``shared.events.outcomes.DropReason`` or ``WarningReason``."""
    event_name: str
    """Empty when the event had none."""
    detail: str
    events: int = 1
    """Number of affected events of the request."""


class CrawlerEvent(msgspec.Struct, array_like=True, gc=False):
    """An event that a crawler sent: it is no person's, so it is counted and stored apart."""

    crawler_class: str
    """What the crawler is for, one of ``services.ingest.bots.CrawlerClass``."""
    operator: str
    """A domain of a closed list; empty: unknown."""
    event: Event | None = None
    """None: the project does not keep events of crawlers."""


class Batch(msgspec.Struct, array_like=True, gc=False):
    """All events of one request, with what they share."""

    project_id: int
    received_at_us: int
    """When ingest received the request, in microseconds since 1970-01-01 UTC."""
    events: list[Event]
    user_agent: str | None = None
    """The visitor's; None when the request came from a server."""
    protocol: str = "native"
    batch_id: bytes = b""
    """16 bytes, unique for the request: drops, warnings and repeats are counted once by it."""
    drops: dict[str, int] = {}
    """Events of the request that were dropped, by ``shared.events.outcomes.DropReason``."""
    warnings: list[EdgeWarning] = []
    key_kind: KeyKind = "unknown"
    crawlers: list[CrawlerEvent] = []
    """Events of the request that crawlers sent. ``drops`` counts those without ``event``, too."""

    @property
    def by_secret_key(self) -> bool | None:
        """Return whether a secret key sent the request; None: unknown."""
        return None if self.key_kind == "unknown" else self.key_kind == "secret"


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Batch)


def encode(batch: Batch) -> bytes:
    """Encode a stream entry."""
    return _encoder.encode(batch)


def decode(raw: bytes) -> Batch:
    """Decode a stream entry.

    Raises:
        msgspec.DecodeError: the bytes are not a batch.
    """
    return _decoder.decode(raw)
