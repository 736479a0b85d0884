"""A project's flags in Redis: auth publishes them, flags reads them."""

from __future__ import annotations

from typing import Any

import msgspec
from redis import Redis

from shared.flags.definition import FlagSet
from shared.runtime.redis_memory import copies_with_room

TTL_SECONDS = 300
"""Lifetime of published flags: a change that could not be published is in force after this."""
CHECK_SECONDS = 0.25
"""How long flags are believed before their version is looked at."""
OUTAGE_SECONDS = 5.0
"""How long flags are believed while Redis or auth is unavailable."""
STREAM_PATH = "/ofrep/v1/stream"
"""Where clients are told that flags have changed."""
VERSION_FIELD = "version"
_BODY = "flags"

# A slower publisher must not put an older version back.
_PUBLISH = """
local known = redis.call('HGET', KEYS[1], 'version')
if known and tonumber(known) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1])
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], 'flags')
else redis.call('HSET', KEYS[1], 'flags', ARGV[2]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
_decode = msgspec.json.Decoder(FlagSet).decode


def published_key(project_id: int) -> str:
    """Return the Redis key of a project's flags."""
    return f"flags:{project_id}"


def publish(redis: Redis, flags: FlagSet) -> None:
    """Publish a project's flags, unless a newer version is published.

    Where Redis has no room for large ones, only their version is published: auth has the rest.

    Raises:
        RedisError: Redis does not answer.
    """
    key = published_key(flags.project_id)
    body = copies_with_room(redis, {key: encode(flags)}).get(key, b"")
    redis.eval(_PUBLISH, 1, key, flags.version, body, TTL_SECONDS)


def published_version(redis: Redis, project_id: int) -> int | None:
    """Return the version that is published; None: none is.

    Raises:
        RedisError: Redis does not answer.
    """
    found: Any = redis.hget(published_key(project_id), VERSION_FIELD)
    return None if found is None else int(found)


def published(redis: Redis, project_id: int) -> FlagSet | None:
    """Return the flags that are published; None: none are, or their version alone.

    Raises:
        RedisError: Redis does not answer.
        msgspec.DecodeError: they cannot be read.
    """
    found: Any = redis.hget(published_key(project_id), _BODY)
    return None if found is None else decode(found)


def encode(flags: FlagSet) -> bytes:
    """Return flags as JSON, as they are published."""
    return msgspec.json.encode(flags)


def decode(raw: bytes) -> FlagSet:
    """Read published flags.

    Raises:
        msgspec.DecodeError: the bytes are no flags.
    """
    return _decode(raw)
