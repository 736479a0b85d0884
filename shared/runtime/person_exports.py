"""Read exports of persons, which wait in the cache for a day as gzipped JSON lines."""

from __future__ import annotations

from redis import Redis

from shared.errors import NotFound


def export_key(name: str) -> str:
    """Return the cache key of an export."""
    return f"person-export:{name}"


def get_export(redis: Redis, name: str) -> bytes:
    """Return the gzipped lines of an export.

    Raises:
        NotFound: there is no such export, or it is more than a day old.
    """
    found: bytes | None = redis.get(export_key(name))  # type: ignore[assignment]
    if found is None:
        raise NotFound("There is no such export: exports expire after a day. Request it again.")
    return found
