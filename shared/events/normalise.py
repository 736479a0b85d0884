"""Normalise events of every protocol: validate, repair and bound their canonical fields.

The canonical fields of an event, and the rules for each:

- ``event_name``: text of 1 to 100 characters after trimming.
- ``distinct_id``, ``session_id``, ``device_id``, ``previous_id``, ``group_type``, ``group_key``:
  text or numbers, cut at 200 characters. A placeholder that faulty clients send ("null",
  "undefined", …) counts as no id. Without a ``distinct_id`` an event belongs to the day's visitor,
  except for an event that links two ids: it is dropped.
- ``event_id``: text or a whole number; a UUID is the same id however it is written.
- ``timestamp``: ISO 8601 or a number of seconds or milliseconds since 1970; without a zone it is
  UTC. Empty, zero and false mean that there is none: the event happened when it was sent. A wrong
  clock is corrected for all events of a device alike (``services.ingest.client_clocks``).
  ``offset`` counts milliseconds back from sending; ``captured_at``, by the same clock, bounds it.
  More than five minutes ahead counts as now. Older
  than the deduplication window is dropped, because a retry could not be told from a new event.
  Events older than the project's retention are dropped too, because the rows and counts of their
  day are final.
- ``properties``, ``set``, ``set_once``, ``group_set``: one JSON object each, of at most 32 KiB,
  32 levels and 500 entries, whose names are cut at 200 characters. ``unset``: a list of names.
  ``event_set``: an object of the same size, for ``shared.events.subject_properties``.
  ``groups``: group key by group type, at most 5.
- All other texts (``source``, ``page_url``, ``referrer``, ``app_version``, ``os_name``, …) are cut
  at their column's length. ``country`` is ISO 3166-1 alpha-2. ``page_url`` and ``referrer`` lose
  user name and password, and their host is in ASCII. ``device_type`` has one name for each kind of
  device. ``campaign`` holds what ``utm_`` parameters say, in lower case; without it they are read
  from the whole ``page_url``.
- NUL, which PostgreSQL cannot store, becomes U+FFFD in every text.

A repair is recorded as a warning, which the dashboard shows; a dropped event names its field.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from shared.events.batch_context import BatchContext
from shared.events.campaign import campaign_of
from shared.events.drops import Dropped, Warnings
from shared.events.envelope import Event, GroupChange, PersonChange
from shared.events.event_times import event_time
from shared.events.field_values import clean_url, device_type
from shared.events.outcomes import DropReason, WarningReason
from shared.events.properties import MAX_NAME_CHARACTERS as MAX_PROPERTY_NAME_CHARACTERS
from shared.events.properties import (
    encode_object,
    has_long_name,
    sanitise_text,
    with_short_names,
)

MAX_NAME_CHARACTERS = 100
MAX_ID_CHARACTERS = 200
MAX_TEXT_CHARACTERS = 2_000
MAX_GROUPS = 5
MAX_UNSET = 100

PLACEHOLDER_IDS = frozenset(
    {
        "",
        "(null)",
        "-1",
        "0",
        "[object object]",
        "anonymous",
        "distinct_id",
        "distinctid",
        "email",
        "false",
        "guest",
        "id",
        "nan",
        "nil",
        "none",
        "not_authenticated",
        "null",
        "true",
        "undefined",
        "unknown",
        "00000000-0000-0000-0000-000000000000",
    }
)
"""Ids, in lower case, that faulty clients send in place of a real one."""
_UUID = re.compile(
    r"\s*(?:urn:uuid:)?\{?"
    r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?\s*",
    re.IGNORECASE | re.ASCII,
)
_MAX_PLACEHOLDER_CHARACTERS = max(map(len, PLACEHOLDER_IDS))
_TEXT_OR_NUMBER = (str, int, float)
_NUMBER = (int, float)


def normalise(fields: Mapping[str, Any], context: BatchContext) -> Event:
    """Return the event made from canonical fields, safe to store.

    Raises:
        Dropped: a field is missing or invalid; the reason says which.
    """
    get = fields.get
    name = _name(get("event_name"))
    text = _Texts(fields, name, context.warnings)
    identity = text.identity("distinct_id")
    event = Event(
        event_id=event_id_bytes(get("event_id"), context.received_at_us),
        event_name=name,
        timestamp_us=event_time(fields, name, context),
        distinct_id=identity or context.visitor_id(),
        properties=text.json("properties", empty=b"{}"),
    )
    # Most events have few of these fields, so the loop goes over those that were sent.
    for column, value in fields.items():
        max_characters = _TEXTS.get(column)
        if max_characters is not None:
            if value.__class__ is str and len(value) <= max_characters and "\x00" not in value:
                setattr(event, column, value or None)  # nearly all values
            else:
                setattr(event, column, text.plain(column, max_characters))
        elif column in _IDS:
            setattr(event, column, text.identity(column))
        elif column in _COMPOUND:
            _set_compound(event, column, fields, identity, text)
    _set_derived(event, fields)
    return event


def _set_derived(event: Event, fields: Mapping[str, Any]) -> None:
    """Write addresses and the kind of device in one form, and read the campaign."""
    if event.page_url is not None:
        event.page_url = clean_url(event.page_url)[:MAX_TEXT_CHARACTERS]
    if event.referrer is not None:
        event.referrer = clean_url(event.referrer)[:MAX_TEXT_CHARACTERS]
    if event.device_type is not None:
        event.device_type = device_type(event.device_type)
    page_url = fields.get("page_url")  # the whole address, of which the event has the beginning
    if "campaign" in fields or (page_url.__class__ is str and "utm_" in page_url):
        event.campaign = campaign_of(
            fields.get("campaign"), page_url if isinstance(page_url, str) else None
        )


_TEXTS = {
    "source": MAX_NAME_CHARACTERS,
    "page_url": MAX_TEXT_CHARACTERS,
    "referrer": MAX_TEXT_CHARACTERS,
    "app_version": MAX_NAME_CHARACTERS,
    "os_name": MAX_NAME_CHARACTERS,
    "os_version": MAX_NAME_CHARACTERS,
    "browser": MAX_NAME_CHARACTERS,
    "device_type": MAX_NAME_CHARACTERS,
    "user_agent": 500,
}
_IDS = frozenset({"session_id", "device_id", "community_id", "division_id"})
_COMPOUND = frozenset({"groups", "link", "set", "set_once", "unset", "group_type"})


def _set_compound(
    event: Event, column: str, fields: Mapping[str, Any], identity: str | None, text: _Texts
) -> None:
    """Set the fields about groups and about the event's person."""
    if column == "groups":
        event.groups = _groups(fields["groups"])
    elif column == "group_type":
        event.group = _group_change(text)
    elif event.person is None:
        event.person = _person_change(fields, identity, text)


