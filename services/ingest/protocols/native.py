"""Tidemark's own protocol, which also accepts other systems' field names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from services.ingest.pixel import event_of_pairs
from services.ingest.protocols.event_list import decode_events
from services.ingest.protocols.fast_path import NativeEvent, decode_fast
from services.ingest.protocols.message import (
    Fields,
    Message,
    Protocol,
    first_text,
    object_or_empty,
)
from services.ingest.request import IngestRequest
from shared.errors import BadRequest
from shared.events.conventions import lift_person_and_group
from shared.web.bodies import decode_json

OWN = frozenset(
    {
        "event_name",
        "distinct_id",
        "source",
        "properties",
        "event_id",
        "session_id",
        "timestamp",
        "device_id",
        "app_version",
        "os_name",
        "os_version",
        "browser",
        "device_type",
        "page_url",
        "referrer",
        "community_id",
        "division_id",
        "groups",
        "consent",
        "ip",
        "user_agent",
    }
)
# Other systems' names for the same fields; the first one with a value counts.
_ALIASES = {
    "event": "event_name",
    "event_type": "event_name",
    "name": "event_name",
    "user_id": "distinct_id",
    "anonymous_id": "distinct_id",
    "event_source": "source",
    "event_properties": "properties",
    "uuid": "event_id",
    "messageId": "event_id",
    "insert_id": "event_id",
}
# The first one that is given names the device that sent a request.
_SENDER = ("device_id", "anonymous_id", "distinct_id", "user_id")
_PERSON_EVENTS = frozenset({"$identify", "$create_alias", "$groupidentify", "$set"})


_ENVELOPE = frozenset({"api_key", "token", "sent_at"})
_KNOWN = OWN | _ALIASES.keys() | _ENVELOPE
_MAX_REPORTED = 3
_MAX_FORM_FIELDS = 500
_MAX_REPORTED_CHARACTERS = 50
_MAX_HINTS = 20
_MAX_HINTED_CHARACTERS = max(map(len, _KNOWN)) + 3


def read(body: bytes, request: IngestRequest) -> Message:
    """Read a body like ``read_objects``, on the fast path where all its events fit it.

    Raises:
        BadRequest: as ``read_objects``.
    """
    return decode_fast(body) or read_objects(body, request)


def read_objects(body: bytes, request: IngestRequest) -> Message:
    """Read one event, a list of events, or ``{"events": […], "sent_at", "api_key"}``.

    ``batch`` is accepted instead of ``events``. A form is one event: its fields are the event's,
    others are properties, and ``properties`` is JSON.

    Raises:
        BadRequest: the body is not JSON, or has none of these forms.
    """
    if _is_form(body, request):
        return _read_form(body)
    content = decode_events(body)
    if isinstance(content, list):
        return Message(content)
    if not isinstance(content, dict):
        raise BadRequest('The body has no event. Send an event, a list, or {"events": [...]}.')
    key = content.get("api_key")
    api_key = key if isinstance(key, str) else None
    for name in ("events", "batch"):
        if name in content:
            if not isinstance(content[name], list):
                raise BadRequest(f"{name} must be a list of events.")
            return message(content[name], api_key, content.get("sent_at"))
    return replace(message([content], api_key, content.get("sent_at")), is_single=True)


def message(events: list[Any], api_key: str | None, sent_at: object) -> Message:
    """Return the events as a message from the device of the first one."""
    first = object_or_empty(events[0] if events else None)
    sender = first_text(*(first.get(name) for name in _SENDER))
    return Message(events, api_key, sent_at or None, sender)


def _is_form(body: bytes, request: IngestRequest) -> bool:
    """Return whether a body is a form: curl sends JSON, too, with a form's content type."""
    is_form = request.content_type.startswith("application/x-www-form-urlencoded")
    return is_form and body.lstrip()[:1] not in {b"{", b"[", b'"'}


def _read_form(body: bytes) -> Message:
    try:
        pairs = dict(parse_qsl(body.decode(), max_num_fields=_MAX_FORM_FIELDS))
    except ValueError as error:
        raise BadRequest(
            f"The form cannot be read. Send UTF-8 and at most {_MAX_FORM_FIELDS} fields."
        ) from error
    properties = pairs.pop("properties", "")
    event = event_of_pairs(pairs)
    if properties:
        given = decode_json(properties.encode())
        if not isinstance(given, dict):
            raise BadRequest("The form's field properties must be a JSON object.")
        event["properties"] |= given
    return replace(message([event], pairs.get("api_key"), None), is_single=True)


def canonical(event: dict[str, Any] | NativeEvent, further_fields: Collection[str] = ()) -> Fields:
    """Translate an event into canonical field names; the first alias with a value counts.

    Args:
        event: as sent.
        further_fields: fields of this kind of call besides those of an event.
    """
    if isinstance(event, NativeEvent):
        event = event.fields()
    fields: Fields = {
        key: value
        for key, value in event.items()
        if key in OWN and value is not None and (value != "" or key == "properties")
    }
    if len(fields) < len(event):
        for key, name in _ALIASES.items():
            if name not in fields and key in event:
                value = event[key]
                if value is not None and value != "":
                    fields[name] = value
        unknown = [key for key in event if key not in _KNOWN and key not in further_fields]
        if unknown:
            fields["unknown_fields"] = unknown
    event_name = fields.get("event_name")
    if isinstance(event_name, str) and event_name in _PERSON_EVENTS:
        lift_person_and_group(fields)
    return fields


def describe_unknown(names: list[str], hints: dict[str, str]) -> str:
    """Return a warning about fields that are none of an event's.

    Args:
        names: the fields' names.
        hints: those of the request so far, by name; gets the new ones. Looking for the field that
            was meant takes 0.1 ms and more, so a request has only so many.
    """
    shown = [name[:_MAX_REPORTED_CHARACTERS] for name in names[:_MAX_REPORTED]]
    for name in shown:
        if name not in hints and len(hints) < _MAX_HINTS and len(name) <= _MAX_HINTED_CHARACTERS:
            hints[name] = _hint(name)
    described = [f"{name!r}{hints.get(name, '')}" for name in shown]
    more = f" and {len(names) - _MAX_REPORTED} more" if len(names) > _MAX_REPORTED else ""
    return (
        f"Unknown: {', '.join(described)}{more}. Unknown fields are ignored; send values of "
        "your own under properties."
    )


@lru_cache(maxsize=1_000)
def _hint(name: str) -> str:
    close = get_close_matches(name, sorted(_KNOWN), n=1, cutoff=0.8)
    return f" (did you mean {close[0]!r}?)" if close else ""


PROTOCOL = Protocol("native", read, canonical)
