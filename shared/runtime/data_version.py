"""The version of each project's data, under which query caches answers.

Whoever commits a change that an answer could show (stored events, a rebuild, a deleted person, a
changed definition) calls ``advance`` afterwards; every cached answer of the project is then stale.
"""

from __future__ import annotations

from redis import Redis


def data_version_key(project_id: int) -> str:
    """Return the key in the cache that holds a project's version."""
    return f"query:version:{project_id}"


def current(redis: Redis, project_id: int) -> bytes | None:
    """Return the version of a project's data; None before the first change."""
    version: bytes | None = redis.get(data_version_key(project_id))  # type: ignore[assignment]
    return version


def advance(redis: Redis, project_id: int) -> None:
    """Make every cached answer of a project stale.

    Args:
        redis: the cache, or a pipeline to it.
        project_id: the project whose data has changed.
    """
    redis.incr(data_version_key(project_id))
