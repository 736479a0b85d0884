"""Where exports of persons wait to be fetched: in the cache, gzipped JSON lines, for a day."""

from __future__ import annotations

from redis import Redis

from shared.errors import NotFound


def export_key(name: str) -> str:
    """Under which key an export is kept."""
    return f"person-export:{name}"


def get_export(redis: Redis, name: str) -> bytes:
    """The gzipped lines that were kept under a name.

    Raises:
        NotFound: there are none, or they are more than a day old.
    """
    kept: bytes | None = redis.get(export_key(name))  # type: ignore[assignment]
    if kept is None:
        raise NotFound(
            "There is no such export any more: they are kept for a day. Ask for it anew."
        )
    return kept