class _Texts:
    """Reads the texts and ids of one event, and records a warning for each repair."""

    __slots__ = ("_event_name", "_get", "_warnings")

    def __init__(self, fields: Mapping[str, Any], event_name: str, warnings: Warnings) -> None:
        self._get = fields.get
        self._event_name = event_name
        self._warnings = warnings

    def plain(self, name: str, max_characters: int) -> str | None:
        """Return a text cut to its maximum length; None when there is none."""
        given = self._get(name)
        if given is None:
            return None
        if isinstance(given, str):
            text = sanitise_text(given)
            if len(text) > max_characters:
                self.warn(
                    WarningReason.TEXT_CUT, f"{name} is longer than {max_characters} characters."
                )
                text = text[:max_characters]
            return text or None
        if isinstance(given, _NUMBER) and not isinstance(given, bool):
            return str(given)
        raise Dropped(DropReason.INVALID_FIELD, f"{name} must be text.")

    def identity(self, name: str) -> str | None:
        """Return an id; None when there is none, or only a placeholder."""
        given = self._get(name)
        if given is None:
            return None
        if given.__class__ is str and len(given) <= MAX_ID_CHARACTERS and is_identity(given):
            return given  # nearly all
        if given.__class__ is not str and (
            isinstance(given, bool) or not isinstance(given, _TEXT_OR_NUMBER)
        ):
            raise Dropped(DropReason.INVALID_FIELD, f"{name} must be text or a number.")
        text = sanitise_text(str(given)).strip()
        if is_placeholder(text):
            if text:
                self.warn(WarningReason.ID_REFUSED, f"{name} {text!r} is a placeholder, not an id.")
            return None
        if len(text) > MAX_ID_CHARACTERS:
            self.warn(
                WarningReason.TEXT_CUT, f"{name} is longer than {MAX_ID_CHARACTERS} characters."
            )
            return text[:MAX_ID_CHARACTERS]
        return text

    def json(self, name: str, empty: bytes = b"") -> bytes:
        """Return an object of properties as JSON, its names cut at their maximum length."""
        given = self._get(name)
        encoded = encode_object(given, name, empty)
        if isinstance(given, dict) and given and has_long_name(given, encoded):
            self.warn(
                WarningReason.TEXT_CUT,
                f"A name in {name} is longer than {MAX_PROPERTY_NAME_CHARACTERS} characters.",
            )
            return encode_object(with_short_names(given), name, empty)
        return encoded

    def warn(self, reason: WarningReason, detail: str) -> None:
        self._warnings.add(reason, self._event_name, detail)


