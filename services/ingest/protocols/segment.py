"""Segment's tracking protocol, as sent by its server and browser libraries.

A batch is ``{"batch": [{"type", "messageId", "userId" | "anonymousId", …}], "sentAt"}``; a single
call names its type in the path.
"""

from __future__ import annotations

from typing import Any

from services.ingest.protocols.event_list import decode_events
from services.ingest.protocols.message import (
    Fields,
    Message,
    Protocol,
    first_text,
    object_or_empty,
    properties_of,
    text_or_none,
)
from services.ingest.request import IngestRequest
from shared.errors import BadRequest
from shared.events.conventions import sent_time
from shared.events.drops import Dropped
from shared.events.outcomes import DropReason

CALLS = ("track", "identify", "page", "screen", "group", "alias")
_SHORT = {call[0]: call for call in CALLS}
# Segment has one type of group.
_GROUP_TYPE = "group"
_SERVER_LIBRARIES = frozenset(
    {
        "@segment/analytics-node",
        "analytics-node",
        "analytics-python",
        "analytics-ruby",
        "analytics-java",
        "analytics-go",
        "analytics-php",
        "Analytics.NET",
        "Analytics-CSharp",
    }
)


def call_named(path: str) -> str | None:
    """Return the call named by a path's last part (``track`` or ``t``, …); None for others."""
    return path if path in CALLS else _SHORT.get(path)


def read(body: bytes, request: IngestRequest) -> Message:
    """Read a batch of calls, or a single call.

    Raises:
        BadRequest: the body is neither.
    """
    content = decode_events(body)
    if not isinstance(content, dict):
        raise BadRequest("The body has no call. Send a call, or {batch: [...]}.")
    calls = content.get("batch")
    if calls is None:
        calls = [{**content, "type": content.get("type") or request.query.get("type")}]
    if not isinstance(calls, list):
        raise BadRequest("batch must be a list of calls.")
    first = object_or_empty(calls[0] if calls else None)
    sent_at = sent_time(content.get("sentAt") or first.get("sentAt"))
    return Message(calls, text_or_none(content.get("writeKey")), sent_at, _sender(first))


def _sender(first: dict[str, Any]) -> str:
    """Return the device of the first call, which sent them all; empty for a server."""
    context = object_or_empty(first.get("context"))
    if _is_server(object_or_empty(context.get("library")).get("name")):
        return ""
    device = object_or_empty(context.get("device")).get("id")
    return first_text(device, first.get("anonymousId"), first.get("userId"))


def canonical(call: dict[str, Any]) -> Fields:
    """Translate one call into the canonical field names.

    Raises:
        Dropped: the call's type is unknown, or it names no user.
    """
    kind = call.get("type")
    context = object_or_empty(call.get("context"))
    fields = _context_fields(context)
    fields["event_id"] = call.get("messageId")
    fields["timestamp"] = call.get("timestamp") or call.get("originalTimestamp")
    user, anonymous = call.get("userId"), call.get("anonymousId")
    fields["distinct_id"] = user if user not in (None, "") else anonymous
    if fields["distinct_id"] in (None, "") and kind != "alias":
        raise Dropped(DropReason.MISSING_IDENTITY, "A call needs a userId or an anonymousId.")
    properties, traits = properties_of(call), properties_of(call, "traits")
    user_traits = properties_of(context, "traits")
    if user_traits and kind != "identify":
        fields["event_set"] = user_traits
    if kind == "track":
        fields.update(event_name=call.get("event"), properties=properties)
    elif kind in ("page", "screen"):
        fields["event_name"] = "$pageview" if kind == "page" else "$screen"
        fields["properties"] = _named(call, properties)
        fields["page_url"] = properties.get("url") or fields.get("page_url")
        fields["referrer"] = properties.get("referrer") or fields.get("referrer")
    elif kind == "identify":
        fields["event_name"] = "$identify"
        fields["set"] = {**user_traits, **traits}
        if user not in (None, ""):
            fields.update(link="identify", previous_id=anonymous)
    elif kind == "group":
        fields["event_name"] = "$groupidentify"
        fields.update(group_type=_GROUP_TYPE, group_key=call.get("groupId"), group_set=traits)
    elif kind == "alias":
        fields["event_name"] = "$create_alias"
        fields.update(link="alias", previous_id=call.get("previousId"))
    else:
        raise Dropped(DropReason.INVALID_FIELD, f"type must be one of {', '.join(CALLS)}.")
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _context_fields(context: dict[str, Any]) -> Fields:
    """Read the context: page, app, device and visitor."""
    page, app = object_or_empty(context.get("page")), object_or_empty(context.get("app"))
    os, device = object_or_empty(context.get("os")), object_or_empty(context.get("device"))
    library = object_or_empty(context.get("library")).get("name")
    fields: Fields = {
        "page_url": page.get("url"),
        "referrer": page.get("referrer"),
        "app_version": app.get("version"),
        "os_name": os.get("name"),
        "os_version": os.get("version"),
        "device_id": device.get("id"),
        "device_type": device.get("type"),
        "session_id": context.get("sessionId"),
        "source": library,
        "ip": context.get("ip"),
        "user_agent": context.get("userAgent"),
        "from_server": _is_server(library),
    }
    campaign = context.get("campaign")
    if isinstance(campaign, dict) and campaign:
        fields["campaign"] = campaign
    group = context.get("groupId")
    if group not in (None, ""):
        fields["groups"] = {_GROUP_TYPE: group}
    consent = object_or_empty(context.get("consent")).get("categoryPreferences")
    if isinstance(consent, dict) and consent:
        fields["consent"] = any(value is True for value in consent.values())
    return fields


def _is_server(library: object) -> bool:
    return isinstance(library, str) and library in _SERVER_LIBRARIES


def _named(call: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a page or screen call, with the call's name and category."""
    named = dict(properties)
    for name in ("name", "category"):
        if call.get(name):
            named.setdefault(name, call[name])
    return named


PROTOCOL = Protocol("segment", read, canonical)
