"""Read the live streams of all watched projects, and send their events to the readers.

One task reads, one sends at every tick; both run in the event loop of the worker, as all methods
here do. Blocking calls (PostgreSQL) go to threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.live.feed import Audience, Entry, Feed, count_message, message_of
from services.live.filters import EventFilter
from services.live.messages import Message
from services.live.online_visitors import read_online
from services.live.readers import Reader
from shared.errors import TidemarkError, Unavailable
from shared.events import live

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.15
_READ_BLOCK_MS = 250
_READ_ENTRIES = 64
_CATCH_UP_ENTRIES = 8
_WATCH_AGAIN_SECONDS = 15.0
_VISITORS_SECONDS = 1.0
_READ_VISITORS_SECONDS = 60.0
_PAUSE_SECONDS = 0.5

_Entries = list[tuple[bytes, dict[bytes, bytes]]]


class Hub:
    """The feeds of all watched projects.

    Args:
        redis: the server of the live streams.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._feeds: dict[int, Feed] = {}
        self._has_feeds = asyncio.Event()
        self._joining = asyncio.Lock()

    async def run(self) -> None:
        """Read and send until it is cancelled."""
        await asyncio.gather(
            _repeat(self._read),
            _repeat(self._send_events, _TICK_SECONDS),
            _repeat(self._send_visitors, _VISITORS_SECONDS),
            _repeat(self._read_visitors_again, _READ_VISITORS_SECONDS),
            _repeat(self._watch_again, _WATCH_AGAIN_SECONDS),
        )

    @contextlib.asynccontextmanager
    async def events(
        self, project_id: int, reader: Reader, wanted: EventFilter, after: str | None
    ) -> AsyncIterator[None]:
        """Send a project's events to a reader while the block runs.

        Args:
            project_id: the project.
            reader: told first where it begins.
            wanted: which events.
            after: the position up to which the reader has all events; those after it that the
                stream still has come first, and a reader who misses some is told.

        Raises:
            Unavailable: Redis does not answer.
        """
        async with self._used_feed(project_id) as feed:
            if after is not None:
                await self._catch_up(feed, reader, wanted, after)
            # No other task runs between here and the last line of catching up: nothing is sent
            # twice, and nothing is missed.
            feed.add(reader, wanted)
            reader.send(Message.of("hello", resume=feed.sent_to))
            try:
                yield
            finally:
                feed.remove(reader, wanted)

    @contextlib.asynccontextmanager
    async def visitors(
        self, project_id: int, reader: Reader, community_id: str | None
    ) -> AsyncIterator[Audience]:
        """Tell a reader who comes and goes, and how many are online, while the block runs.

        Raises:
            Unavailable: Redis does not answer.
        """
        async with self._used_feed(project_id) as feed:
            audience = feed.audience(community_id)
            audience.readers.add(reader)
            try:
                if not audience.is_ready:
                    await self._read_visitors(project_id, audience)
                reader.send(count_message(audience))
                yield audience
            finally:
                feed.leave_audience(reader, community_id)

    @contextlib.asynccontextmanager
    async def _used_feed(self, project_id: int) -> AsyncIterator[Feed]:
        """Keep the feed of a project while the block runs, also before it has a reader."""
        feed = await self._feed(project_id)
        feed.users += 1
        try:
            yield feed
        finally:
            feed.users -= 1
            if not feed.users:
                del self._feeds[project_id]
                if not self._feeds:
                    self._has_feeds.clear()

    async def _feed(self, project_id: int) -> Feed:
        """Return the feed of a project; the first reader makes the project watched."""
        async with self._joining, _needing_redis():
            if project_id not in self._feeds:
                await self._watch(project_id)
                key = live.stream_key(project_id)
                last = cast("_Entries", await self._redis.xrevrange(key, count=1))
                position = last[0][0].decode() if last else "0-0"
                self._feeds[project_id] = Feed(project_id, position)
                self._has_feeds.set()
            return self._feeds[project_id]

    async def _catch_up(self, feed: Feed, reader: Reader, wanted: EventFilter, after: str) -> None:
        """Send what the stream still has after a position, as fast as the reader takes it."""
        key = live.stream_key(feed.project_id)
        if await self._misses(key, after, feed.sent_to):
            reader.send(Message.of("gap"))
        while _is_before(after, feed.sent_to):
            to = feed.sent_to
            async with _needing_redis():
                found = await self._redis.xrange(key, f"({after}", to, count=_CATCH_UP_ENTRIES)
            entries = [_entry(*one) for one in cast("_Entries", found)]
            message = message_of(entries, wanted) if entries else None
            if message is not None:
                reader.send(message)
            after = entries[-1].id if entries else to
            await reader.drained()

    async def _misses(self, key: str, after: str, begin: str) -> bool:
        """Return whether the stream has lost entries after a position."""
        if not _is_before(after, begin):
            # The stream began anew, with the server or the clock of another one.
            return _is_before(begin, after)
        try:
            described = await self._redis.xinfo_stream(key)
        except RedisError:
            return True
        return _is_before(after, described["max-deleted-entry-id"].decode())

    async def _read(self) -> None:
        await self._has_feeds.wait()
        positions: dict[Any, Any] = {
            live.stream_key(feed.project_id): feed.read_to for feed in self._feeds.values()
        }
        by_key = {live.stream_key(number).encode(): number for number in self._feeds}
        try:
            found = await self._redis.xread(positions, _READ_ENTRIES, _READ_BLOCK_MS)
        except RedisError as error:
            log.warning("live views wait for Redis: %s", error)
            await asyncio.sleep(_PAUSE_SECONDS)
            await self._watch_again()
            return
        now_us = time.time_ns() // 1_000
        for key, entries in cast("list[tuple[bytes, _Entries]]", found):
            feed = self._feeds.get(by_key[key])
            if feed is not None:
                for one in entries:
                    feed.receive(_entry(*one), now_us)

    async def _send_events(self) -> None:
        for feed in list(self._feeds.values()):
            feed.send_events()

    async def _send_visitors(self) -> None:
        for feed in list(self._feeds.values()):
            feed.send_visitors(time.time_ns() // 1_000)

    async def _read_visitors_again(self) -> None:
        for feed in list(self._feeds.values()):
            for audience in list(feed.audiences.values()):
                await self._read_visitors(feed.project_id, audience)

    async def _read_visitors(self, project_id: int, audience: Audience) -> None:
        """Read who is online from PostgreSQL; the events that come meanwhile are added."""
        community_id = audience.online.community_id
        audience.is_reading = True
        try:
            seen_us = await asyncio.to_thread(read_online, project_id, community_id)
        except TidemarkError as error:
            log.warning("the visitors of project %d are not read: %s", project_id, error)
            if audience.is_ready:
                return
            seen_us = {}
        finally:
            audience.is_reading = False
            early, audience.early = audience.early, []
        audience.online.restart(seen_us)
        audience.online.see(early, time.time_ns() // 1_000)
        audience.is_ready = True

    async def _watch_again(self) -> None:
        await self._watch(*self._feeds)

    async def _watch(self, *project_ids: int) -> None:
        """Tell the processors which projects have readers."""
        if not project_ids:
            return
        until = time.time() + live.WATCH_SECONDS
        try:
            await self._redis.zadd(live.WATCHED, dict.fromkeys(map(str, project_ids), until))
            await self._redis.zremrangebyscore(live.WATCHED, "-inf", time.time())
        except RedisError as error:
            log.warning("live views wait for Redis: %s", error)


@contextlib.asynccontextmanager
async def _needing_redis() -> AsyncIterator[None]:
    try:
        yield
    except RedisError as error:
        raise Unavailable("Live views are unavailable. Try again in a few seconds.") from error


async def _repeat(step: Callable[[], Awaitable[None]], pause_seconds: float = 0.0) -> None:
    """Do a step again and again; a failure of one is logged, and costs a pause."""
    while True:
        await asyncio.sleep(pause_seconds)
        try:
            await step()
        except Exception:
            log.exception("a step of live views failed")
            await asyncio.sleep(_PAUSE_SECONDS)


def _entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    try:
        events = live.decode(fields[live.EVENTS_FIELD])
    except (KeyError, msgspec.DecodeError):
        events = []  # of another version
    return Entry(entry_id.decode(), events, int(fields.get(live.SKIPPED_FIELD, 0)))


def _is_before(one: str, other: str) -> bool:
    return _numbers(one) < _numbers(other)


def _numbers(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
