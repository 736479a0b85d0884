"""The version of each project's data, under which query caches answers.

Whoever commits a change that an answer could show (stored events, a rebuild, a deleted person, a
changed definition) calls ``advance`` afterwards; every cached answer of the project is then stale.
"""

from __future__ import annotations

import time

from redis import Redis


def data_version_key(project_id: int) -> str:
    """Return the key that holds a project's version."""
    return f"query:version:{project_id}"


def current(redis: Redis, project_id: int) -> bytes:
    """Return the version of a project's data."""
    key = data_version_key(project_id)
    version: bytes | None = redis.get(key)  # type: ignore[assignment]  # bytes: not decoded
    if version is None:
        _begin(redis, key)
        version = redis.get(key)  # type: ignore[assignment]
    return version or b""


def advance(redis: Redis, project_id: int) -> None:
    """Make every cached answer of a project stale.

    Args:
        redis: the server of the versions, or a pipeline to it.
        project_id: the project whose data has changed.
    """
    key = data_version_key(project_id)
    _begin(redis, key)
    redis.incr(key)


def _begin(redis: Redis, key: str) -> None:
    """Start a version that is missing with the time in microseconds, a number never used before.

    The cache is another server: it may still hold answers under versions that Redis has lost.
    """
    redis.set(key, time.time_ns() // 1000, nx=True)
