"""PostHog's capture protocol, as sent by posthog-js, posthog-python, posthog-node and others.

A body is one event, a list, or ``{"api_key", "batch", "sent_at"}``; as JSON, gzip, a form with
base64, base64 alone, or (the oldest SDKs) lz-string in base64. Several places may hold the key.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec

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
from shared.events.campaign import UTM_FIELDS
from shared.events.conventions import lift_person_and_group, sent_time
from shared.events.drops import Dropped
from shared.events.outcomes import DropReason
from shared.web.bodies import unwrap

_MAX_BYTES = 20 * 1024 * 1024

# Properties that have a column. Their values move there, so that they are stored once.
_LIFTED = {
    "$session_id": "session_id",
    "$device_id": "device_id",
    "$current_url": "page_url",
    "$referrer": "referrer",
    "$browser": "browser",
    "$device_type": "device_type",
    "$os": "os_name",
    "$os_name": "os_name",
    "$os_version": "os_version",
    "$app_version": "app_version",
    "$lib": "source",
    "$groups": "groups",
    "$ip": "ip",
    "$raw_user_agent": "user_agent",
    "$geoip_disable": "geoip_disable",
}

_MICROSECONDS = re.compile(r"\.[0-9]{6}")
_DIRECT = "$direct"
# Properties about the browser SDK itself, sent with every event; they are not stored.
_IGNORED_PROPERTIES = frozenset(
    {
        "token",
        "distinct_id",
        "$time",
        "$initialization_time",
        "$config_defaults",
        "$configured_session_timeout_ms",
        "$recording_status",
        "$lib_custom_api_host",
        "$lib_rate_limit_remaining_tokens",
        "$sdk_dist_channel",
        "$autocapture_disabled_server_side",
        "$web_vitals_enabled_server_side",
        "$exception_capture_enabled_server_side",
        "$dead_clicks_enabled_server_side",
    }
)
_DEBUGGING = "$sdk_debug_"
# The SDK sends every possible click id and utm_ parameter, null when absent; nulls are not stored.
_ABSENT_CLICKS = frozenset(
    {
        *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "fbclid", "msclkid"),
        *("twclid", "li_fat_id", "mc_cid", "igshid", "ttclid", "rdt_cid", "epik", "qclid"),
        *("sccid", "irclid", "_kx"),
        *UTM_FIELDS,
    }
)


def text(body: bytes, request: IngestRequest) -> bytes:
    """Return the JSON of a body in any of the SDKs' encodings.

    Raises:
        BadRequest: the body is in none of them.
    """
    return unwrap(
        body,
        request.query.get("compression", ""),
        _MAX_BYTES,
        is_form=request.content_type.startswith("application/x-www-form-urlencoded"),
        acquire_slot=request.acquire_slot,
        find_key=request.find_key,
    )


def read(body: bytes, request: IngestRequest) -> Message:
    """Read the events of a JSON body.

    Raises:
        BadRequest: the body has none of the forms above.
    """
    content = decode_events(body)
    if isinstance(content, list):
        content = {"batch": content}
    if not isinstance(content, dict):
        raise BadRequest("The body has no event. Send an event, a list, or {api_key, batch}.")
    events = content.get("batch", content.get("data"))
    if events is None:
        events = [content]
    if not isinstance(events, list):
        raise BadRequest("batch must be a list of events.")
    token = text_or_none(content.get("api_key")) or text_or_none(content.get("token"))
    first = object_or_empty(events[0] if events else None)
    sent_at = sent_time(_sent_at(content, first, request))
    sender = _sender(first)
    return Message(
        _with_ids(events, request.query.get("_", "")),
        token or _token_of_events(events),
        sent_at,
        sender,
    )


def canonical(event: dict[str, Any]) -> Fields:
    """Translate one event into the canonical field names.

    Raises:
        Dropped: the event has no distinct id. PostHog's SDKs always send one.
    """
    properties = dict(properties_of(event))
    captured_at = properties.get("$time")
    insert_id = properties.pop("$insert_id", None)
    fields: Fields = {
        "event_name": event.get("event") or _name_of_profile_call(event),
        "distinct_id": _distinct_id(event, properties),
        "event_id": _first_id(event.get("uuid"), insert_id, event.get("messageId")),
        "timestamp": event.get("timestamp"),
        "offset": event.get("offset"),
        "captured_at": captured_at,
    }
    for name, field in _LIFTED.items():
        value = properties.pop(name, None)
        if value is not None and value != "":
            fields.setdefault(field, value)
    if fields.get("referrer") == _DIRECT:
        del fields["referrer"]
    campaign = {part: properties[name] for name, part in UTM_FIELDS.items() if properties.get(name)}
    if campaign:
        fields["campaign"] = campaign
    for name in ("$set", "$set_once", "$unset"):
        if event.get(name) is not None and event[name] != []:
            properties.setdefault(name, event[name])
    properties = {
        name: value
        for name, value in properties.items()
        if name not in _IGNORED_PROPERTIES
        and not name.startswith(_DEBUGGING)
        and (value is not None or name not in _ABSENT_CLICKS)
    }
    is_server = _is_server(properties, fields.get("source"))
    fields["from_server"] = is_server
    fields["properties"] = properties
    lift_person_and_group(fields)
    if is_server and fields.get("group_key") is not None:
        # Server SDKs invent a distinct id where no person acted, some a new one each time; every
        # description of a group would then create a person.
        fields["distinct_id"] = f"${fields.get('group_type')}_{fields['group_key']}"
    return fields


def _token_of_events(events: list[Any]) -> str | None:
    for event in events[:1]:
        if isinstance(event, dict):
            for name in ("$token", "token", "api_key"):
                if token := text_or_none(event.get(name)):
                    return token
            return text_or_none(object_or_empty(event.get("properties")).get("token"))
    return None


def _with_ids(events: list[Any], sent: str) -> list[Any]:
    """Return the events, each with an id if a retry can be told from another event.

    Some SDKs send no ids but retry a request unchanged, so the request and the position in it
    identify an event. posthog-python before version 4 writes times in microseconds, which no two
    equal events share; old versions of posthog-js name the millisecond of sending in the URL, also
    for ``/engage``, and retry with the same. Others stay without an id, because two that look the
    same may be two different events.

    Args:
        events: as sent.
        sent: the parameter ``_`` of the URL, milliseconds since 1970; empty: there is none.
    """
    if all(_has_id(event) or not (sent or _is_precise(event)) for event in events):
        return events
    batch = msgspec.json.encode(events)
    precise = hashlib.blake2b(batch, digest_size=16).hexdigest()
    rough = hashlib.blake2b(batch + sent.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return [
        event
        if _has_id(event) or not (sent or _is_precise(event))
        else {**event, "uuid": f"{precise if _is_precise(event) else rough}-{index}"}
        for index, event in enumerate(events)
    ]


def _has_id(event: object) -> bool:
    if not isinstance(event, dict):
        return True
    insert_id = object_or_empty(event.get("properties")).get("$insert_id")
    return _first_id(event.get("uuid"), insert_id, event.get("messageId")) is not None


def _is_precise(event: dict[str, Any]) -> bool:
    timestamp = event.get("timestamp")
    return isinstance(timestamp, str) and _MICROSECONDS.search(timestamp) is not None


def _first_id(*given: object) -> object:
    """Return the first id that is there; None: the event has none."""
    return next((one for one in given if one is not None and one != ""), None)


def _distinct_id(event: dict[str, Any], properties: dict[str, Any]) -> str:
    given = event.get("distinct_id")
    if given is None:
        given = event.get("$distinct_id")
    if given is None:
        given = properties.get("distinct_id")
    if given is None or given == "" or isinstance(given, list | dict):
        raise Dropped(DropReason.MISSING_IDENTITY, "An event needs a distinct_id.")
    return given if isinstance(given, str) else str(given)


def _name_of_profile_call(event: dict[str, Any]) -> str | None:
    """Return the event name for ``/engage``, which changes a person without naming an event."""
    return "$set" if any(event.get(name) for name in ("$set", "$set_once", "$unset")) else None


def _sent_at(content: dict[str, Any], first: dict[str, Any], request: IngestRequest) -> object:
    """Return the time of sending, where the versions of the SDKs put it."""
    return (
        content.get("sent_at")
        or content.get("sentAt")  # posthog-python before version 4
        or first.get("sent_at")  # posthog-js, in each event of a list
        or request.query.get("sent_at")
        or request.query.get("_")
    )


def _sender(first: dict[str, Any]) -> str:
    """Return the device of the first event, which sent them all; empty for a server."""
    properties = object_or_empty(first.get("properties"))
    if _is_server(properties, properties.get("$lib")):
        return ""
    return first_text(
        properties.get("$device_id"),
        first.get("distinct_id"),
        first.get("$distinct_id"),
        properties.get("distinct_id"),
    )


def _is_server(properties: dict[str, Any], library: object) -> bool:
    """Return whether a server sent the event, so that its address belongs to no visitor.

    New SDKs set a property. Mobile SDKs (posthog-ios, posthog-flutter, …) run on the visitor's
    device and do not count as servers.
    """
    if properties.get("$is_server") is True:
        return True
    return isinstance(library, str) and library in {
        "posthog-python",
        "posthog-node",
        "posthog-php",
        "posthog-ruby",
        "posthog-go",
        "posthog-java",
        "posthog-dotnet",
        "posthog-elixir",
        "posthog-rs",
        "posthog-server",
        "posthog-edge",
    }


PROTOCOL = Protocol("posthog", read, canonical, text)
