"""Publishing policies to Redis, where ingest finds them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.auth import store
from services.auth.projects import policy_of
from shared.errors import NotFound, Unavailable
from shared.policy import POLICIES_STATE, POLICY_TTL_SECONDS, Policy, encode, policy_key

# Not if some policy has changed since it was read: it could be this one.
_PUBLISH = """
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then
    redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
end
"""


def publish_policy(session: Session, redis: Redis, key_hash: str) -> Policy:
    """Publish and answer the policy of one key.

    Raises:
        NotFound: no valid key has this hash.
    """
    state = _state(redis)
    found = store.key_with_project(session, key_hash)
    if found is None:
        raise NotFound("No valid key has this hash.")
    key, project = found
    policy = policy_of(key, project, store.sources_of(session, project.id))
    # Ingest asked over HTTP and gets its answer there; the next call publishes again.
    with suppress(RedisError):
        redis.eval(
            _PUBLISH,
            2,
            POLICIES_STATE,
            policy_key(key_hash),
            state,
            encode(policy),
            POLICY_TTL_SECONDS,
        )
    return policy


def withdraw_policies(redis: Redis, key_hashes: Iterable[str]) -> None:
    """Take back what was published of keys that are revoked, or whose project has changed.

    Raises:
        Unavailable: Redis is away; the change is stored, but ingest may follow what was published
            until that runs out.
    """
    names = [policy_key(key_hash) for key_hash in key_hashes]
    if not names:
        return
    try:
        with redis.pipeline(transaction=True) as pipeline:
            pipeline.delete(*names)
            pipeline.set(POLICIES_STATE, os.urandom(16))
            pipeline.execute()
    except RedisError as error:
        raise Unavailable(
            "The change is stored, but apps may be treated as before for up to 20 more minutes, "
            "because Redis is away."
        ) from error


def _state(redis: Redis) -> bytes:
    """The state of all policies; empty when it was never changed, or Redis is away."""
    with suppress(RedisError):
        state: bytes | None = redis.get(POLICIES_STATE)  # type: ignore[assignment]
        return state or b""
    return b""
