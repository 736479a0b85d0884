"""The steps of every change of a project's feature flags, which lock the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.auth import audit, project_store
from services.auth.audit import Actor, AuditAction
from services.auth.flags import store
from services.auth.flags.uses import check_uses
from shared.errors import Conflict, ErrorCode, Unavailable
from shared.flags.checks import check_definition, check_dependents
from shared.flags.cohort_checks import check_cohorts
from shared.flags.definition import FlagDefinition, FlagSet, cohorts_of, from_json, to_json
from shared.flags.publication import TTL_SECONDS, publish
from shared.models import FeatureFlag, ProposedFlagChange
from shared.runtime.redis_clients import get_login_redis

MAX_FLAGS = 500
"""Of a project: every process of flags holds all of them in memory."""


def lock_definitions(session: Session, project_id: int) -> dict[str, FlagDefinition]:
    """Return all definitions of a project by key, locked against other changes."""
    project_store.get_locked_project(session, project_id)
    rows = store.list_flags(session, project_id)
    return {row.key: from_json(row.definition) for row in rows}


def too_many_flags() -> Conflict:
    """Return the error for a project that would have too many flags."""
    return Conflict(
        f"A project may have at most {MAX_FLAGS} flags. Delete one first.",
        code=ErrorCode.TOO_MANY_OBJECTS,
    )


def new_flag(actor: Actor, project_id: int, key: str) -> FeatureFlag:
    """Return a flag that no change has made yet."""
    return FeatureFlag(
        project_id=project_id,
        key=key,
        version=0,
        definition={},
        created_by=actor.existing_user_id,
    )


def definition_of(fields: Mapping[str, Any]) -> FlagDefinition:
    """Return the definition that a request describes."""
    # What the schema of requests let through is a definition, or this is a mistake of ours.
    return msgspec.convert(dict(fields), FlagDefinition)


def check_replacement(
    session: Session,
    flag: FeatureFlag,
    definition: FlagDefinition,
    others: dict[str, FlagDefinition],
) -> None:
    """Refuse a definition that a flag cannot have.

    Args:
        session: has locked the project.
        flag: as it is.
        definition: what it should be.
        others: all definitions of the project by key, of which this one is removed.

    Raises:
        Conflict: other flags depend on a value that the flag would no longer have; or it would be
            for groups, while an experiment or a cohort has persons by it.
        Unprocessable: the definition would be wrong.
    """
    before = others.pop(flag.key)
    check_definition(definition, others)
    check_cohorts(session, flag.project_id, definition, cohorts_of([before]))
    check_uses(session, flag.project_id, before, definition)
    check_dependents(flag.key, definition, others)


def replace_definition(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    definition: FlagDefinition,
    proposal: ProposedFlagChange | None = None,
) -> None:
    """Store another definition of a flag, with its history, if it is another one.

    Args:
        session: has locked the project.
        actor: who makes the change, or accepts it.
        flag: is changed.
        definition: what it is from now on, checked.
        proposal: what is accepted; None: the change did not have to wait.
    """
    changed = audit.differences(flag.definition, to_json(definition))
    if changed:
        flag.version += 1
        flag.definition = to_json(definition)
        details = {} if proposal is None else {"proposed_by": proposal.proposed_by_email}
        store_change(
            session,
            actor,
            flag,
            definition,
            "flag.changed",
            proposal=proposal,
            changed=sorted(changed),
            **details,
        )


def store_change(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    definition: FlagDefinition,
    action: AuditAction,
    *,
    proposal: ProposedFlagChange | None = None,
    **details: Any,
) -> None:
    """Store a flag as a change left it, with its history and in the audit log."""
    session.add(flag)
    session.flush()
    session.refresh(flag)
    store.add_version(session, actor, flag, definition, proposal)
    # The history has the values; the audit log names the fields.
    audit.record(session, actor, action, project_id=flag.project_id, flag=flag.key, **details)
    session.flush()


def store_deletion(session: Session, actor: Actor, flag: FeatureFlag) -> None:
    """Delete a flag, with its history and in the audit log."""
    flag.version += 1
    store.delete_proposal(session, flag)
    store.add_version(session, actor, flag, None)
    session.delete(flag)
    audit.record(session, actor, "flag.deleted", project_id=flag.project_id, flag=flag.key)
    session.flush()


def publish_change(flags: FlagSet) -> None:
    """Publish a project's flags after the COMMIT.

    Raises:
        Unavailable: they are stored, but not published yet.
    """
    try:
        publish(get_login_redis(), flags)
    except RedisError as error:
        raise Unavailable(
            "The change is stored, but may be in force only in "
            f"{TTL_SECONDS // 60} minutes, because Redis does not answer."
        ) from error
