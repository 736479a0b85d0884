"""Send a reader who comes back what the stream has had since its position."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.live.entries import (
    BEGINNING,
    Entry,
    EventCounts,
    RawEntries,
    decode_entry,
    is_before,
)
from services.live.feed import Feed, count_sent, messages_of
from services.live.filters import DecodedProperties, EventFilter
from services.live.messages import Message
from services.live.readers import Reader
from shared.errors import Unavailable
from shared.events import live

_ENTRIES_AT_ONCE = 8


async def catch_up(
    redis: Redis, feed: Feed, reader: Reader, wanted: EventFilter, after: str
) -> None:
    """Send what the stream still has after a position, as fast as the reader takes it.

    Args:
        redis: the server of the live streams.
        feed: of the project; what it has sent to its readers by the end is sent.
        reader: is told if some is gone.
        wanted: which events.
        after: the position.

    Raises:
        Unavailable: Redis does not answer.
        ConnectionResetError: the reader has gone.
    """
    if is_before(feed.sent_to, after):
        # The stream began anew, with the server or the clock of another one.
        reader.send(Message.of("gap"))
    counts, begin = EventCounts(), after
    while is_before(after, feed.sent_to):
        to = feed.sent_to
        found, has_lost = await _read_from(redis, live.stream_key(feed.project_id), after, to)
        # The entry of the position is only counted, and the last one of a page only once.
        checked = [counts.check(entry) for entry in found if entry.id != after or after == begin]
        if has_lost or any(is_gap for _, is_gap in checked):
            reader.send(Message.of("gap"))
        entries = [entry for entry, _ in checked if entry.id != begin]
        for message in messages_of(entries, wanted, DecodedProperties()):
            count_sent(message, int(reader.send(message)))
            await reader.drained()
        after = entries[-1].id if entries else to


@contextlib.asynccontextmanager
async def needing_redis() -> AsyncIterator[None]:
    """Let a reader try again in a while if Redis does not answer.

    Raises:
        Unavailable: instead of the error of Redis.
    """
    try:
        yield
    except RedisError as error:
        raise Unavailable("Live views are unavailable. Try again in a few seconds.") from error


async def _read_from(redis: Redis, key: str, after: str, to: str) -> tuple[list[Entry], bool]:
    """Read from a position on, and whether entries after it may have been lost."""
    async with needing_redis():
        # Entries are removed from the first on: none is missing while that of the position is
        # there. It is read in the same command, as entries may be removed after any other.
        found = await redis.xrange(key, after, to, count=1 + _ENTRIES_AT_ONCE)
        entries = [decode_entry(*one) for one in cast("RawEntries", found)]
        if entries and entries[0].id == after:
            return entries, False
        if not entries or after != BEGINNING:
            return entries, True
        described = await redis.xinfo_stream(key)
    return entries, bool(described["entries-added"] != described["length"])
