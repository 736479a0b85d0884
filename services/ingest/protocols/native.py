"""Tidemark's own protocol, with the field names of every system it replaces."""

from __future__ import annotations

from typing import Any

from services.ingest.protocols.conventions import lift_person_and_group
from services.ingest.protocols.fast_path import PlainEvent, read_plain
from services.ingest.protocols.message import Fields, Message, Protocol, decode_json
from services.ingest.request import Delivery
from shared.errors import BadRequest

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
# Other systems' names for the same, the first one that has a value counts.
_OTHERS = {
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
_PERSON_EVENTS = frozenset({"$identify", "$create_alias", "$groupidentify", "$set"})


def read(body: bytes, delivery: Delivery) -> Message:
    """As ``read_objects``; events that need no mending are decoded as such.

    Raises:
        BadRequest: as ``read_objects``.
    """
    return read_plain(body) or read_objects(body, delivery)


def read_objects(body: bytes, _delivery: Delivery) -> Message:
    """One event, a list of events, or ``{"events": […], "sent_at", "api_key"}``.

    ``batch`` may stand for ``events``.

    Raises:
        BadRequest: the body is not JSON, or not of this form.
    """
    content = decode_json(body)
    if isinstance(content, list):
        return Message(content)
    if not isinstance(content, dict):
        raise BadRequest('Send a JSON event, a list of events, or {"events": [...]}.')
    key = content.get("api_key")
    api_key = key if isinstance(key, str) else None
    for name in ("events", "batch"):
        if name in content:
            if not isinstance(content[name], list):
                raise BadRequest(f"{name} must be a list.")
            return Message(content[name], api_key, content.get("sent_at"))
    return Message([content], api_key, content.get("sent_at"))


def canonical(event: dict[str, Any] | PlainEvent) -> Fields:
    """The event under its canonical field names; the first name that has a value counts."""
    if isinstance(event, PlainEvent):
        event = event.fields()
    fields: Fields = {
        key: value
        for key, value in event.items()
        if key in OWN and value is not None and value != ""
    }
    if len(fields) < len(event):
        for key, name in _OTHERS.items():
            if name not in fields and key in event:
                value = event[key]
                if value is not None and value != "":
                    fields[name] = value
    event_name = fields.get("event_name")
    if isinstance(event_name, str) and event_name in _PERSON_EVENTS:
        lift_person_and_group(fields)
    return fields


PROTOCOL = Protocol("native", read, canonical)
