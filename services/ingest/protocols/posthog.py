"""PostHog's capture protocol, as posthog-js, posthog-python, posthog-node and others speak it.

A body is one event, a list, or ``{"api_key", "batch", "sent_at"}``; as JSON, gzip, a form with
base64, base64 alone, or (the oldest SDKs) lz-string in base64. The key may stand almost anywhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from services.ingest.body import read_body
from services.ingest.outcomes import Dropped
from services.ingest.protocols import lz_string
from services.ingest.protocols.conventions import lift_person_and_group, sent_time
from services.ingest.protocols.message import (
    Fields,
    Message,
    Protocol,
    decode_json,
    object_or_empty,
    text_or_none,
)
from services.ingest.request import Delivery
from shared.errors import BadRequest
from shared.events.outcomes import DropReason

_MOST_BYTES = 20 * 1024 * 1024

# What properties say and Tidemark has a column for. It moves there, so it is stored once.
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
}
_CAMPAIGN = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "name",
    "utm_term": "term",
    "utm_content": "content",
}
_DIRECT = "$direct"
# What the browser SDK says of itself rather than of the visitor, with every event.
_CHATTER = frozenset(
    {
        "token",
        "distinct_id",
        "$geoip_disable",
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
# It names every click id and utm_ parameter there could have been; null says that it was not.
_ABSENT_CLICKS = frozenset(
    {
        *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "fbclid", "msclkid"),
        *("twclid", "li_fat_id", "mc_cid", "igshid", "ttclid", "rdt_cid", "epik", "qclid"),
        *("sccid", "irclid", "_kx"),
        *("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
    }
)


def read(body: bytes, delivery: Delivery) -> Message:
    """The events of a body, whatever it is wrapped in.

    Raises:
        BadRequest: it is nothing that an SDK sends.
    """
    content = decode_json(_unwrapped(body, delivery))
    if isinstance(content, list):
        content = {"batch": content}
    if not isinstance(content, dict):
        raise BadRequest("Send an event, a list of events, or {api_key, batch}.")
    events = content.get("batch", content.get("data"))
    if events is None:
        events = [content]
    if not isinstance(events, list):
        raise BadRequest("batch must be a list.")
    token = text_or_none(content.get("api_key")) or text_or_none(content.get("token"))
    # posthog-python before 4 says sentAt.
    given = content.get("sent_at") or content.get("sentAt") or delivery.query.get("_")
    sent_at = sent_time(given, delivery, from_server=_starts_on_server(events))
    return Message(_with_ids(events), token or _token_of_events(events), sent_at)


def canonical(event: dict[str, Any]) -> Fields:
    """One event under the canonical field names.

    Raises:
        Dropped: it has no distinct id. PostHog's SDKs always send one.
    """
    properties = dict(object_or_empty(event.get("properties")))
    insert_id = properties.pop("$insert_id", None)
    fields: Fields = {
        "event_name": event.get("event") or _name_of_profile_call(event),
        "distinct_id": _distinct_id(event, properties),
        "event_id": event.get("uuid") or insert_id,
        "timestamp": event.get("timestamp"),
        "offset": event.get("offset"),
    }
    for name, field in _LIFTED.items():
        value = properties.pop(name, None)
        if value is not None and value != "":
            fields.setdefault(field, value)
    if fields.get("referrer") == _DIRECT:
        del fields["referrer"]
    campaign = {part: properties[name] for name, part in _CAMPAIGN.items() if properties.get(name)}
    if campaign:
        fields["campaign"] = campaign
    for name in ("$set", "$set_once", "$unset"):
        if event.get(name):
            properties.setdefault(name, event[name])
    properties = {
        name: value
        for name, value in properties.items()
        if name not in _CHATTER
        and not name.startswith(_DEBUGGING)
        and (value is not None or name not in _ABSENT_CLICKS)
    }
    is_server = _is_server(properties, fields.get("source"))
    fields["from_server"] = is_server
    fields["properties"] = properties
    lift_person_and_group(fields)
    if is_server and fields.get("group_key") is not None:
        # Server SDKs make an id up where nobody acted, some a new one each time: without this,
        # every description of a group would be one more person.
        fields["distinct_id"] = f"${fields.get('group_type')}_{fields['group_key']}"
    return fields


def _unwrapped(body: bytes, delivery: Delivery) -> bytes:
    """The JSON inside a form, base64 or lz-string."""
    compression = delivery.query.get("compression", "")
    data: bytes | None = None
    if body.startswith(b"data=") or delivery.content_type.startswith(
        "application/x-www-form-urlencoded"
    ):
        data, compression = _form_data(body, compression)
    elif compression in {"base64", "lz64"}:
        data = body
    if data is None:
        return body
    if compression == "lz64":
        return lz_string.decompress_base64(data, _MOST_BYTES)
    if data.lstrip()[:1] in {b"{", b"["}:
        return data
    return read_body(_base64(data), "", _MOST_BYTES, delivery.take_turn)


def _form_data(body: bytes, compression: str) -> tuple[bytes, str]:
    """The ``data`` field of a form and its ``compression``."""
    data = b""
    for pair in body.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == b"data":
            data = value
        elif name == b"compression":
            compression = value.decode("ascii", "replace")
    if not data:
        raise BadRequest("The form has no field data.")
    # A plus is a space in a form, and a digit in base64: what is JSON has spaces, base64 has none.
    text = unquote_plus(data.decode("ascii", "replace"))
    if text.lstrip()[:1] not in {"{", "["}:
        text = text.replace(" ", "+")
    return text.encode(), compression


def _base64(data: bytes) -> bytes:
    text = data.strip().replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("The data is neither JSON nor base64.") from error


def _token_of_events(events: list[Any]) -> str | None:
    for event in events[:1]:
        if isinstance(event, dict):
            for name in ("$token", "token", "api_key"):
                if token := text_or_none(event.get(name)):
                    return token
            return text_or_none(object_or_empty(event.get("properties")).get("token"))
    return None


def _with_ids(events: list[Any]) -> list[Any]:
    """The same events, each with an id of its own if it says when it happened.

    posthog-python before 4 sends none, but it repeats a batch word for word: the batch and the
    place in it name the event. Events without a time stay without an id, for two of them that look
    the same may well be two.
    """
    if all(map(_has_id_or_no_time, events)):
        return events
    batch = hashlib.blake2b(msgspec.json.encode(events), digest_size=16).hexdigest()
    return [
        event if _has_id_or_no_time(event) else {**event, "uuid": f"{batch}-{place}"}
        for place, event in enumerate(events)
    ]


def _has_id_or_no_time(event: object) -> bool:
    return (
        not isinstance(event, dict)
        or bool(event.get("uuid"))
        or not event.get("timestamp")
        or bool(object_or_empty(event.get("properties")).get("$insert_id"))
    )


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
    """``/engage`` changes a person without naming an event."""
    return "$set" if any(event.get(name) for name in ("$set", "$set_once", "$unset")) else None


def _starts_on_server(events: list[Any]) -> bool:
    """Whether the first event is a server's; one library sends them all."""
    properties = object_or_empty(object_or_empty(events[0] if events else None).get("properties"))
    return _is_server(properties, properties.get("$lib"))


def _is_server(properties: dict[str, Any], library: object) -> bool:
    """Whether a server sent it: its address and user agent are then nobody's.

    New SDKs say so. Apps' SDKs (posthog-ios, posthog-flutter, …) run where the person is.
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


PROTOCOL = Protocol("posthog", read, canonical)
