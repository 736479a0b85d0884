"""The hashes of keys that were valid when auth last looked at them, in Redis.

Ingest looks such a key up whatever else is being looked up, so keys that somebody makes up cannot
keep valid ones out. The set decides nothing else: a hash that is missing or outdated costs or saves
a lookup that counts against a limit.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError

VALID_KEYS = "valid-keys"
"""Redis set. It is filled again as keys are used if Redis loses it."""


def remember(redis: Redis, valid: Collection[str], invalid: Collection[str] = ()) -> None:
    """Add and remove hashes; without Redis, nothing is remembered."""
    with suppress(RedisError), redis.pipeline(transaction=False) as pipeline:
        if valid:
            pipeline.sadd(VALID_KEYS, *valid)
        if invalid:
            pipeline.srem(VALID_KEYS, *invalid)
        pipeline.execute()


def was_valid(redis: Redis, key_hash: str) -> bool:
    """Tell whether a key was valid; False while Redis is unavailable."""
    with suppress(RedisError):
        return bool(redis.sismember(VALID_KEYS, key_hash))
    return False
