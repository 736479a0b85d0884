"""Publish policies to Redis, where ingest reads them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.auth import store
from shared.errors import ErrorCode, NotFound, Unavailable
from shared.models import ApiKey, EventSource, Project
from shared.policies.policy import (
    POLICIES_STATE,
    POLICY_TTL_SECONDS,
    Policy,
    SourceRule,
    encode,
    policy_key,
)
from shared.runtime.database import session_scope

# Publishes nothing if some policy has changed since this one was read: it could be this one.
_PUBLISH = """
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then
    redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
end
"""


def get_policy(redis: Redis, key_hash: str) -> Policy:
    """Return the policy of one key, and publish it.

    Raises:
        NotFound: no valid key has this hash.
    """
    with session_scope() as session:
        return publish_policy(session, redis, key_hash)


def publish_policy(session: Session, redis: Redis, key_hash: str) -> Policy:
    """Read a key's policy within the caller's transaction, and publish it; see ``get_policy``."""
    state = _state(redis)
    found = store.get_key_with_project(session, key_hash)
    if found is None:
        raise NotFound("No valid key has this hash.", code=ErrorCode.INVALID_KEY)
    key, project = found
    policy = policy_of(
        key,
        project,
        store.list_sources(session, project.id),
        store.expired_until(session, project.id),
    )
    # Ingest gets the policy in the HTTP response; the next call publishes again.
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


def policy_of(
    key: ApiKey,
    project: Project,
    sources: Iterable[EventSource],
    expired_until: datetime | None = None,
) -> Policy:
    """Return the policy of a key: everything that ingest must know about it."""
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
        retention_days=project.retention_days,
        expired_until=expired_until.timestamp() if expired_until else 0.0,
    )


def invalidate_policies(redis: Redis, key_hashes: Iterable[str]) -> None:
    """Remove the published policies of keys that were revoked, or whose project has changed.

    Raises:
        Unavailable: Redis does not answer; the change is stored, but ingest may use the published
            policies until they expire.
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
            "The change is stored, but ingest may apply the old settings for up to 20 more "
            "minutes, because Redis does not answer. Send the change again later to be sure."
        ) from error


def _state(redis: Redis) -> bytes:
    """Return the token of all policies; empty when never set, or when Redis does not answer."""
    with suppress(RedisError):
        state: bytes | None = redis.get(POLICIES_STATE)  # type: ignore[assignment]
        return state or b""
    return b""
