"""Tidemark's own protocol, with the field names of every system it replaces."""

from __future__ import annotations

from typing import Any

from services.ingest.delivery import Delivery
from services.ingest.protocols.conventions import lift_person_and_group
from services.ingest.protocols.message import Fields, Message, Protocol, decode_json
from shared.errors import BadRequest

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "event_name": ("event_name", "event", "event_type", "name"),
    "distinct_id": ("distinct_id", "user_id", "anonymous_id"),
    "source": ("source", "event_source"),
    "properties": ("properties", "event_properties"),
    "event_id": ("event_id", "uuid", "messageId", "insert_id"),
    **{
        name: (name,)
        for name in (
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
        )
    },
}
_CANONICAL: dict[str, tuple[str, int]] = {
    spelling: (name, rank)
    for name, spellings in _SPELLINGS.items()
    for rank, spelling in enumerate(spellings)
}
_PERSON_EVENTS = frozenset({"$identify", "$create_alias", "$groupidentify", "$set"})


def read(body: bytes, _delivery: Delivery) -> Message:
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


def canonical(event: dict[str, Any]) -> Fields:
    """The event under its canonical field names; the first name that has a value counts."""
    fields: Fields = {}
    ranks: dict[str, int] = {}
    for key, value in event.items():
        known = _CANONICAL.get(key)
        if known is None or value is None or value == "":
            continue
        name, rank = known
        if rank < ranks.get(name, 99):
            fields[name] = value
            ranks[name] = rank
    name = fields.get("event_name")
    if isinstance(name, str) and name in _PERSON_EVENTS:
        lift_person_and_group(fields)
    return fields


PROTOCOL = Protocol("native", read, canonical)
