"""A project's keys: made, listed, replaced with a grace period, and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlalchemy.orm import Session

from services.auth import audit, store
from services.auth.audit import Actor
from shared.auth.api_keys import key_hash, new_key, shown_prefix
from shared.errors import Conflict, NotFound
from shared.models import ApiKey

MAX_KEYS = 50
"""Keys of one project that are valid at the same time."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; of a secret one this is the only time its text is known."""

    key: ApiKey
    text: str


def add_key(session: Session, project_id: int, kind: str, now: datetime, name: str = "") -> NewKey:
    """Make a key and store what may be stored of it."""
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
    return NewKey(key, text)


def create_key(session: Session, actor: Actor, project_id: int, kind: str, name: str) -> NewKey:
    """One more key of a project.

    Raises:
        Conflict: it has as many as it may.
    """
    if len(store.valid_keys(session, [project_id])) >= MAX_KEYS:
        raise Conflict(f"A project has at most {MAX_KEYS} keys. Revoke one that is not used.")
    made = add_key(session, project_id, kind, datetime.now(timezone.utc), name)
    _record(session, actor, "key.created", made.key)
    return made


def rotate(
    session: Session, actor: Actor, project_id: int, kind: str, grace: timedelta
) -> tuple[NewKey, list[str]]:
    """Replace all keys of one kind; answers the new key and the hashes of the old ones.

    The old ones go on working for ``grace``; those that end sooner anyway still do.
    """
    now = datetime.now(timezone.utc)
    old = [key for key in store.valid_keys(session, [project_id]) if key.kind == kind]
    for key in old:
        _end(key, now, grace)
    made = add_key(session, project_id, kind, now)
    _record(session, actor, "key.rotated", made.key, grace=grace, replaced=old)
    return made, [key.key_hash for key in old]


def replace(
    session: Session, actor: Actor, project_id: int, key_id: int, grace: timedelta
) -> tuple[NewKey, list[str]]:
    """Replace one key by another of its kind and name; like ``rotate``."""
    now = datetime.now(timezone.utc)
    old = _existing(session, project_id, key_id)
    _end(old, now, grace)
    made = add_key(session, project_id, old.kind, now, old.name)
    _record(session, actor, "key.rotated", made.key, grace=grace, replaced=[old])
    return made, [old.key_hash]


def revoke(session: Session, actor: Actor, project_id: int, key_id: int) -> str:
    """End a key at once; answers its hash.

    Raises:
        NotFound: the project has no such key, or it has ended already.
    """
    key = _existing(session, project_id, key_id)
    key.revoked_at = datetime.now(timezone.utc)
    _record(session, actor, "key.revoked", key)
    return key.key_hash


def _end(key: ApiKey, now: datetime, grace: timedelta) -> None:
    if not grace:
        key.revoked_at = now
        return
    key.expires_at = min(now + grace, key.expires_at or datetime.max.replace(tzinfo=timezone.utc))


def _existing(session: Session, project_id: int, key_id: int) -> ApiKey:
    valid = store.valid_keys(session, [project_id])
    found = next((key for key in valid if key.id == key_id), None)
    if found is None:
        raise NotFound("This project has no such key, or it was revoked already.")
    return found


def _record(
    session: Session,
    actor: Actor,
    action: str,
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
