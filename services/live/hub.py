"""Read the live streams of all watched projects, and send their events to the readers.

One task reads, one sends at every tick; both run in the event loop of the worker, as all methods
here do. Blocking calls (PostgreSQL) go to threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any, cast
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.live.catching_up import catch_up, needing_redis
from services.live.entries import BEGINNING, RawEntries, decode_entry, is_before
from services.live.feed import Audience, Feed
from services.live.filters import EventFilter
from services.live.messages import Message
from services.live.online_visitors import read_online
from services.live.readers import Reader
from shared.errors import Unavailable
from shared.events import live

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.15
_READ_BLOCK_MS = 250
_READ_ENTRIES = 64
_WATCH_AGAIN_SECONDS = 5.0
_VISITORS_SECONDS = 1.0
_READ_VISITORS_SECONDS = 20.0
_PAUSE_SECONDS = 0.5
_PUBLISHED_AFTER_SECONDS = 1.2
"""Processors look once a second which projects are watched."""
_CATCHING_UP_AT_ONCE = 4
_OTHERS_AHEAD_SECONDS = 3.0
"""How far another process of live may be ahead of this one in reading a stream."""


class Hub:
    """The feeds of all watched projects.

    Args:
        redis: the server of the live streams.
        online: how long a visitor is online after an event.
    """

    def __init__(self, redis: Redis, online: timedelta) -> None:
        self._redis = redis
        self._online = online
        self._feeds: dict[int, Feed] = {}
        self._has_feeds = asyncio.Event()
        self._joining: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        """By project; only the first reader of a project waits for Redis."""
        self._catching_up = asyncio.Semaphore(_CATCHING_UP_AT_ONCE)

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
            TooManyRequests: the project's readers, or the viewer's, have too many filters.
            ConnectionResetError: the reader has gone.
        """
        async with self._used_feed(project_id) as feed:
            await _until_published(feed)
            if after is not None:
                async with self._catching_up:
                    await self._wait_for_position(feed, after)
                    await catch_up(self._redis, feed, reader, wanted, after)
            # No other task runs between here and the last line of catching up: nothing is sent
            # twice, and nothing is missed.
            feed.add(reader, wanted)
            try:
                reader.send(Message.of("hello", resume=feed.sent_to))
                yield
            finally:
                feed.remove(reader, wanted)

    @contextlib.asynccontextmanager
    async def visitors(
        self, project_id: int, reader: Reader, community_id: str | None
    ) -> AsyncIterator[Audience]:
        """Tell a reader who comes and goes, and how many are online, while the block runs.

        Raises:
            Unavailable: Redis or PostgreSQL does not answer.
        """
        async with self._used_feed(project_id) as feed:
            audience = feed.audience(community_id)
            audience.readers.add(reader)
            try:
                await _until_published(feed)
                await self._read_visitors(project_id, audience, is_first=True)
                audience.tell_count(reader)
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
        found = self._feeds.get(project_id)
        if found is not None:
            return found
        async with self._joining.setdefault(project_id, asyncio.Lock()), needing_redis():
            if project_id not in self._feeds:
                self._feeds[project_id] = await self._new_feed(project_id)
                self._has_feeds.set()
            return self._feeds[project_id]

    async def _new_feed(self, project_id: int) -> Feed:
        if len(self._feeds) >= live.MAX_WATCHED:
            raise Unavailable("Live views of too many projects are open. Try again in a minute.")
        key = live.stream_key(project_id)
        if not await self._is_watched(project_id):
            # What it has is older than what nobody was published to meanwhile.
            await self._redis.delete(key)
        await self._watch(project_id)
        last = await self._last_id(project_id)
        published_at = time.monotonic() + _PUBLISHED_AFTER_SECONDS
        return Feed(project_id, last, published_at=published_at, online=self._online)

    async def _wait_for_position(self, feed: Feed, after: str) -> None:
        """Wait until this process has read as far as the one that the reader comes from."""
        if not is_before(feed.sent_to, after):
            return
        async with needing_redis():
            last = await self._last_id(feed.project_id)
        if is_before(last, after):
            return  # the stream began anew
        until = time.monotonic() + _OTHERS_AHEAD_SECONDS
        while is_before(feed.sent_to, after) and time.monotonic() < until:
            await asyncio.sleep(_TICK_SECONDS)

    async def _last_id(self, project_id: int) -> str:
        """Return the id of the last entry of a project's stream, or the beginning."""
        newest = await self._redis.xrevrange(live.stream_key(project_id), count=1)
        found = cast("RawEntries", newest)
        return found[0][0].decode() if found else BEGINNING

    async def _read(self) -> None:
        await self._has_feeds.wait()
        feeds = {live.stream_key(number).encode(): feed for number, feed in self._feeds.items()}
        positions: dict[Any, Any] = {key: feed.read_to for key, feed in feeds.items()}
        try:
            found = await self._redis.xread(positions, _READ_ENTRIES, _READ_BLOCK_MS)
        except RedisError as error:
            log.warning("live views wait for Redis: %s", error)
            await asyncio.sleep(_PAUSE_SECONDS)
            await self._watch_again()
            return
        now_us = time.time_ns() // 1_000
        for key, entries in cast("list[tuple[bytes, RawEntries]]", found):
            feed = feeds[key]
            # Another feed of the project may have begun meanwhile, further on.
            if self._feeds.get(feed.project_id) is feed:
                for one in entries:
                    feed.receive(decode_entry(*one), now_us)

    async def _send_events(self) -> None:
        for feed in list(self._feeds.values()):
            with _logged(feed.project_id):
                feed.send_events()

    async def _send_visitors(self) -> None:
        for feed in list(self._feeds.values()):
            with _logged(feed.project_id):
                feed.send_visitors(time.time_ns() // 1_000)

    async def _read_visitors_again(self) -> None:
        for feed in list(self._feeds.values()):
            for audience in list(feed.audiences.values()):
                with _logged(feed.project_id):
                    await self._read_visitors(feed.project_id, audience)

    async def _read_visitors(
        self, project_id: int, audience: Audience, *, is_first: bool = False
    ) -> None:
        """Read who is online from PostgreSQL; the events that come meanwhile are added.

        Args:
            project_id: the project.
            audience: whose visitors.
            is_first: read only if they are not known yet.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with audience.reading:
            if is_first and audience.is_ready:
                return
            community_id = audience.online.community_id
            audience.meanwhile.clear()
            seen_us = await asyncio.to_thread(read_online, project_id, community_id, self._online)
            audience.restart(seen_us, time.time_ns() // 1_000)

    async def _is_watched(self, project_id: int) -> bool:
        until = await self._redis.zscore(live.WATCHED, str(project_id))
        # Not one that ends before this process can renew it.
        return until is not None and float(until) > time.time() + _WATCH_AGAIN_SECONDS

    async def _watch_again(self) -> None:
        """Keep all projects watched; where a mark was lost, events may be missing."""
        project_ids = list(self._feeds)
        if not project_ids:
            return
        try:
            marks = await self._redis.zmscore(live.WATCHED, [str(one) for one in project_ids])
            await self._watch(*project_ids)
            now = time.time()
            for project_id, until in zip(project_ids, marks, strict=True):
                if until is None or float(until) < now + _WATCH_AGAIN_SECONDS:
                    await self._begin_anew(project_id)
        except RedisError as error:
            log.warning("live views wait for Redis: %s", error)

    async def _begin_anew(self, project_id: int) -> None:
        """Go on after the processors have not known for a while that a project is watched."""
        last = await self._last_id(project_id)
        feed = self._feeds.get(project_id)
        if feed is not None:
            log.warning("live views of project %d may miss events", project_id)
            feed.begin_anew(last, time.monotonic() + _PUBLISHED_AFTER_SECONDS)

    async def _watch(self, *project_ids: int) -> None:
        """Tell the processors which projects have readers."""
        until = time.time() + live.WATCH_SECONDS
        await self._redis.zadd(live.WATCHED, dict.fromkeys(map(str, project_ids), until))
        await self._redis.zremrangebyscore(live.WATCHED, "-inf", time.time())


@contextlib.contextmanager
def _logged(project_id: int) -> Iterator[None]:
    """Log what goes wrong with one project, so that the others go on."""
    try:
        yield
    except Exception:
        log.exception("live views of project %d failed", project_id)


async def _until_published(feed: Feed) -> None:
    """Wait until every processor knows that the project is watched."""
    await asyncio.sleep(feed.published_at - time.monotonic())


async def _repeat(step: Callable[[], Awaitable[None]], pause_seconds: float = 0.0) -> None:
    """Do a step again and again; a failure of one is logged, and costs a pause."""
    while True:
        await asyncio.sleep(pause_seconds)
        try:
            await step()
        except Exception:
            log.exception("a step of live views failed")
            await asyncio.sleep(_PAUSE_SECONDS)
