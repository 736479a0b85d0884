"""A request, freed from HTTP, and the visitor it speaks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose browser or app an event came from."""

    address: str
    """IPv4 or IPv6; empty when nobody knows it."""
    user_agent: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the steps need to know of a request."""

    body: bytes
    content_encoding: str
    key: str | None
    """From a header, the path or the query string; one in the body counts when there is none."""
    visitor: Visitor
    """Who called. A server that calls for others names them in the events."""
    content_type: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    """The page that called, as the browser names it; empty outside browsers."""
    country: str = ""
    """ISO 3166-1 alpha-2, as a trusted proxy knows it."""
    wants_no_tracking: bool = False
    """Do-Not-Track or Global Privacy Control was sent."""
    take_turn: Callable[[], None] = lambda: None
    """To be called before a large body is decoded; see services.ingest.large_bodies."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970, UTC."""
