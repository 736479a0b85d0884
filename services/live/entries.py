"""Entries of live streams, and the order of their ids, which are readers' positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    publisher: bytes = b""
    before: int = 0
    """How many events the publisher has counted in earlier entries."""


def decode_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    """Return an entry; one of another version has no events."""
    try:
        events = live.decode(fields[live.EVENTS_FIELD])
    except (KeyError, msgspec.DecodeError):
        events = []
    return Entry(
        entry_id.decode(),
        events,
        int(fields.get(live.SKIPPED_FIELD, 0)),
        fields.get(live.PUBLISHER_FIELD, b""),
        int(fields.get(live.BEFORE_FIELD, 0)),
    )


class EventCounts:
    """Notices events whose entries were removed from a stream before they were read."""

    def __init__(self) -> None:
        self._counted: dict[bytes, int] = {}
        """How many events each publisher has counted, its last entry among them."""

    def check(self, entry: Entry) -> tuple[Entry, bool]:
        """Return the next entry, and whether an unknown number of events is missing before it.

        A known number is among the skipped ones of the returned entry. What is missing before the
        first entry of a publisher is not noticed.
        """
        if not entry.publisher:
            return entry, False  # of a version that does not count
        counted = self._counted.get(entry.publisher, entry.before)
        self._counted[entry.publisher] = entry.before + len(entry.events) + entry.skipped
        if entry.before < counted:
            # The project was not watched in between, and events were not counted.
            return entry, True
        return replace(entry, skipped=entry.skipped + entry.before - counted), False


def is_before(one: str, other: str) -> bool:
    """Return whether one id comes before another."""
    return _numbers(one) < _numbers(other)


def _numbers(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
