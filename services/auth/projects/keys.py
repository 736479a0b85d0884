"""A project's keys: created, listed, rotated with a grace period, and revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy.orm import Session

from services.auth import audit, project_store
from services.auth.audit import Actor, AuditAction
from services.auth.projects.publication import invalidate_policies
from shared.auth.api_keys import key_hash, new_key, shown_prefix
from shared.errors import Conflict, ErrorCode, NotFound
from shared.models import ApiKey
from shared.policies import valid_keys
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis

MAX_KEYS = 50
"""Valid keys that one project may have at the same time."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just created; the text of a secret key is known only now."""

    key: ApiKey
    text: str


def add_key(session: Session, project_id: int, kind: str, now: datetime, name: str = "") -> NewKey:
    """Make a key and store its hash, within the caller's transaction.

    Ingest may look it up from now on, which does no harm if the transaction is rolled back.
    """
    text = new_key(kind)
    key = ApiKey(
        project_id=project_id,
        kind=kind,
        key_hash=key_hash(text),
        prefix=shown_prefix(text),
        public_key=text if kind == "public" else None,
        name=name,
        created_at=now,
    )
    session.add(key)
    session.flush()
    valid_keys.remember(get_login_redis(), [key.key_hash])
    return NewKey(key, text)


def list_keys(project_id: int) -> list[ApiKey]:
    """Return a project's valid keys, newest first."""
    with session_scope() as session:
        return project_store.list_valid_keys(session, [project_id])


def create_key(actor: Actor, project_id: int, kind: str, name: str) -> NewKey:
    """Create one more key of a project.

    Raises:
        Conflict: the project has the maximum number of keys.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        if len(project_store.list_valid_keys(session, [project_id])) >= MAX_KEYS:
            raise Conflict(
                f"A project may have at most {MAX_KEYS} keys. Revoke one that is not used.",
                code=ErrorCode.TOO_MANY_OBJECTS,
            )
        created = add_key(session, project_id, kind, datetime.now(timezone.utc), name)
        _record(session, actor, "key.created", created.key)
    return created


def rotate_keys(actor: Actor, project_id: int, kind: str, grace: timedelta) -> NewKey:
    """Replace all keys of one kind by a new one.

    The old ones stay valid for ``grace``, or until they expire if that is sooner.

    Raises:
        Conflict: with them the project would have more than the maximum number of keys.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        now = datetime.now(timezone.utc)
        valid = project_store.list_valid_keys(session, [project_id])
        _check_room(valid, grace)
        old = [key for key in valid if key.kind == kind]
        for key in old:
            _end(key, now, grace)
        created = add_key(session, project_id, kind, now)
        _record(session, actor, "key.rotated", created.key, grace=grace, replaced=old)
    _withdraw(old)
    return created


def rotate_key(actor: Actor, project_id: int, key_id: int, grace: timedelta) -> NewKey:
    """Replace one key by a new one of the same kind and name; see ``rotate_keys``.

    Raises:
        NotFound: the project has no such valid key.
        Conflict: as ``rotate_keys``.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        now = datetime.now(timezone.utc)
        old = _get_key(session, project_id, key_id)
        _check_room(project_store.list_valid_keys(session, [project_id]), grace)
        _end(old, now, grace)
        created = add_key(session, project_id, old.kind, now, old.name)
        _record(session, actor, "key.rotated", created.key, grace=grace, replaced=[old])
    _withdraw([old])
    return created


def revoke_key(actor: Actor, project_id: int, key_id: int) -> None:
    """Revoke a key at once.

    Raises:
        NotFound: the project has no such valid key.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        key = _get_key(session, project_id, key_id)
        key.revoked_at = datetime.now(timezone.utc)
        _record(session, actor, "key.revoked", key)
    _withdraw([key])


def _check_room(valid: Sequence[ApiKey], grace: timedelta) -> None:
    """Refuse a key that would be one too many beside those that it replaces.

    Each change of the project names all of them in Redis.
    """
    if grace and len(valid) >= MAX_KEYS:
        raise Conflict(
            f"A project may have at most {MAX_KEYS} keys, with replaced ones that are still valid. "
            "Send grace_hours 0, or revoke keys that are not used.",
            code=ErrorCode.TOO_MANY_OBJECTS,
        )


def _withdraw(keys: Sequence[ApiKey]) -> None:
    """Let ingest know what has become of keys, and forget those that have ended.

    Raises:
        Unavailable: Redis does not answer; the change is stored.
    """
    redis = get_login_redis()
    invalidate_policies(redis, [key.key_hash for key in keys])
    # Or each rotation would leave one in Redis for ever.
    valid_keys.remember(redis, (), [key.key_hash for key in keys if key.revoked_at is not None])


def _end(key: ApiKey, now: datetime, grace: timedelta) -> None:
    if not grace:
        key.revoked_at = now
        return
    key.expires_at = min(now + grace, key.expires_at or datetime.max.replace(tzinfo=timezone.utc))


def _get_key(session: Session, project_id: int, key_id: int) -> ApiKey:
    valid = project_store.list_valid_keys(session, [project_id])
    found = next((key for key in valid if key.id == key_id), None)
    if found is None:
        raise NotFound("This project has no such key, or the key was revoked. List the keys.")
    return found


def _record(
    session: Session,
    actor: Actor,
    action: AuditAction,
    key: ApiKey,
    *,
    grace: timedelta | None = None,
    replaced: list[ApiKey] | None = None,
) -> None:
    details: dict[str, object] = {"kind": key.kind, "key": key.prefix, "name": key.name}
    if grace is not None:
        details["grace_hours"] = grace.total_seconds() / 3600
    if replaced is not None:
        details["replaced"] = [old.prefix for old in replaced]
    audit.record(session, actor, action, project_id=key.project_id, **details)
