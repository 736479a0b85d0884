"""One normaliser for every protocol: what an event must be before it may travel.

The rules, all of them per event:

- The name is text of 1 to 100 characters after trimming.
- Ids may be text or numbers; longer ones than 200 characters are cut. An id that a faulty client
  made out of nothing ("null", "undefined", …) counts as no id.
- Texts lose NUL characters (PostgreSQL cannot store them; U+FFFD takes their place) and what is
  beyond their column's length.
- Properties are one JSON object of at most 32 KiB, 32 levels deep and 500 entries.
- Time is ISO 8601 or a number of seconds or milliseconds since 1970; without a zone it is UTC. It
  is corrected by how wrong the client's clock was when it sent (Segment's rule: received −
  (sent − happened)), the same shift for a whole batch, so that order within it stays. More than a
  day ahead counts as now. Older than the deduplication window is refused, because a resend of
  it could not be told from a new event.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import msgspec

from services.ingest.outcomes import Dropped
from shared.envelope import Event
from shared.outcomes import DropReason

MOST_NAME_CHARACTERS = 100
MOST_ID_CHARACTERS = 200
MOST_TEXT_CHARACTERS = 2_000
MOST_PROPERTIES = 500
MOST_PROPERTY_BYTES = 32 * 1024
MOST_DEPTH = 32
_DAY_US = 86_400_000_000
# Numbers below this are seconds since 1970 (until the year 5138), above it milliseconds.
_SECONDS_BELOW = 100_000_000_000

NO_IDENTITY = frozenset(
    {
        "",
        "0",
        "[object object]",
        "anonymous",
        "false",
        "guest",
        "nan",
        "nil",
        "none",
        "null",
        "true",
        "undefined",
        "00000000-0000-0000-0000-000000000000",
    }
)
"""Ids, in lower case, that faulty clients send for everybody."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What all events of a request have in common."""

    received_at_us: int
    oldest_us: int
    """Event time before this is refused."""
    clock_offset_us: int
    """What to add to the client's times: received − sent; 0 when the client did not say."""
    visitor_id: str
    """The distinct id of an event that names nobody."""
    allowed_sources: tuple[str, ...]


_encode_json = msgspec.json.Encoder().encode


def normalise(fields: Mapping[str, Any], arrival: Arrival) -> Event:
    """One event, under its canonical field names, made safe to store.

    Raises:
        Dropped: with the reason, when it cannot be.
    """
    source = _optional_text(fields, "source", MOST_NAME_CHARACTERS)
    if arrival.allowed_sources and source not in arrival.allowed_sources:
        raise Dropped(
            DropReason.SOURCE_NOT_ALLOWED,
            f"The project does not take events from source {source!r}.",
        )
    return Event(
        event_id=event_id_bytes(fields.get("event_id"), arrival.received_at_us),
        event_name=_name(fields.get("event_name")),
        timestamp_us=_timestamp(fields.get("timestamp"), arrival),
        distinct_id=_identity(fields.get("distinct_id")) or arrival.visitor_id,
        properties=_properties(fields.get("properties")),
        session_id=_identity(fields.get("session_id")),
        source=source,
        page_url=_optional_text(fields, "page_url", MOST_TEXT_CHARACTERS),
        referrer=_optional_text(fields, "referrer", MOST_TEXT_CHARACTERS),
        device_id=_optional_text(fields, "device_id", MOST_ID_CHARACTERS),
        app_version=_optional_text(fields, "app_version", MOST_NAME_CHARACTERS),
        os_name=_optional_text(fields, "os_name", MOST_NAME_CHARACTERS),
        os_version=_optional_text(fields, "os_version", MOST_NAME_CHARACTERS),
    )


