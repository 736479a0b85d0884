"""The tracking pixel: one event in a URL, for e-mails and pages without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A transparent GIF of one pixel (GIF89a): header, screen of 1 x 1, two colours, the first one
# transparent, one pixel.
GIF = bytes.fromhex(
    "4749463839610100010080ff00ffffff00000021f90401000000002c00000000010001000002024401003b"
)

_NAMES = {
    "event": "event_name",
    "event_name": "event_name",
    "name": "event_name",
    "id": "distinct_id",
    "distinct_id": "distinct_id",
    "user_id": "distinct_id",
    "event_id": "event_id",
    "session_id": "session_id",
    "source": "source",
    "url": "page_url",
    "page_url": "page_url",
    "referrer": "referrer",
    "timestamp": "timestamp",
    "consent": "consent",
}
_PROPERTY = "p_"
_KEYS = frozenset({"api_key", "token"})


def event_of(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the event that a query string describes; its name is ``$pageview`` if it has none."""
    return {"event_name": "$pageview", **event_of_pairs(query)}


def event_of_pairs(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the event that names and values of a URL or a form describe.

    ``event`` is its name. Parameters that are not fields become text
    properties; ``p_name=…`` is the property ``name`` even where that is the name of a field.
    """
    event: dict[str, Any] = {}
    properties = {}
    for name, value in query.items():
        if name in _NAMES:
            event[_NAMES[name]] = value
        elif name.startswith(_PROPERTY):
            properties[name.removeprefix(_PROPERTY)] = value
        elif name not in _KEYS:
            properties.setdefault(name, value)
    timestamp = event.get("timestamp")
    if isinstance(timestamp, str) and timestamp.isascii() and timestamp.isdigit():
        event["timestamp"] = int(timestamp)
    return {**event, "properties": properties}
