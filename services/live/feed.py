"""One watched project: its readers, and what waits to be sent to them."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from services.live.filters import EventFilter
from services.live.messages import Message
from services.live.metrics import EVENTS_SKIPPED
from services.live.online_visitors import OnlineVisitors
from services.live.readers import Reader
from shared.events.live import MAX_ENTRY_BYTES, LiveEvent

_MAX_NAMED = 50
"""Visitors who came or went are named in up to so many messages a second; the count is exact."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the project's live stream."""

    id: str
    events: Sequence[LiveEvent]
    skipped: int


@dataclass(slots=True)
class Audience:
    """The readers of the visitors of one community, or of all."""

    online: OnlineVisitors
    readers: set[Reader] = field(default_factory=set)
    joined: list[int] = field(default_factory=list)
    announced: int | None = None
    """The count that the readers were told last."""
    is_ready: bool = False
    """Whether the visitors who were online before are known."""
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the visitors are read from PostgreSQL."""
    meanwhile: list[LiveEvent] = field(default_factory=list)
    """Events that came during that."""

    def see(self, events: Sequence[LiveEvent], now_us: int) -> None:
        """Take note of events."""
        if self.is_ready:
            self.joined += self.online.see(events, now_us)
        if self.reading.locked():
            self.meanwhile += events


class Feed:
    """Sends what is stored of one project to its readers, once per tick.

    Args:
        project_id: the project.
        position: the id of the last entry of its live stream.
    """

    def __init__(self, project_id: int, position: str) -> None:
        self.project_id = project_id
        self.read_to = position
        """The last entry that was read from the stream."""
        self.sent_to = position
        """The last entry that was sent to readers; what they join at."""
        self.watched_at = time.monotonic()
        self.users = 0
        """Connections that read of the project, or are about to."""
        self.audiences: dict[str | None, Audience] = {}
        self._readers: dict[EventFilter, set[Reader]] = defaultdict(set)
        self._entries: list[Entry] = []

    def add(self, reader: Reader, wanted: EventFilter) -> None:
        """Let a reader have the events that are sent from now on."""
        self._readers[wanted].add(reader)

    def remove(self, reader: Reader, wanted: EventFilter) -> None:
        """Send nothing more to a reader of events."""
        self._readers[wanted].discard(reader)
        if not self._readers[wanted]:
            del self._readers[wanted]

    def audience(self, community_id: str | None) -> Audience:
        """Return the readers of a community's visitors, who may be none yet."""
        if community_id not in self.audiences:
            self.audiences[community_id] = Audience(OnlineVisitors(community_id))
        return self.audiences[community_id]

    def leave_audience(self, reader: Reader, community_id: str | None) -> None:
        """Send nothing more to a reader of visitors."""
        self.audiences[community_id].readers.discard(reader)
        if not self.audiences[community_id].readers:
            del self.audiences[community_id]

    def receive(self, entry: Entry, now_us: int) -> None:
        """Keep an entry of the stream until the next tick."""
        self.read_to = entry.id
        self._entries.append(entry)
        EVENTS_SKIPPED.inc(entry.skipped)
        for audience in self.audiences.values():
            audience.see(entry.events, now_us)

    def send_events(self) -> None:
        """Send what came since the last tick; each message is made once for all its readers."""
        if not self._entries:
            return
        entries, self._entries = self._entries, []
        self.sent_to = entries[-1].id
        for wanted, readers in self._readers.items():
            for message in messages_of(entries, wanted):
                for reader in readers:
                    reader.send(message)

    def send_visitors(self, now_us: int) -> None:
        """Send who came and went since the last time, and how many are online."""
        for audience in self.audiences.values():
            if not audience.is_ready:
                continue
            left = audience.online.expire(now_us)
            messages = [*_named("visitor_joined", audience.joined, now_us)]
            messages += _named("visitor_left", left, now_us)
            audience.joined.clear()
            if audience.online.count != audience.announced:
                audience.announced = audience.online.count
                messages.append(count_message(audience))
            for message in messages:
                for reader in audience.readers:
                    reader.send(message)


def messages_of(entries: Sequence[Entry], wanted: EventFilter) -> Iterator[Message]:
    """Yield messages of the entries' events that pass a filter, of about an entry's size each."""
    events: list[LiveEvent] = []
    size = skipped = 0
    for entry in entries:
        passing = [event for event in entry.events if wanted.passes(event)]
        events += passing
        size += sum(len(event.json) for event in passing)
        skipped += entry.skipped
        # Whole entries only: a reader goes on behind one.
        if size >= MAX_ENTRY_BYTES or (entry is entries[-1] and (events or skipped)):
            yield Message.of_events(events, entry.id, skipped)
            events, size, skipped = [], 0, 0


def count_message(audience: Audience) -> Message:
    """Return the message of how many visitors are online."""
    return Message.of("visitor_count", count=audience.online.count)


def _named(kind: str, persons: Sequence[int], now_us: int) -> Iterator[Message]:
    timestamp = datetime.fromtimestamp(now_us / 1_000_000, timezone.utc)
    for person in persons[:_MAX_NAMED]:
        yield Message.of(kind, visitor={"id": str(person), "timestamp": timestamp})
