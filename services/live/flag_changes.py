"""Tell the open streams of a project that its flags have changed.

One task looks at the published versions of all projects with streams. A message that says that
something has changed could be lost; a version cannot. What is not published, or may have changed
while Redis was away, is asked of auth, one project after the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import requests
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.auth.auth_service import AuthService
from shared.flags.publication import (
    CHECK_SECONDS,
    OUTAGE_SECONDS,
    VERSION_FIELD,
    decode,
    published_key,
)

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_PAUSE_SECONDS = 0.5
_ASK_AGAIN_SECONDS = 1.0
_SETTLE_SECONDS = CHECK_SECONDS + 0.1
"""Clients are told once every process of flags has looked: they ask again only once."""
_RECENT_SECONDS = 10.0
"""So long ago a client may have got its flags when it opens the stream."""


class Subscriber:
    """One open stream. However many changes it has not been told yet, they are one message."""

    def __init__(self) -> None:
        self.has_ended = False
        self._version = 0
        self._has_news = False
        self._wakes = asyncio.Event()

    def tell(self, version: int) -> None:
        """Let the stream say that the flags have this version."""
        self._version, self._has_news = version, True
        self._wakes.set()

    def end(self) -> None:
        """End the stream."""
        self.has_ended = True
        self._wakes.set()

    async def next_part(self) -> bytes:
        """Return what the stream says next, once there is something, or it has ended."""
        await self._wakes.wait()
        self._wakes.clear()
        if not self._has_news:
            return b""
        self._has_news = False
        return b'id: %d\ndata: {"type":"refetchEvaluation"}\n\n' % self._version


@dataclass(slots=True)
class _Project:
    subscribers: set[Subscriber] = field(default_factory=set)
    version: int | None = None
    """The newest one known; None: none is yet."""
    changed_at: float = 0.0
    """When that was seen, on the monotonic clock."""
    due: list[float] = field(default_factory=list)
    """When to tell it, on the monotonic clock."""
    asked_at: float = -math.inf
    """When auth was asked last, on the monotonic clock."""


class FlagChanges:
    """The projects with open streams.

    Args:
        redis: the server where flags are published.
        auth: what knows the flags that are not published.
    """

    def __init__(self, redis: Redis, auth: AuthService) -> None:
        self._redis = redis
        self._auth = auth
        self._projects: dict[int, _Project] = {}
        self._unsure: dict[int, None] = {}
        """Projects to ask auth about, oldest first."""
        self._failed_at = -OUTAGE_SECONDS * 2

    async def run(self) -> None:
        """Look and tell until it is cancelled."""
        await asyncio.gather(self._keep_looking(), self._keep_asking())

    @contextlib.contextmanager
    def notifying(
        self, project_id: int, subscriber: Subscriber, after: int | None
    ) -> Iterator[None]:
        """Tell a stream of the changes of a project while the block runs.

        Args:
            project_id: the project.
            subscriber: the stream.
            after: the version that its client was told last; None: it comes for the first time,
                and is told of a change that may have been while it came.
        """
        project = self._projects.setdefault(project_id, _Project())
        project.subscribers.add(subscriber)
        if project.version is not None and after != project.version:
            was_recent = time.monotonic() - project.changed_at < _RECENT_SECONDS
            if after is not None or was_recent:
                subscriber.tell(project.version)
        try:
            yield
        finally:
            project.subscribers.discard(subscriber)
            if not project.subscribers:
                del self._projects[project_id]

    async def _keep_looking(self) -> None:
        was_away = False
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._look()
                if was_away:
                    log.info("Redis answers again; changes of flags are looked for")
                    self._unsure.update(dict.fromkeys(self._projects))
                was_away = False
            except RedisError as error:
                if not was_away:
                    log.warning("changes of flags wait for Redis: %s", error)
                was_away, self._failed_at = True, time.monotonic()
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception:
                log.exception("changes of flags cannot be looked for")
                await asyncio.sleep(_PAUSE_SECONDS)
            self._tell()

    async def _look(self) -> None:
        project_ids = list(self._projects)
        if not project_ids:
            return
        async with self._redis.pipeline(transaction=False) as pipeline:
            for project_id in project_ids:
                pipeline.hget(published_key(project_id), VERSION_FIELD)
            found = await pipeline.execute()
        for project_id, version in zip(project_ids, found, strict=True):
            if version is not None:
                self._see(project_id, int(version))
            elif self._may_ask(project_id):
                self._unsure[project_id] = None

    def _may_ask(self, project_id: int) -> bool:
        project = self._projects.get(project_id)
        return project is not None and time.monotonic() - project.asked_at >= _ASK_AGAIN_SECONDS

    async def _keep_asking(self) -> None:
        while True:
            if not self._unsure:
                await asyncio.sleep(_LOOK_SECONDS)
                continue
            project_id = next(iter(self._unsure))
            del self._unsure[project_id]
            project = self._projects.get(project_id)
            if project is None:
                continue
            # Auth publishes what it is asked for; where Redis refuses that, not again at once.
            project.asked_at = time.monotonic()
            try:
                body = await asyncio.to_thread(self._auth.request, "GET", f"/flags/{project_id}")
                self._see(project_id, decode(body).version)
            except (requests.RequestException, msgspec.DecodeError) as error:
                log.warning("versions of flags cannot be asked of auth: %s", error)
                self._unsure[project_id] = None  # the others come first
                await asyncio.sleep(_ASK_AGAIN_SECONDS)

    def _see(self, project_id: int, version: int) -> None:
        project = self._projects.get(project_id)
        if project is None or (project.version is not None and version <= project.version):
            return
        now = time.monotonic()
        project.version, project.changed_at = version, now
        project.due.append(now + _SETTLE_SECONDS)
        if now - self._failed_at < 2 * OUTAGE_SECONDS:
            # Processes of flags may believe for a while yet that Redis is away.
            project.due.append(now + _SETTLE_SECONDS + OUTAGE_SECONDS)

    def _tell(self) -> None:
        now = time.monotonic()
        for project in self._projects.values():
            later = [at for at in project.due if at > now]
            if len(later) < len(project.due) and project.version is not None:
                for subscriber in project.subscribers:
                    subscriber.tell(project.version)
            project.due = later
