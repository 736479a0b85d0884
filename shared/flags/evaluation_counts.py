"""How often flags were evaluated: sums of each project and hour in Redis.

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
OTHER_VALUES = "*"
"""In place of a value: values that are not counted each by itself, as there were too many."""
MAX_SUMS = 20_000
"""Of a project and hour, about 2 MB."""
MAX_WITH_VALUES = 18_000
"""Of these, before further values are added to ``OTHER_VALUES`` of their flag."""
TTL_SECONDS = 3 * 86_400
"""Of the sums of an hour after the last was added to."""
HOUR_SECONDS = 3600
_PREFIX = "flag-evaluations"
_CHANGES = f"{_PREFIX}:changes"
"""By key of the sums: how often they were added to since they were copied."""
_STEP = 1_000

_ADD = """
local changes, ttl = KEYS[1], ARGV[1]
local max, max_with_values = tonumber(ARGV[2]), tonumber(ARGV[3])
local beyond = {}
for i = 4, #ARGV, 4 do
    local sums, field, count = KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 3]
    local size = redis.call('HLEN', sums)
    if size >= max_with_values and redis.call('HEXISTS', sums, field) == 0 then
        beyond[#beyond + 1] = sums
        field = ARGV[i + 2]
        if size >= max and redis.call('HEXISTS', sums, field) == 0 then field = nil end
    end
    if field then redis.call('HINCRBY', sums, field, count) end
end
for i = 2, #KEYS do
    redis.call('EXPIRE', KEYS[i], ttl)
    redis.call('HINCRBY', changes, KEYS[i], 1)
end
return beyond
"""

_SETTLE = """
if redis.call('HGET', KEYS[1], KEYS[2]) ~= ARGV[1] then return end
if ARGV[2] == '1' then
    redis.call('UNLINK', KEYS[2])
    redis.call('HDEL', KEYS[1], KEYS[2])
else
    redis.call('HSET', KEYS[1], KEYS[2], 0)
end
"""


class CountedAs(NamedTuple):
    """What is counted together."""

    project_id: int
    flag_id: int
    """Or ``ALL_FLAGS``."""
    request: Request
    value: str
    """``true``, ``false`` or a variant; empty for definitions; or ``OTHER_VALUES``."""


class ProjectHour(NamedTuple):
    """An hour of a project that has sums."""

    hour: int
    """In hours since 1970."""
    project_id: int
    changes: int = 0
    """How often sums were added to since they were copied."""

    @property
    def key(self) -> str:
        """Return the Redis key of the sums."""
        return f"{_PREFIX}:{self.hour}:{self.project_id}"


def add(redis: Redis, hour: int, counts: Mapping[CountedAs, int]) -> set[int]:
    """Add to the sums of an hour, all or none; return the projects that have too many sums.

    Of these, values without a sum are added to ``OTHER_VALUES`` of their flag, and beyond
    ``MAX_SUMS`` they are not counted.

    Args:
        redis: the state.
        hour: in hours since 1970.
        counts: how often it was since the last call.

    Raises:
        RedisError: Redis does not answer, or has no room. In a time-out they may have been added.
    """
    projects = dict.fromkeys(one.project_id for one in counts)
    keys = {project_id: ProjectHour(hour, project_id).key for project_id in projects}
    index = {project_id: number for number, project_id in enumerate(projects, 2)}
    arguments: list[Any] = [TTL_SECONDS, MAX_SUMS, MAX_WITH_VALUES]
    for one, count in counts.items():
        other = one._replace(value=OTHER_VALUES)
        arguments += (index[one.project_id], _field(one), _field(other), count)
    beyond = redis.register_script(_ADD)([_CHANGES, *keys.values()], arguments)
    return {int(key.decode().rpartition(":")[2]) for key in beyond}


def project_hours(redis: Redis) -> list[ProjectHour]:
    """Return the hours of projects that have sums, oldest first."""
    found: Any = redis.hgetall(_CHANGES)
    names = ((key.decode().split(":"), int(changes)) for key, changes in found.items())
    return sorted(ProjectHour(int(name[1]), int(name[2]), changes) for name, changes in names)


def sums(redis: Redis, of: ProjectHour) -> Iterator[dict[CountedAs, int]]:
    """Yield the sums of a project and hour, some at a time."""
    cursor: int = 0
    while True:
        found: Any
        cursor, found = redis.hscan(of.key, cursor, count=_STEP)
        if found:
            yield {
                _read(of.project_id, field.decode()): int(count) for field, count in found.items()
            }
        if not cursor:
            return


def settle(redis: Redis, copied: ProjectHour, *, is_over: bool) -> None:
    """Note that sums were copied as they were found; those added to meanwhile stay changed.

    Args:
        redis: the state.
        copied: the hour of a project, as ``project_hours`` returned it before it was copied.
        is_over: whether nothing is added any more: the sums are removed.
    """
    redis.register_script(_SETTLE)([_CHANGES, copied.key], [copied.changes, int(is_over)])


def _field(one: CountedAs) -> str:
    return ":".join(map(str, one[1:]))


def _read(project_id: int, field: str) -> CountedAs:
    flag_id, request, value = field.split(":", 2)
    return CountedAs(project_id, int(flag_id), request, value)  # type: ignore[arg-type]
