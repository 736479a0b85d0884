"""Measure the lag of the processors."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from shared.events.stream import CONSUMER_GROUP, streams

MAX_LAG_SECONDS = 60.0
"""When the oldest request that is not stored is older, storing is behind."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Requests that are not stored yet."""

    waiting_entries: int
    """Requests that no processor has read yet."""
    pending_entries: int
    """Requests that were read and are not committed yet."""
    oldest_seconds: float
    """Age of the oldest request that is not committed; 0 when there is none."""
    consumers: int


@dataclass(frozen=True, slots=True)
class Consumer:
    """A process that stores events, in all partitions of the stream together."""

    name: str
    pending_entries: int
    idle_seconds: float
    """Since it last asked for entries, in the partition where that is the shortest time ago."""


def measure_lag(redis: Redis) -> Lag:
    """Measure all partitions of the stream; the number of consumers is the largest of them."""
    parts = [_measure(redis, name) for name in streams(redis)]
    return Lag(
        sum(part.waiting_entries for part in parts),
        sum(part.pending_entries for part in parts),
        max(part.oldest_seconds for part in parts),
        max(part.consumers for part in parts),
    )


def list_consumers(redis: Redis) -> list[Consumer]:
    """List the consumers of the stream by name, with those that ended and are not removed yet."""
    found: dict[str, Consumer] = {}
    for name in streams(redis):
        try:
            infos: list[dict[str, Any]] = redis.xinfo_consumers(name, CONSUMER_GROUP)
        except ResponseError:  # no stream or no group yet
            continue
        for info in infos:
            consumer = info["name"].decode()
            before = found.get(consumer, Consumer(consumer, 0, float("inf")))
            found[consumer] = Consumer(
                consumer,
                before.pending_entries + int(info["pending"]),
                min(before.idle_seconds, int(info["idle"]) / 1000),
            )
    return [found[name] for name in sorted(found)]


def _measure(redis: Redis, name: str) -> Lag:
    try:
        groups: list[dict[str, Any]] = redis.xinfo_groups(name)
    except ResponseError:  # no stream yet: nothing was ever sent
        return Lag(0, 0, 0.0, 0)
    group = next((g for g in groups if g["name"] == CONSUMER_GROUP.encode()), None)
    length = int(redis.xlen(name))
    if group is None:
        return Lag(length, 0, _oldest_seconds(redis, name), 0)
    pending = int(group["pending"])
    # Committed entries are deleted, so what is left and not pending was never read.
    waiting = max(0, length - pending)
    return Lag(waiting, pending, _oldest_seconds(redis, name), int(group["consumers"]))


def _oldest_seconds(redis: Redis, name: str) -> float:
    oldest: Any = redis.xrange(name, count=1)
    if not oldest:
        return 0.0
    milliseconds = int(oldest[0][0].split(b"-")[0])
    return max(0.0, round(time.time() - milliseconds / 1000, 3))
