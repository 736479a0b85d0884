"""Feature flags of a project: their definitions, their history, and their publication."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.auth import audit
from services.auth.audit import Actor
from services.auth.flags import store
from services.auth.flags.changes import (
    MAX_FLAGS,
    lock_definitions,
    new_flag,
    publish_change,
    store_change,
    store_deletion,
    too_many_flags,
)
from shared.errors import Conflict, NotFound
from shared.flags.checks import check_definition, check_dependents
from shared.flags.cohort_checks import check_cohorts
from shared.flags.definition import FlagDefinition, FlagSet, cohorts_of, from_json, to_json
from shared.flags.publication import publish
from shared.models import FeatureFlag, FeatureFlagVersion
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_state_redis

log = logging.getLogger(__name__)


def list_flags(project_id: int) -> list[FeatureFlag]:
    """Return a project's flags, by key."""
    with session_scope() as session:
        return store.list_flags(session, project_id)


def get_flag(project_id: int, flag_id: int) -> FeatureFlag:
    """Return one flag of a project.

    Raises:
        NotFound: the project has no such flag.
    """
    with session_scope() as session:
        return _get(session, project_id, flag_id)


def create_flag(actor: Actor, project_id: int, fields: Mapping[str, Any]) -> FeatureFlag:
    """Add a flag. It is published before this returns.

    Raises:
        Conflict: the project has a flag of this key, or the maximum number of flags.
        Unprocessable: the definition is wrong.
        Unavailable: the flag is stored, but not published yet.
    """
    definition = _definition(fields)
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        if definition.key in others:
            raise Conflict("The project has a flag of this key. Change it instead.")
        if len(others) >= MAX_FLAGS:
            raise too_many_flags()
        check_definition(definition, others)
        check_cohorts(session, project_id, definition)
        flag = new_flag(actor, project_id, definition.key)
        flag.version = 1
        flag.definition = to_json(definition)
        store_change(session, actor, flag, definition, "flag.created")
        changed = store.flag_set(session, project_id)
    publish_change(changed)
    return flag


def update_flag(
    actor: Actor, project_id: int, flag_id: int, changes: Mapping[str, Any]
) -> FeatureFlag:
    """Change fields of a flag. The change is published before this returns.

    Raises:
        NotFound: the project has no such flag.
        Conflict: other flags depend on a value that the flag would no longer have.
        Unprocessable: the definition would be wrong.
        Unavailable: the change is stored, but not published yet.
    """
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        flag = _get(session, project_id, flag_id)
        definition = _definition({**flag.definition, **changes})
        changed = _replace(session, actor, flag, definition, others)
    publish_change(changed)
    return flag


def roll_back_flag(actor: Actor, project_id: int, flag_id: int, version: int) -> FeatureFlag:
    """Give a flag the definition of an earlier version, as a new version.

    Raises:
        NotFound: the project has no such flag, or the flag no such version.
        Conflict, Unprocessable: as for a change.
        Unavailable: the change is stored, but not published yet.
    """
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        flag = _get(session, project_id, flag_id)
        earlier = store.get_version(session, project_id, flag_id, version)
        if earlier is None or earlier.definition is None:
            raise NotFound("The flag has no such version. List its history to find one.")
        changed = _replace(session, actor, flag, from_json(earlier.definition), others)
    publish_change(changed)
    return flag


def delete_flag(actor: Actor, project_id: int, flag_id: int) -> None:
    """Delete a flag. SDKs then use their defaults.

    Raises:
        NotFound: the project has no such flag.
        Conflict: other flags depend on it.
        Unavailable: the flag is deleted, but still published.
    """
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        flag = _get(session, project_id, flag_id)
        others.pop(flag.key)
        check_dependents(flag.key, None, others)
        store_deletion(session, actor, flag)
        changed = store.flag_set(session, project_id)
    publish_change(changed)


def list_versions(
    project_id: int, flag_id: int, *, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return versions of a flag with what each changed, newest first.

    The second value is the version before which the next page begins; None: there is none.

    Raises:
        NotFound: the project has no such flag.
    """
    with session_scope() as session:
        _get(session, project_id, flag_id)
        rows = store.list_versions(session, project_id, flag_id, before=before, limit=limit + 1)
    earlier = [*rows[1:], None]
    page = [_with_changes(row, before_it) for row, before_it in zip(rows, earlier, strict=True)]
    return page[:limit], rows[limit - 1].version if len(rows) > limit else None


def publish_flags(project_id: int) -> FlagSet:
    """Return a project's flags, for the flags service, and publish them."""
    with session_scope() as session:
        found = store.flag_set(session, project_id)
    # The flags service gets them in the HTTP response; the next call publishes again.
    with suppress(RedisError):
        publish(get_state_redis(), found)
    return found


def _definition(fields: Mapping[str, Any]) -> FlagDefinition:
    # What the schema of requests let through is a definition, or this is a mistake of ours.
    return msgspec.convert(dict(fields), FlagDefinition)


def _get(session: Session, project_id: int, flag_id: int) -> FeatureFlag:
    flag = session.get(FeatureFlag, (project_id, flag_id))
    if flag is None:
        raise NotFound("This project has no such flag. List its flags to find the id.")
    return flag


def _replace(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    definition: FlagDefinition,
    others: dict[str, FlagDefinition],
) -> FlagSet:
    before = others.pop(flag.key)
    check_definition(definition, others)
    check_cohorts(session, flag.project_id, definition, cohorts_of([before]))
    check_dependents(flag.key, definition, others)
    changed = audit.differences(flag.definition, to_json(definition))
    if changed:
        flag.version += 1
        flag.definition = to_json(definition)
        store_change(session, actor, flag, definition, "flag.changed", changed=sorted(changed))
    return store.flag_set(session, flag.project_id)


def _with_changes(row: FeatureFlagVersion, earlier: FeatureFlagVersion | None) -> dict[str, Any]:
    before = (earlier.definition if earlier else None) or {}
    # What was before the oldest version that is kept is not known any more.
    is_known = earlier is not None or row.version == 1
    return {
        "version": row.version,
        "changed_by": row.changed_by,
        "changed_by_email": row.changed_by_email,
        "changed_at": row.changed_at,
        "definition": row.definition,
        "changes": audit.differences(before, row.definition or {}) if is_known else {},
    }
