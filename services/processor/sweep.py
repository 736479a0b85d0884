"""Clearing away what nobody uses any more in Redis: dead consumers, old visitor salts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from shared.stream import CONSUMER_GROUP, STREAM

_SALTS = "visitor-salt:"
_IDLE = timedelta(hours=1)


def remove_dead_consumers(redis: Redis, streams: list[str] | None = None) -> list[str]:
    """Remove consumers that owe nothing and have not been heard of for an hour; who they were.

    A living one reads every second. One that owes entries stays: the others take those over first.
    """
    removed = []
    for stream in streams or [STREAM]:
        try:
            consumers: list[dict[str, Any]] = redis.xinfo_consumers(stream, CONSUMER_GROUP)
        except ResponseError:  # no such stream or group yet
            continue
        for consumer in consumers:
            if consumer["pending"] == 0 and consumer["idle"] > _IDLE / timedelta(milliseconds=1):
                redis.xgroup_delconsumer(stream, CONSUMER_GROUP, consumer["name"])
                removed.append(consumer["name"].decode(errors="replace"))
    return removed


def rotate_salts(redis: Redis, now: datetime) -> int:
    """Remove salts of days before yesterday (UTC), and any that would not expire; how many.

    Salts expire by themselves; this is for those whose expiry was lost, say with a restored backup.
    """
    kept = {
        f"{_SALTS}{(now.astimezone(timezone.utc) - timedelta(days=age)):%Y-%m-%d}".encode()
        for age in (0, 1)
    }
    old = [
        key
        for key in redis.scan_iter(match=f"{_SALTS}*", count=1000)
        if key not in kept or redis.ttl(key) == -1
    ]
    return int(redis.delete(*old)) if old else 0
