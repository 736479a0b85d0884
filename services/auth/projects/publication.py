"""Publish policies to Redis, where ingest reads them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import msgspec
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.auth import project_store
from shared.errors import Unavailable
from shared.events.property_schemas import PropertySchema
from shared.models import ApiKey, Definition, EventSource, Project
from shared.policies import valid_keys
from shared.policies.changes import CHANGES, last_change, withdraw
from shared.policies.policy import (
    ENDED,
    POLICY_TTL_SECONDS,
    Policy,
    SourceRule,
    encode,
    policy_key,
)
from shared.runtime.database import session_scope
from shared.runtime.redis_memory import copies_with_room

# Publishes nothing if some policy has changed since these were read: it could be one of them.
_PUBLISH = """
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if #last == 0 or last[1][1] ~= ARGV[1] then return end
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1], 'EX', ARGV[2]) end
"""


def get_policies(redis: Redis, key_hashes: list[str]) -> dict[str, Policy]:
    """Return the policies of the known keys among these, by hash, and publish them.

    Those of keys that have ended say so: an old app may send one for years, which is no guess.
    """
    with session_scope() as session:
        return publish_policies(session, redis, key_hashes)


def publish_policies(session: Session, redis: Redis, key_hashes: list[str]) -> dict[str, Policy]:
    """Read policies within the caller's transaction, and publish them; see ``get_policies``."""
    change: bytes | None = None
    with suppress(RedisError):
        change = last_change(redis)
    found = project_store.list_keys_with_projects(session, key_hashes)
    project_ids = {project.id for _, project, *_, has_ended in found if not has_ended}
    sources = project_store.list_sources_by_project(session, project_ids)
    schemas = project_store.list_schemas_by_project(session, project_ids)
    policies = {
        key.key_hash: policy_of(
            key,
            project,
            sources.get(project.id, ()),
            schemas.get(project.id, ()),
            expired_until=expired_until,
            owner_id=owner_id,
            has_ended=has_ended,
        )
        for key, project, expired_until, owner_id, has_ended in found
    }
    valid = {key.key_hash for key, *_, has_ended in found if not has_ended}
    valid_keys.remember(redis, valid, set(key_hashes) - valid)
    # Ingest gets the policies in the HTTP response; the next call publishes again.
    if policies and change is not None:
        with suppress(RedisError):
            encoded = {policy_key(one): encode(policy) for one, policy in policies.items()}
            bodies = copies_with_room(redis, encoded)
            names = [CHANGES, *bodies]
            redis.eval(_PUBLISH, len(names), *names, change, POLICY_TTL_SECONDS, *bodies.values())
    return policies


def policy_of(
    key: ApiKey,
    project: Project,
    sources: Iterable[EventSource],
    definitions: Iterable[Definition] = (),
    *,
    expired_until: datetime | None = None,
    owner_id: int | None = None,
    has_ended: bool = False,
) -> Policy:
    """Return the policy of a key: everything that ingest must know about it."""
    expires_at = key.expires_at.timestamp() if key.expires_at else None
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
        daily_quota_bytes=project.daily_quota_bytes,
        monthly_quota_bytes=project.monthly_quota_bytes,
        sample_rate=project.sample_rate,
        sources={
            source.name: SourceRule(source.is_active, source.sample_rate) for source in sources
        },
        allowed_origins=tuple(project.allowed_origins),
        filter_bots=project.filter_bots,
        ip_mode=cast("Any", project.ip_mode),
        store_user_agent=project.store_user_agent,
        do_not_track=cast("Any", project.do_not_track),
        consent=cast("Any", project.consent),
        expires_at=ENDED if has_ended else expires_at,
        retention_days=project.retention_days,
        schemas={
            one.name: PropertySchema(
                cast("Any", one.schema_mode), msgspec.json.encode(one.json_schema).decode()
            )
            for one in definitions
        },
        expired_until=expired_until.timestamp() if expired_until else 0.0,
        is_sample=project.is_sample,
        owner_id=owner_id or 0,
    )


def invalidate_policies(redis: Redis, key_hashes: Iterable[str]) -> None:
    """Remove the published policies of keys that were revoked, or whose project has changed.

    Raises:
        Unavailable: Redis does not answer; the change is stored, but ingest may use the published
            policies until they expire.
    """
    changed = list(key_hashes)
    if not changed:
        return
    try:
        withdraw(redis, changed)
    except RedisError as error:
        raise Unavailable(
            "The change is stored, but ingest may apply the old settings for up to 20 more "
            "minutes, because Redis does not answer. Send the change again later to be sure."
        ) from error
