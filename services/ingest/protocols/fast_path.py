"""The fast path for native events that need no repair, which are nearly all.

The decoder checks types and lengths in C. Every other event takes the full path
(``native.canonical``, then ``normalise``), which holds the rules: this module only recognises
events that those rules leave unchanged.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec

from services.ingest.geography import UNKNOWN_LOCATION, Location
from services.ingest.protocols.message import Fields, Message
from shared.events.batch_context import BatchContext
from shared.events.campaign import campaign_of
from shared.events.envelope import Event
from shared.events.event_times import timestamp_of
from shared.events.field_values import clean_url, device_type
from shared.events.normalise import (
    MAX_ID_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    event_id_bytes,
    is_identity,
)
from shared.events.properties import encode_object, has_long_name

_Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_CHARACTERS)]
_Short: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
_Long: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS)]


class NativeEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event under canonical names, every field of the right type and length."""

    event_name: _Short
    distinct_id: _Id | None = None
    event_id: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    timestamp: str | int | float | None = None
    properties: dict[str, Any] | None = None
    session_id: _Id | None = None
    source: _Short | None = None
    page_url: _Long | None = None
    referrer: _Long | None = None
    device_id: _Id | None = None
    app_version: _Short | None = None
    os_name: _Short | None = None
    os_version: _Short | None = None
    browser: _Short | None = None
    device_type: _Short | None = None

    def fields(self) -> Fields:
        """Return the event's fields for the full path."""
        return {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None and value != ""
        }


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    events: list[NativeEvent]
    sent_at: str | int | float | None = None
    api_key: str | None = None


_decode_list = msgspec.json.Decoder(list[NativeEvent]).decode
_decode_one = msgspec.json.Decoder(NativeEvent).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def decode_fast(body: bytes) -> Message | None:
    """Decode a body whose events all fit the fast path; None for any other."""
    if b"\\u0000" in body:  # NUL has to be replaced
        return None
    try:
        if body[:1] == b"[":
            return Message(_decode_list(body))
        try:
            return Message([_decode_one(body)], is_single=True)
        except msgspec.ValidationError:
            envelope = _decode_envelope(body)
            first = envelope.events[0] if envelope.events else None
            sender = (first.device_id or first.distinct_id or "") if first else ""
            return Message(envelope.events, envelope.api_key, envelope.sent_at or None, sender)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def normalise_fast(
    event: NativeEvent, context: BatchContext, location: Location = UNKNOWN_LOCATION
) -> Event | None:
    """Return the event if the rules leave it unchanged, else None.

    Raises:
        Dropped: as ``normalise``.
    """
    name = event.event_name
    distinct_id, session_id, device_id = event.distinct_id, event.session_id, event.device_id
    if (
        name[0] == "$"  # it may change its person
        or name.strip() != name
        or event.timestamp == ""
        or (distinct_id is not None and not is_identity(distinct_id))
        or (session_id is not None and not is_identity(session_id))
        or (device_id is not None and not is_identity(device_id))
    ):
        return None
    properties = encode_object(event.properties, "properties")
    if event.properties and has_long_name(event.properties, properties):
        return None
    page_url, referrer, kind = event.page_url, event.referrer, event.device_type
    return Event(
        event_id_bytes(event.event_id, context.received_at_us),
        name,
        timestamp_of(event.timestamp, name, context),
        distinct_id or context.visitor_id(),
        properties,
        session_id,
        event.source,
        clean_url(page_url)[:MAX_TEXT_CHARACTERS] if page_url else None,
        clean_url(referrer)[:MAX_TEXT_CHARACTERS] if referrer else None,
        device_id,
        event.app_version,
        event.os_name,
        event.os_version,
        browser=event.browser,
        device_type=device_type(kind) if kind else None,
        country=location.country,
        region=location.region,
        city=location.city,
        campaign=campaign_of(None, page_url) if page_url and "utm_" in page_url else None,
    )