def is_placeholder(text: str) -> bool:
    """Return whether a trimmed id is a placeholder, or has no visible character."""
    if len(text) <= _MAX_PLACEHOLDER_CHARACTERS and text.lower() in PLACEHOLDER_IDS:
        return True
    return not text.isprintable() and not any(map(str.isprintable, text.replace(" ", "")))


@lru_cache(maxsize=10_000)  # the events of a request mostly have one id
def is_identity(text: str) -> bool:
    """Return whether an id certainly needs no repair: it is trimmed and not a placeholder."""
    return (
        text.strip() == text
        and (len(text) > _MAX_PLACEHOLDER_CHARACTERS or text.lower() not in PLACEHOLDER_IDS)
        and text.isprintable()
    )


def event_id_bytes(given: object, received_at_us: int) -> bytes:
    """Return the 16 bytes that identify an event.

    A UUID is kept, however it is written: in capitals, without dashes, in braces or as a URN. Any
    other id is hashed into a UUID of version 8; without an id the event gets a UUID of version 7
    (RFC 9562), a new one each time it is sent. Bytes, which only an import gives, are kept.
    """
    if given is None or given == "":
        random = bytearray(os.urandom(10))
        random[0] = 0x70 | random[0] & 0x0F
        random[2] = 0x80 | random[2] & 0x3F
        return (received_at_us // 1000).to_bytes(6, "big") + bytes(random)
    if given.__class__ is not str:
        if isinstance(given, bytes) and len(given) == 16:
            return given
        if isinstance(given, bool) or not isinstance(given, int):
            raise Dropped(DropReason.INVALID_FIELD, "event_id must be text or a whole number.")
    text = str(given)
    if len(text) == 36 and text[8:24:5] == "----":
        try:
            plain = bytes.fromhex(text.replace("-", ""))
        except ValueError:
            plain = b""
        if len(plain) == 16:  # fromhex skips blanks
            return plain
    uuid_digits = _UUID.fullmatch(text)
    if uuid_digits is not None:
        return bytes.fromhex("".join(uuid_digits.groups()))
    digest = bytearray(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest())
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return bytes(digest)


def event_id_for_response(given: object, event_id: bytes) -> str:
    """Return the id to show in the response: the client's own if it sent one."""
    return str(given) if given not in (None, "") else str(uuid.UUID(bytes=event_id))


def _name(given: object) -> str:
    if given is None:
        raise Dropped(DropReason.MISSING_NAME, "An event needs a name: event_name.")
    if not isinstance(given, str):
        raise Dropped(DropReason.INVALID_NAME, "event_name must be text.")
    name = sanitise_text(given).strip()
    if not 0 < len(name) <= MAX_NAME_CHARACTERS:
        raise Dropped(
            DropReason.INVALID_NAME,
            f"event_name must have 1 to {MAX_NAME_CHARACTERS} characters.",
        )
    return name


def _person_change(fields: Mapping[str, Any], identity: str | None, text: _Texts) -> PersonChange:
    get = fields.get
    link = get("link")
    previous = text.identity("previous_id") if link else None
    if link and identity is None:
        raise Dropped(
            DropReason.MISSING_IDENTITY,
            "distinct_id is missing or a placeholder; linking two ids needs a real one.",
        )
    unset = get("unset") or ()
    if not isinstance(unset, list | tuple) or not all(isinstance(name, str) for name in unset):
        raise Dropped(DropReason.INVALID_FIELD, "unset must be a list of property names.")
    return PersonChange(
        link=link,
        previous_id=None if previous == identity else previous,
        set=text.json("set"),
        set_once=text.json("set_once"),
        unset=tuple(sanitise_text(name)[:MAX_ID_CHARACTERS] for name in unset[:MAX_UNSET]),
    )


def _group_change(text: _Texts) -> GroupChange:
    kind, key = text.identity("group_type"), text.identity("group_key")
    if kind is None or key is None:
        raise Dropped(DropReason.MISSING_IDENTITY, "A group needs group_type and group_key.")
    return GroupChange(kind, key, text.json("group_set"))


def _groups(given: object) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or len(given) > MAX_GROUPS:
        raise Dropped(
            DropReason.INVALID_FIELD, f"groups must be an object of at most {MAX_GROUPS} groups."
        )
    groups = {}
    for kind, key in given.items():
        if isinstance(key, bool) or not isinstance(key, _TEXT_OR_NUMBER):
            raise Dropped(DropReason.INVALID_FIELD, "groups must map types to keys.")
        text = sanitise_text(str(key)).strip()
        if not is_placeholder(text):
            groups[sanitise_text(kind)[:MAX_ID_CHARACTERS]] = text[:MAX_ID_CHARACTERS]
    return groups or None
