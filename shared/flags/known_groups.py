"""Stored properties of groups that conditions of flags ask for: copies in Redis.

Processors keep them, flags are evaluated by them. A hash for each type of groups has the properties
of each group by its key. Which properties are complete is said beside what is known of persons
(shared/flags/recent_events.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from redis import Redis

from shared.flags.recent_events import encoded, prefix_of
from shared.flags.stored_names import group_property_name


def key_of(project_id: int, group_type: str) -> bytes:
    """Return the Redis key of what is known of the groups of a type."""
    return encoded(f"{prefix_of(project_id)}:groups:{group_type}")


def look_up(
    redis: Redis, project_id: int, asked: Mapping[str, tuple[str, Sequence[str]]]
) -> dict[str, dict[str, Any]]:
    """Return stored properties of groups by type; those that are not known are left out.

    Args:
        redis: the client.
        project_id: the project.
        asked: by type the key of the group, and the names of properties.

    Raises:
        RedisError: Redis does not answer.
    """
    names = [
        encoded(group_property_name(group_type, name))
        for group_type, (_, names) in asked.items()
        for name in names
    ]
    with redis.pipeline(transaction=True) as pipeline:
        pipeline.hmget(prefix_of(project_id), names)
        for group_type, (key, _) in asked.items():
            pipeline.hget(key_of(project_id, group_type), encoded(key))
        complete, *raw = pipeline.execute()
    is_complete = dict(zip(names, complete, strict=True))
    found: dict[str, dict[str, Any]] = {}
    for (group_type, (_, wanted)), one in zip(asked.items(), raw, strict=True):
        values = msgspec.json.decode(one) if one else {}
        found[group_type] = {
            name: values[name]
            for name in wanted
            if name in values and is_complete[encoded(group_property_name(group_type, name))]
        }
    return found


def put(
    redis: Redis, project_id: int, groups: Iterable[tuple[str, str, Mapping[str, Any]]]
) -> None:
    """Replace what is known of groups: type, key and properties of each; none: it is removed.

    Raises:
        RedisError: Redis does not answer.
    """
    with redis.pipeline(transaction=False) as pipeline:
        for group_type, key, values in groups:
            location, field = key_of(project_id, group_type), encoded(key)
            if values:
                pipeline.hset(location, field, msgspec.json.encode(values))
            else:
                pipeline.hdel(location, field)
        pipeline.execute()