def event_id_bytes(given: object, received_at_us: int) -> bytes:
    """The 16 bytes an event is known by.

    A UUID is itself; another id is hashed into a UUID of version 8; without one the event gets a
    UUID of version 7 (RFC 9562), which is new each time it is sent.
    """
    if given is None or given == "":
        random = bytearray(os.urandom(10))
        random[0] = 0x70 | random[0] & 0x0F
        random[2] = 0x80 | random[2] & 0x3F
        return (received_at_us // 1000).to_bytes(6, "big") + bytes(random)
    if not isinstance(given, str | int):
        raise Dropped(DropReason.INVALID_FIELD, "event_id must be text.")
    text = str(given)
    if len(text) == 36:
        try:
            return uuid.UUID(text).bytes
        except ValueError:
            pass
    digest = bytearray(hashlib.blake2b(text.encode(), digest_size=16).digest())
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return bytes(digest)


def parse_time(given: object) -> int:
    """Microseconds since 1970 of an ISO 8601 text, or of a number of seconds or milliseconds.

    Raises:
        ValueError: it is neither, or outside the years 1 to 9999.
    """
    if isinstance(given, str):
        moment = datetime.fromisoformat(given.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        try:
            return round(moment.timestamp() * 1_000_000)
        except OverflowError as error:
            raise ValueError("out of range") from error
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError("neither text nor number")  # noqa: TRY004 (bad input, not a bad call)
    microseconds = int(given * (1_000_000 if abs(given) < _SECONDS_BELOW else 1_000))
    if not 0 <= microseconds < 253_402_300_800_000_000:
        raise ValueError("out of range")
    return microseconds


def _name(given: object) -> str:
    if given is None:
        raise Dropped(DropReason.MISSING_NAME, "An event needs a name: event_name.")
    if not isinstance(given, str):
        raise Dropped(DropReason.INVALID_NAME, "event_name must be text.")
    name = _clean(given).strip()
    if not 0 < len(name) <= MOST_NAME_CHARACTERS:
        raise Dropped(
            DropReason.INVALID_NAME,
            f"event_name must have 1 to {MOST_NAME_CHARACTERS} characters.",
        )
    return name


def _identity(given: object) -> str | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise Dropped(DropReason.INVALID_FIELD, "An id must be text or a number.")
    text = _clean(str(given)).strip()
    return None if text.lower() in NO_IDENTITY else text[:MOST_ID_CHARACTERS]


def _optional_text(fields: Mapping[str, Any], name: str, most: int) -> str | None:
    given = fields.get(name)
    if given is None:
        return None
    if isinstance(given, str):
        return _clean(given)[:most] or None
    if isinstance(given, int | float) and not isinstance(given, bool):
        return str(given)
    raise Dropped(DropReason.INVALID_FIELD, f"{name} must be text.")


def _timestamp(given: object, arrival: Arrival) -> int:
    if given is None:
        return arrival.received_at_us
    try:
        moment = parse_time(given) + arrival.clock_offset_us
    except (ValueError, OverflowError) as error:
        raise Dropped(
            DropReason.INVALID_TIMESTAMP,
            "timestamp must be ISO 8601, or seconds or milliseconds since 1970.",
        ) from error
    if moment > arrival.received_at_us + _DAY_US:
        return arrival.received_at_us
    if moment < arrival.oldest_us:
        raise Dropped(
            DropReason.TOO_OLD,
            "The event is older than events are taken here; use an import for history.",
        )
    return moment


def _properties(given: object) -> bytes:
    if given is None:
        return b"{}"
    if not isinstance(given, dict):
        raise Dropped(DropReason.INVALID_PROPERTIES, "properties must be an object.")
    if len(given) > MOST_PROPERTIES:
        raise Dropped(
            DropReason.PROPERTIES_TOO_LARGE, f"An event has at most {MOST_PROPERTIES} properties."
        )
    try:
        encoded = _encode_json(given)
    except RecursionError as error:
        raise Dropped(
            DropReason.INVALID_PROPERTIES, f"properties may nest {MOST_DEPTH} levels deep."
        ) from error
    if len(encoded) > MOST_PROPERTY_BYTES:
        raise Dropped(
            DropReason.PROPERTIES_TOO_LARGE,
            f"The properties of an event have at most {MOST_PROPERTY_BYTES} bytes of JSON.",
        )
    # With so few brackets it cannot be too deep; only the rest needs to be walked.
    if encoded.count(b"{") + encoded.count(b"[") > MOST_DEPTH and _depth(given) > MOST_DEPTH:
        raise Dropped(
            DropReason.INVALID_PROPERTIES, f"properties may nest {MOST_DEPTH} levels deep."
        )
    if b"\\u0000" in encoded:
        encoded = _encode_json(_without_nul(given))
    return encoded


def _depth(value: object) -> int:
    """How many containers deep a value is; walked level by level, for it may be very deep."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
        ]
    return depth


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {_clean(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value


def _clean(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}") if "\x00" in text else text
