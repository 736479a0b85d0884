"""The interface of a protocol: it reads a body as a message, and translates each event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.ingest.request import IngestRequest
from shared.events.drops import Dropped
from shared.events.outcomes import DropReason

Fields = dict[str, Any]
"""An event under the canonical field names, which ``shared.events.normalise`` lists."""


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded body: the events as sent, and the values that apply to all of them."""

    events: list[Any]
    api_key: str | None = None
    sent_at: object = None
    """Time of sending, by the client's clock."""
    sender: str = ""
    """Id of the device that sent them; empty for a server, which sends for many."""
    is_single: bool = False
    """Whether the body is the event itself, not a list or an envelope."""


def _as_sent(body: bytes, _request: IngestRequest) -> bytes:
    return body


@dataclass(frozen=True, slots=True)
class Protocol:
    """A wire format for events."""

    name: str
    read: Callable[[bytes, IngestRequest], Message]
    """Decodes the text of a body; raises BadRequest when it is invalid."""
    canonical: Callable[[Any], Fields]
    """Translates one event (an object, or what ``read`` made of it) into the canonical field names;
    raises Dropped when it cannot be an event."""
    text: Callable[[bytes, IngestRequest], bytes] = _as_sent
    """Returns the JSON, or the form, inside a decompressed body; raises BadRequest."""


def text_or_none(value: object) -> str | None:
    """Return the value if it is a non-empty text."""
    return value if isinstance(value, str) and value else None


def first_text(*values: object) -> str:
    """Return the first value that is a non-empty text; empty when none is."""
    return next((value for value in values if isinstance(value, str) and value), "")


def properties_of(message: dict[str, Any], name: str = "properties") -> dict[str, Any]:
    """Return the object under a name; empty where there is none.

    PHP writes an empty object as an empty list.

    Raises:
        Dropped: the value is not an object.
    """
    value = message.get(name)
    if isinstance(value, dict):
        return value
    if value is None or value == []:
        return {}
    raise Dropped(DropReason.INVALID_PROPERTIES, f"{name} must be an object.")


def object_or_empty(value: object) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
