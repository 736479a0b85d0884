"""An ingest request without HTTP, and the visitor that sent it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.web.bodies import FindKey


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser or app that sent a request."""

    address: str
    """IPv4 or IPv6; empty when unknown."""
    user_agent: str


@dataclass(frozen=True, slots=True)
class IngestRequest:
    """Everything the pipeline needs to know about a request."""

    body: bytes
    content_encoding: str
    key: str | None
    """Key from a header, the path or the query string; None: the key in the body counts."""
    visitor: Visitor
    """The sender. A server that sends for its users names them in the events."""
    content_type: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    """Origin of the page that sent the request; empty outside browsers."""
    cookie_user_id: str = ""
    """The cookie ``user_id``: whose the events without an id are."""
    country: str = ""
    """ISO 3166-1 alpha-2, from a trusted proxy."""
    wants_no_tracking: bool = False
    """Do-Not-Track or Global Privacy Control was sent."""
    acquire_slot: Callable[[], None] = lambda: None
    """Called before a large body is decoded; see services.ingest.large_bodies."""
    find_key: FindKey = lambda _read_start: None
    """Called before a text is decompressed whose decompression takes long."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""
