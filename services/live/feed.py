"""One watched project: its readers, and what waits to be sent to them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from services.live.entries import Entry, EventCounts, is_before
from services.live.filters import EVERYTHING, DecodedProperties, EventFilter
from services.live.messages import Message
from services.live.metrics import DELAY, EVENTS_SENT, EVENTS_SKIPPED, GAPS, MESSAGES_SENT
from services.live.online_visitors import OnlineVisitors
from services.live.readers import Reader
from shared.errors import TooManyRequests
from shared.events.live import MAX_ENTRY_BYTES, LiveEvent

MAX_FILTERS = 100
"""Different filters of a project's readers; every event is compared with each of them."""
MAX_FILTERS_OF_VIEWER = 20
_MAX_NAMED = 50
"""Visitors who came or went are named in up to so many messages a second; the count is exact."""


@dataclass(slots=True)
class Audience:
    """The readers of the visitors of one community, or of all."""

    online: OnlineVisitors
    readers: set[Reader] = field(default_factory=set)
    joined: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    is_ready: bool = False
    """Whether the visitors who were online before are known."""
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the visitors are read from PostgreSQL."""
    meanwhile: list[LiveEvent] = field(default_factory=list)
    """Events that came during that."""
    sent_counts: dict[Reader, int] = field(default_factory=dict)
    """The count that each reader was told last."""

    def see(self, events: Sequence[LiveEvent], now_us: int) -> None:
        """Take note of events."""
        if self.is_ready:
            self.joined += self.online.see(events, now_us)
        if self.reading.locked():
            self.meanwhile += events

    def restart(self, seen_us: Mapping[int, int], now_us: int) -> None:
        """Go on with what PostgreSQL has, and the events that came while it was read.

        Args:
            seen_us: when each visitor was last seen (microseconds since 1970).
            now_us: the time of now.
        """
        known = self.online.persons
        self.online.restart(seen_us)
        self.online.see(self.meanwhile, now_us)
        self.meanwhile.clear()
        if self.is_ready:
            # Read before their events arrived here, or merged, or gone since the last tick.
            self.joined += self.online.persons - known
            self.left += known - self.online.persons
        self.is_ready = True

    def tell_count(self, reader: Reader) -> None:
        """Tell a reader how many are online, unless it knows; one that is behind, the next time."""
        count = self.online.count
        if self.sent_counts.get(reader) != count and reader.send(count_message(self)):
            self.sent_counts[reader] = count


class Feed:
    """Sends what is stored of one project to its readers, once per tick.

    Args:
        project_id: the project.
        position: the id of the last entry of its live stream.
        published_at: from when on all processors know that it is watched (monotonic seconds).
        online: how long a visitor is online after an event.
    """

    def __init__(
        self, project_id: int, position: str, *, published_at: float, online: timedelta
    ) -> None:
        self.project_id = project_id
        self.read_to = position
        """The last entry that was read from the stream."""
        self.sent_to = position
        """The last entry that was sent to readers; what they join at."""
        self.published_at = published_at
        self._online = online
        self._has_gap = False
        """Whether readers have yet to be told that events may be missing."""
        self.users = 0
        """Connections that read of the project, or are about to."""
        self.audiences: dict[str | None, Audience] = {}
        self._readers: dict[EventFilter, set[Reader]] = defaultdict(set)
        self._filters_of: dict[Hashable, Counter[EventFilter]] = {}
        """How many readers of each viewer have which filter."""
        self._behind: set[Reader] = set()
        """Readers who have yet to be told that events are missing."""
        self._entries: list[Entry] = []
        self._counts = EventCounts()

    def add(self, reader: Reader, wanted: EventFilter) -> None:
        """Let a reader have the events that are sent from now on.

        Raises:
            TooManyRequests: the project's readers, or the viewer's, have too many filters.
        """
        of_viewer = self._filters_of.get(reader.viewer, Counter())
        if wanted != EVERYTHING:
            if wanted not in of_viewer and len(of_viewer) >= MAX_FILTERS_OF_VIEWER:
                raise _too_many_filters("You have", MAX_FILTERS_OF_VIEWER)
            if wanted not in self._readers and len(self._readers) >= MAX_FILTERS:
                raise _too_many_filters("The live views of this project have", MAX_FILTERS)
        of_viewer[wanted] += 1
        self._filters_of[reader.viewer] = of_viewer
        self._readers[wanted].add(reader)

    def remove(self, reader: Reader, wanted: EventFilter) -> None:
        """Send nothing more to a reader of events."""
        self._behind.discard(reader)
        self._readers[wanted].discard(reader)
        if not self._readers[wanted]:
            del self._readers[wanted]
        of_viewer = self._filters_of[reader.viewer]
        of_viewer[wanted] -= 1
        if not of_viewer[wanted]:
            del of_viewer[wanted]
        if not of_viewer:
            del self._filters_of[reader.viewer]

    def audience(self, community_id: str | None) -> Audience:
        """Return the readers of a community's visitors, who may be none yet.

        Raises:
            TooManyRequests: the visitors of too many communities are counted.
        """
        if community_id not in self.audiences:
            if len(self.audiences) >= MAX_FILTERS and community_id is not None:
                raise _too_many_filters("The live views of this project have", MAX_FILTERS)
            self.audiences[community_id] = Audience(OnlineVisitors(community_id, self._online))
        return self.audiences[community_id]

    def leave_audience(self, reader: Reader, community_id: str | None) -> None:
        """Send nothing more to a reader of visitors."""
        self.audiences[community_id].readers.discard(reader)
        self.audiences[community_id].sent_counts.pop(reader, None)
        if not self.audiences[community_id].readers:
            del self.audiences[community_id]

    def receive(self, entry: Entry, now_us: int) -> None:
        """Keep an entry of the stream until the next tick."""
        self.read_to = entry.id
        entry, is_gap = self._counts.check(entry)
        self._has_gap |= is_gap
        self._entries.append(entry)
        EVENTS_SKIPPED.inc(entry.skipped)
        for audience in self.audiences.values():
            audience.see(entry.events, now_us)

    def begin_anew(self, last: str, published_at: float) -> None:
        """Go on after a time in which nothing was published; readers are told once it is over.

        Args:
            last: the id of the last entry of the stream.
            published_at: from when on all processors know again that the project is watched.
        """
        self.send_events()
        if is_before(last, self.read_to):
            # A stream of another server or clock: its next entry may be before the last one.
            self.read_to = self.sent_to = last
        self.published_at = published_at
        self._has_gap = True

    def _tell_gap(self) -> None:
        self._has_gap = False
        GAPS.inc()
        message = Message.of("gap")
        for readers in self._readers.values():
            for reader in readers:
                reader.send(message)

    def send_events(self) -> None:
        """Send what came since the last tick; each message is made once for all its readers."""
        self._behind = {one for one in self._behind if not one.tell_what_is_missing()}
        if self._has_gap and time.monotonic() >= self.published_at:
            self._tell_gap()
        if not self._entries:
            return
        entries, self._entries = self._entries, []
        self.sent_to = entries[-1].id
        decoded = DecodedProperties()
        for wanted, readers in self._readers.items():
            for message in messages_of(entries, wanted, decoded):
                late = [reader for reader in readers if not reader.send(message)]
                self._behind.update(late)
                count_sent(message, len(readers) - len(late))
        DELAY.observe(max(0.0, time.time() - int(entries[0].id.partition("-")[0]) / 1000))

    def send_visitors(self, now_us: int) -> None:
        """Send who came and went since the last time, and how many are online."""
        for audience in self.audiences.values():
            if not audience.is_ready:
                continue
            audience.left += audience.online.expire(now_us)
            messages = [*_named("visitor_joined", audience.joined, now_us)]
            messages += _named("visitor_left", audience.left, now_us)
            audience.joined.clear()
            audience.left.clear()
            for reader in audience.readers:
                for message in messages:
                    reader.send(message)
                audience.tell_count(reader)


def count_sent(message: Message, readers: int) -> None:
    """Count a message that was sent to so many readers."""
    MESSAGES_SENT.inc(readers)
    EVENTS_SENT.inc(message.events * readers)


def messages_of(
    entries: Sequence[Entry], wanted: EventFilter, decoded: DecodedProperties
) -> Iterator[Message]:
    """Yield messages of the entries' events that pass a filter, of about an entry's size each."""
    events: list[LiveEvent] = []
    size = skipped = 0
    for entry in entries:
        passing = [event for event in entry.events if wanted.passes(event, decoded)]
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


def _too_many_filters(whose: str, most: int) -> TooManyRequests:
    return TooManyRequests(
        f"{whose} {most} different filters. Close a live view, or use one of its filters.",
        retry_after_seconds=30,
    )


def _named(kind: str, persons: Sequence[int], now_us: int) -> Iterator[Message]:
    timestamp = datetime.fromtimestamp(now_us / 1_000_000, timezone.utc)
    for person in persons[:_MAX_NAMED]:
        yield Message.of(kind, visitor={"id": str(person), "timestamp": timestamp})
