"""Publishing policies to Redis, where ingest finds them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.auth import store
from services.auth.projects import policy_of
from shared.errors import NotFound, Unavailable
from shared.policy import POLICY_TTL_SECONDS, Policy, encode, policy_key


def publish_policy(session: Session, redis: Redis, key_hash: str) -> Policy:
    """Publish and answer the policy of one key.

    Raises:
        NotFound: no valid key has this hash.
    """
    found = store.key_with_project(session, key_hash)
    if found is None:
        raise NotFound("No valid key has this hash.")
    key, project = found
    policy = policy_of(key, project, store.sources_of(session, project.id))
    # Ingest asked over HTTP and gets its answer there; the next call publishes again.
    with suppress(RedisError):
        redis.set(policy_key(key_hash), encode(policy), ex=POLICY_TTL_SECONDS)
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
        redis.delete(*names)
    except RedisError as error:
        raise Unavailable(
            "The change is stored, but apps may be treated as before for up to 5 more minutes, "
            "because Redis is away."
        ) from error
