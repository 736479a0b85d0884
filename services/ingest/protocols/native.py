"""Tidemark's own protocol, with the field names of every system it replaces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.errors import BadRequest

_NAMES: dict[str, tuple[str, ...]] = {
    "event_name": ("event_name", "event", "event_type", "name"),
    "distinct_id": ("distinct_id", "user_id", "anonymous_id"),
    "source": ("source", "event_source"),
    "properties": ("properties", "event_properties"),
    "event_id": ("event_id", "uuid", "messageId", "insert_id"),
}
_SAME = (
    "session_id",
    "timestamp",
    "device_id",
    "app_version",
    "os_name",
    "os_version",
    "page_url",
    "referrer",
)

# Escaped characters in turn: a backslash, a pair of surrogates, a lone one.
_SURROGATES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)

_decode_json = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded body: the events as sent, and what was said about all of them."""

    events: list[Any]
    api_key: str | None
    sent_at: object


def read_message(body: bytes) -> Message:
    """One event, a list of events, or ``{"events": […], "sent_at", "api_key"}``.

    Raises:
        BadRequest: the body is not JSON, or not of this form.
    """
    try:
        content = _decode_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        content = _decode_repaired(body)
    if isinstance(content, list):
        return Message(content, None, None)
    if not isinstance(content, dict):
        raise BadRequest('Send a JSON event, a list of events, or {"events": [...]}.')
    key = content.get("api_key")
    api_key = key if isinstance(key, str) else None
    if "events" not in content:
        return Message([content], api_key, content.get("sent_at"))
    if not isinstance(content["events"], list):
        raise BadRequest("events must be a list.")
    return Message(content["events"], api_key, content.get("sent_at"))


def _decode_repaired(body: bytes) -> Any:
    r"""Decode a body that JSON allows and Unicode does not.

    JavaScript cuts texts in the middle of an emoji and writes the half as an escape (``\ud83d``).
    One such text must not cost the whole batch: the half becomes U+FFFD.
    """
    try:
        return _decode_json(_SURROGATES.sub(_repair, body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error


def _repair(match: re.Match[bytes]) -> bytes:
    """Keep whole characters and escaped backslashes; replace halves."""
    whole = match[0]
    is_half = len(whole) == len(rb"\ud83d") and whole[:1] == b"\\" and whole[1:2] == b"u"
    return rb"\ufffd" if is_half else whole


def canonical(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event under its canonical field names; the first name that has a value counts."""
    fields = {name: event[name] for name in _SAME if name in event}
    for name, spellings in _NAMES.items():
        for spelling in spellings:
            value = event.get(spelling)
            if value is not None and value != "":
                fields[name] = value
                break
    return fields
