"""The short way for native events that need no mending, as nearly all do.

Types and lengths are checked by the decoder, in C. What does not fit exactly takes the long way
(``native.canonical``, then ``normalise``), which is where the rules are: this module may only
recognise events for which they change nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec

from services.ingest.campaign import campaign_of
from services.ingest.normalise import (
    MOST_ID_CHARACTERS,
    MOST_NAME_CHARACTERS,
    MOST_TEXT_CHARACTERS,
    Arrival,
    event_id_bytes,
    is_identity,
    timestamp_of,
)
from services.ingest.properties import encode_object
from services.ingest.protocols.message import Fields, Message
from shared.events.envelope import Event

_Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_ID_CHARACTERS)]
_Short: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_NAME_CHARACTERS)]
_Long: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_TEXT_CHARACTERS)]


class PlainEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event under its canonical names, each of its own type and within its length."""

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
        """The same for the long way."""
        return {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None and value != ""
        }


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    events: list[PlainEvent]
    sent_at: str | int | float | None = None
    api_key: str | None = None


_decode_list = msgspec.json.Decoder(list[PlainEvent]).decode
_decode_one = msgspec.json.Decoder(PlainEvent).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def read_plain(body: bytes) -> Message | None:
    """The message, if all its events are plain."""
    if b"\\u0000" in body:  # NUL has to be replaced
        return None
    try:
        if body[:1] == b"[":
            return Message(_decode_list(body))
        try:
            return Message([_decode_one(body)])
        except msgspec.ValidationError:
            envelope = _decode_envelope(body)
            return Message(envelope.events, envelope.api_key, envelope.sent_at)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def normalise_plain(plain: PlainEvent, arrival: Arrival) -> Event | None:
    """The event, if the rules leave it as it is.

    Raises:
        Dropped: as ``normalise``.
    """
    name = plain.event_name
    distinct_id, session_id, device_id = plain.distinct_id, plain.session_id, plain.device_id
    if (
        name[0] == "$"  # it may say something of its person
        or name.strip() != name
        or plain.timestamp == ""
        or (distinct_id is not None and not is_identity(distinct_id))
        or (session_id is not None and not is_identity(session_id))
        or (device_id is not None and not is_identity(device_id))
    ):
        return None
    page_url = plain.page_url
    return Event(
        event_id_bytes(plain.event_id, arrival.received_at_us),
        name,
        timestamp_of(plain.timestamp, name, arrival),
        distinct_id or arrival.visitor_id(),
        encode_object(plain.properties, "properties"),
        session_id,
        plain.source,
        page_url,
        plain.referrer,
        device_id,
        plain.app_version,
        plain.os_name,
        plain.os_version,
        browser=plain.browser,
        device_type=plain.device_type,
        campaign=None if page_url is None else campaign_of(None, page_url),
    )
