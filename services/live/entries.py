"""Entries of live streams, and the order of their ids, which are readers' positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from shared.events import live
from shared.events.live import LiveEvent

BEGINNING = "0-0"
"""The position before every entry."""

RawEntries = list[tuple[bytes, dict[bytes, bytes]]]
"""Ids and fields, as Redis answers them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the project's live stream."""

    id: str
    events: Sequence[LiveEvent]
    skipped: int


def decode_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    """Return an entry; one of another version has no events."""
    try:
        events = live.decode(fields[live.EVENTS_FIELD])
    except (KeyError, msgspec.DecodeError):
        events = []
    return Entry(entry_id.decode(), events, int(fields.get(live.SKIPPED_FIELD, 0)))


def is_before(one: str, other: str) -> bool:
    """Return whether one id comes before another."""
    return _numbers(one) < _numbers(other)


def _numbers(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
