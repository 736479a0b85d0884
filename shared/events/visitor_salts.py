"""Name the keys of the daily salts that anonymous visitors are hashed with.

Ingest writes the keys and the processor deletes them, so both use this definition.
"""

from __future__ import annotations

PREFIX = "visitor-salt:"


def utc_day(now: float) -> int:
    """Return the number of the UTC day of a time in seconds since 1970."""
    return int(now // 86_400)


def salt_key(day: int) -> str:
    """Return the Redis key of a UTC day's salt."""
    return f"{PREFIX}{day}"
