"""The flags of projects, in the memory of this process, as new as Redis has them.

A process looks at the published version of a project at most four times a second. What is not
published it asks auth for over HTTP. While neither answers, the last known flags are used.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import dataclass

import msgspec
import requests
from redis import Redis
from redis.exceptions import RedisError

from services.flags.served_flags import ServedFlags
from shared.auth.auth_service import AuthService
from shared.errors import Unavailable
from shared.flags.definition import FlagSet
from shared.flags.publication import (
    CHECK_SECONDS,
    OUTAGE_SECONDS,
    decode,
    published,
    published_version,
)
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
"""How long a request waits for another one that looks for newer flags, before it uses its own."""
_MAX_REMEMBERED = 10_000
_MAX_REMEMBERED_BYTES = 32 * 1024 * 1024
"""Of definitions as JSON; in memory they are several times as large."""


@dataclass(slots=True)
class _Remembered:
    flags: ServedFlags
    check_at: float
    """When to look again, on the monotonic clock."""
    looking_since: float = math.inf
    """Since when somebody looks, on the monotonic clock."""


class FlagSets:
    """The flags of recently asked projects."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._auth = AuthService(settings)
        self._remembered: dict[int, _Remembered] = {}
        self._loading: dict[int, threading.Lock] = {}
        self._making_room = threading.Lock()
        self._bytes = 0

    def for_project(self, project_id: int) -> ServedFlags:
        """Return a project's flags.

        Raises:
            Unavailable: they are not in memory, and neither Redis nor auth answers.
        """
        known = self._remembered.get(project_id)
        if known is not None and time.monotonic() < known.check_at:
            return known.flags
        lock = self._loading.setdefault(project_id, threading.Lock())
        # Clients that are told of a change all ask at once: none of them may get what was before.
        # But whoever has flags waits for no server that does not answer.
        if known is None:
            lock.acquire()
        else:
            left = known.looking_since + _LOOK_SECONDS - time.monotonic()
            if not lock.acquire(timeout=max(0.0, min(_LOOK_SECONDS, left))):
                return known.flags
            known.looking_since = time.monotonic()
        try:
            again = self._remembered.get(project_id)
            if again is not None and time.monotonic() < again.check_at:
                return again.flags
            return self._load(project_id, again.flags if again else None)
        finally:
            lock.release()

    def _load(self, project_id: int, known: ServedFlags | None) -> ServedFlags:
        last = known.flags if known else None
        wait = CHECK_SECONDS
        try:
            found = self._published(project_id, last)
        except (RedisError, msgspec.DecodeError) as error:
            log.warning("published flags cannot be read; requesting them from auth: %s", error)
            found, wait = None, OUTAGE_SECONDS
        if found is None:
            try:
                found = decode(self._auth.request("GET", f"/flags/{project_id}"))
            except (requests.RequestException, msgspec.DecodeError) as error:
                if last is None:
                    raise Unavailable(
                        "The flags cannot be read at the moment. Try again in a few seconds."
                    ) from error
                log.warning("auth is unavailable; using the last known flags: %s", error)
                found, wait = last, OUTAGE_SECONDS
        served = known if known and known.flags is found else ServedFlags(found)
        self._remember(served, time.monotonic() + wait)
        return served

    def _published(self, project_id: int, last: FlagSet | None) -> FlagSet | None:
        """Return the published flags; None: none are, or older ones than the last known."""
        if last is None:
            return published(self._redis, project_id)
        version = published_version(self._redis, project_id)
        if version is None or version < last.version:
            return None
        return last if version == last.version else published(self._redis, project_id)

    def _remember(self, flags: ServedFlags, check_at: float) -> None:
        """Remember flags; those that were asked for the longest ago make room for them."""
        with self._making_room:
            project_id = flags.flags.project_id
            self._forget(project_id)
            self._remembered[project_id] = _Remembered(flags, check_at)
            self._bytes += flags.size
            while len(self._remembered) > 1 and (
                len(self._remembered) > _MAX_REMEMBERED or self._bytes > _MAX_REMEMBERED_BYTES
            ):
                oldest = next(iter(self._remembered))
                self._forget(oldest)
                self._loading.pop(oldest, None)

    def _forget(self, project_id: int) -> None:
        last = self._remembered.pop(project_id, None)
        self._bytes -= last.flags.size if last else 0
