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
from services.auth.flags import approval, store
from services.auth.flags.changes import (
    MAX_FLAGS,
    check_replacement,
    definition_of,
    lock_definitions,
    new_flag,
    publish_change,
    store_change,
    store_deletion,
    too_many_flags,
)
from services.auth.flags.uses import check_uses
from shared.errors import Conflict, NotFound
from shared.flags.checks import check_definition, check_dependents
from shared.flags.cohort_checks import check_cohorts
from shared.flags.definition import FlagDefinition, FlagSet, from_json, to_json
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
        return store.get_flag(session, project_id, flag_id)


def create_flag(actor: Actor, project_id: int, fields: Mapping[str, Any]) -> FeatureFlag:
    """Add a flag. It is published before this returns.

    Where changes wait for a second person, it is off until one accepts that it is switched on.

    Raises:
        Conflict: the project has a flag of this key, or the maximum number of flags.
        Unprocessable: the definition is wrong.
        Unavailable: the flag is stored, but not published yet.
    """
    definition = definition_of(fields)
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        if definition.key in others:
            raise Conflict("The project has a flag of this key. Change it instead.")
        if len(others) >= MAX_FLAGS:
            raise too_many_flags()
        check_definition(definition, others)
        check_cohorts(session, project_id, definition)
        check_uses(session, project_id, None, definition)
        flag = new_flag(actor, project_id, definition.key)
        flag.version = 1
        activation = {"is_active": True} if definition.is_active else {}
        waits = approval.must_wait(session, project_id, activation)
        stored = msgspec.structs.replace(definition, is_active=False) if waits else definition
        flag.definition = to_json(stored)
        store_change(session, actor, flag, stored, "flag.created")
        if waits:
            approval.propose(session, actor, flag, activation)
        changed = store.flag_set(session, project_id)
    publish_change(changed)
    return flag


def update_flag(
    actor: Actor, project_id: int, flag_id: int, changes: Mapping[str, Any]
) -> FeatureFlag:
    """Change fields of a flag, or propose it. A change is published before this returns.

    Raises:
        NotFound: the project has no such flag.
        Conflict: other flags depend on a value that the flag would no longer have.
        Unprocessable: the definition would be wrong.
        Unavailable: the change is stored, but not published yet.
    """
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        flag = store.get_flag(session, project_id, flag_id)
        definition = definition_of({**flag.definition, **changes})
        changed = _change(session, actor, flag, definition, others)
    publish_change(changed)
    return flag


def roll_back_flag(actor: Actor, project_id: int, flag_id: int, version: int) -> FeatureFlag:
    """Give a flag the definition of an earlier version, as a new version, or propose it.

    Raises:
        NotFound: the project has no such flag, or the flag no such version.
        Conflict, Unprocessable: as for a change.
        Unavailable: the change is stored, but not published yet.
    """
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        flag = store.get_flag(session, project_id, flag_id)
        earlier = store.get_version(session, project_id, flag_id, version)
        if earlier is None or earlier.definition is None:
            raise NotFound("The flag has no such version. List its history to find one.")
        changed = _change(session, actor, flag, from_json(earlier.definition), others)
    publish_change(changed)
    return flag


def delete_flag(actor: Actor, project_id: int, flag_id: int) -> None:
    """Delete a flag. SDKs then use their defaults.

    Raises:
        NotFound: the project has no such flag.
        Conflict: other flags depend on it, or it is on where changes wait for approval.
        Unavailable: the flag is deleted, but still published.
    """
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        flag = store.get_flag(session, project_id, flag_id)
        approval.check_deletion(session, flag)
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
        store.get_flag(session, project_id, flag_id)
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


def _change(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    definition: FlagDefinition,
    others: dict[str, FlagDefinition],
) -> FlagSet:
    """Change a flag, or propose it; return the project's flags as they are then."""
    check_replacement(session, flag, definition, others)
    changes = {
        field: values["to"]
        for field, values in audit.differences(flag.definition, to_json(definition)).items()
    }
    approval.change_or_propose(session, actor, flag, definition, changes)
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
        "approved_by": row.approved_by,
        "approved_by_email": row.approved_by_email,
        "definition": row.definition,
        "changes": audit.differences(before, row.definition or {}) if is_known else {},
    }
