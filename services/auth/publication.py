"""Publishing policies to Redis, where ingest finds them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.auth import store
from shared.errors import NotFound, Unavailable
from shared.models import ApiKey, EventSource, Project
from shared.policies.policy import (
    POLICIES_STATE,
    POLICY_TTL_SECONDS,
    Policy,
    SourceRule,
    encode,
    policy_key,
)

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


def policy_of(key: ApiKey, project: Project, sources: Iterable[EventSource]) -> Policy:
    """What ingest must know about a key."""
    return Policy(
        project_id=project.id,
        kind="public" if key.kind == "public" else "secret",
        is_active=project.is_active,
        timezone=project.timezone,
        allowed_sources=tuple(project.allowed_sources),
        rate_limit_per_minute=project.rate_limit_per_minute,
        client_rate_limit_per_minute=project.client_rate_limit_per_minute,
        daily_quota=project.daily_quota,
        monthly_quota=project.monthly_quota,
        sample_rate=project.sample_rate,
        sources={
            source.name: SourceRule(source.is_active, source.sample_rate) for source in sources
        },
        allowed_origins=tuple(project.allowed_origins),
        filter_bots=project.filter_bots,
        ip_mode=cast("Any", project.ip_mode),
        do_not_track=cast("Any", project.do_not_track),
        consent=cast("Any", project.consent),
        expires_at=key.expires_at.timestamp() if key.expires_at else None,
    )


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
