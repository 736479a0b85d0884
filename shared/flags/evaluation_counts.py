"""How often flags were evaluated: sums of each hour in Redis.

Processes of flags add to them, and a job of the processor copies them to PostgreSQL. A sum only
grows, so it may be copied any number of times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from redis import Redis

Request = Literal["used", "loaded", "definitions"]
"""What a request says of the need for a flag. ``used``: code needs its value, as the request names
the flag, or the protocol has no event that would say so later. ``loaded``: an SDK asked for all
flags, and tells by ``$feature_flag_called`` which of them code needs. ``definitions``: all
definitions were asked for, to evaluate them elsewhere."""

ALL_FLAGS = 0
"""In place of the id of a flag: a request for definitions is for all flags."""
TTL_SECONDS = 3 * 86_400
"""Of the sums of an hour after the last was added to."""
HOUR_SECONDS = 3600
_HOURS = "flag-evaluations"
_STEP = 1_000


class CountedAs(NamedTuple):
    """What is counted together."""

    project_id: int
    flag_id: int
    """Or ``ALL_FLAGS``."""
    request: Request
    value: str
    """``true``, ``false`` or a variant; empty for definitions."""


def hour_key(hour: int) -> str:
    """Return the Redis key of the sums of an hour, in hours since 1970."""
    return f"{_HOURS}:{hour}"


def add(redis: Redis, hour: int, counts: Mapping[CountedAs, int]) -> None:
    """Add to the sums of an hour, all or none.

    Args:
        redis: the state.
        hour: in hours since 1970.
        counts: how often it was since the last call.

    Raises:
        RedisError: Redis does not answer, or has no room. In a time-out they may have been added.
    """
    key = hour_key(hour)
    with redis.pipeline(transaction=True) as pipeline:
        for one, count in counts.items():
            pipeline.hincrby(key, ":".join(map(str, one)), count)
        pipeline.expire(key, TTL_SECONDS)
        pipeline.sadd(_HOURS, hour)
        pipeline.execute()


def hours(redis: Redis) -> list[int]:
    """Return the hours that have sums, in hours since 1970, oldest first."""
    found: Any = redis.smembers(_HOURS)
    return sorted(map(int, found))


def sums(redis: Redis, hour: int) -> Iterator[dict[CountedAs, int]]:
    """Yield the sums of an hour, some at a time."""
    cursor: int = 0
    while True:
        found: Any
        cursor, found = redis.hscan(hour_key(hour), cursor, count=_STEP)
        if found:
            yield {_read(field.decode()): int(count) for field, count in found.items()}
        if not cursor:
            return


def forget(redis: Redis, hour: int) -> None:
    """Remove the sums of an hour."""
    redis.unlink(hour_key(hour))
    redis.srem(_HOURS, hour)


def _read(field: str) -> CountedAs:
    project_id, flag_id, request, value = field.split(":", 3)
    return CountedAs(int(project_id), int(flag_id), request, value)  # type: ignore[arg-type]
