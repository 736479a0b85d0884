"""Changes of feature flags that wait for a second person, where a project asks for one.

Switching a flag off never waits. A proposal names values of fields, and not a whole definition, so
that a flag which was switched off meanwhile stays off when it is accepted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.auth import audit, project_store
from services.auth.audit import Actor
from services.auth.flags import store
from services.auth.flags.changes import (
    check_replacement,
    definition_of,
    lock_definitions,
    publish_change,
    replace_definition,
)
from shared.errors import Conflict, Forbidden, NotFound
from shared.flags.definition import FlagDefinition
from shared.models import FeatureFlag, Project, ProposedFlagChange
from shared.runtime.database import session_scope

_SWITCHED_OFF = {"is_active": False}


def must_wait(session: Session, project_id: int, changes: dict[str, Any]) -> bool:
    """Return whether a change has to wait for a second person.

    Args:
        session: has locked the project.
        project_id: the project.
        changes: the values of the fields that change.
    """
    return _is_asked_for(session, project_id) and bool(changes) and changes != _SWITCHED_OFF


def change_or_propose(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    definition: FlagDefinition,
    changes: dict[str, Any],
) -> None:
    """Change a flag, or propose it where the change has to wait.

    Args:
        session: has locked the project.
        actor: who makes the change.
        flag: the flag.
        definition: what it should be, checked.
        changes: the values of the fields that differ.

    Raises:
        Conflict: somebody else's change of this flag waits, and it is another one.
    """
    if must_wait(session, flag.project_id, changes):
        propose(session, actor, flag, changes)
        return
    replace_definition(session, actor, flag, definition)
    if changes and changes != _SWITCHED_OFF:
        # Whoever accepted what still waits would accept it for a flag that nobody has seen.
        store.delete_proposal(session, flag)


def check_change(
    session: Session, actor: Actor, flag: FeatureFlag, changes: dict[str, Any]
) -> None:
    """Refuse a change that would have to wait while somebody else's waits.

    Raises:
        Conflict: somebody else's change of this flag waits, and it is another one.
    """
    if must_wait(session, flag.project_id, changes):
        _replaceable_proposal(session, actor, flag, changes)


def check_deletion(session: Session, flag: FeatureFlag) -> None:
    """Refuse to delete a flag that is on, where changes wait: its values would change at once.

    Raises:
        Conflict: the flag is on.
    """
    if _is_asked_for(session, flag.project_id) and flag.definition["is_active"]:
        raise Conflict(f"Changes in this project need approval. Switch {flag.key} off first.")


def propose(session: Session, actor: Actor, flag: FeatureFlag, changes: dict[str, Any]) -> None:
    """Store a change that waits. It replaces one that the same person has proposed before.

    Raises:
        Conflict: somebody else's change of this flag waits, and it is another one.
    """
    waiting = _replaceable_proposal(session, actor, flag, changes)
    if waiting is not None and waiting.changes == changes:
        return
    if waiting is not None:
        # A new id, so that nobody accepts what they have not seen.
        session.delete(waiting)
        session.flush()
    session.add(
        ProposedFlagChange(
            project_id=flag.project_id,
            flag_id=flag.id,
            changes=changes,
            proposed_by=actor.existing_user_id,
            proposed_by_email=actor.email,
        )
    )
    _record(session, actor, flag, "flag.proposed", changes)
    session.flush()


def _replaceable_proposal(
    session: Session, actor: Actor, flag: FeatureFlag, changes: dict[str, Any]
) -> ProposedFlagChange | None:
    """Return what waits of a flag; refuse if it is another change, by somebody else."""
    waiting = store.get_proposal(session, flag.project_id, flag.id)
    if waiting is None or waiting.changes == changes:
        return waiting
    if waiting.proposed_by != actor.existing_user_id:
        raise Conflict(
            f"A change of {flag.key} by {waiting.proposed_by_email} waits for approval. Accept or "
            "refuse it first."
        )
    return waiting


def list_proposals(project_id: int) -> dict[int, ProposedFlagChange]:
    """Return the changes of a project that wait, by the id of their flag."""
    with session_scope() as session:
        rows = session.scalars(
            select(ProposedFlagChange).where(ProposedFlagChange.project_id == project_id)
        )
        return {row.flag_id: row for row in rows}


def get_proposal(project_id: int, flag_id: int) -> ProposedFlagChange | None:
    """Return the change of a flag that waits; None: there is none."""
    with session_scope() as session:
        return store.get_proposal(session, project_id, flag_id)


def accept(actor: Actor, project_id: int, flag_id: int, proposal_id: int) -> FeatureFlag:
    """Make a change that waits, which somebody else has proposed. It is published before this ends.

    Raises:
        NotFound: there is no such flag, or no such change waits: another may have replaced it.
        Forbidden: the same person has proposed it.
        Conflict, Unprocessable: as for any change; the flags may have changed meanwhile.
        Unavailable: the change is stored, but not published yet.
    """
    with session_scope() as session:
        others = lock_definitions(session, project_id)
        flag, proposal = _waiting(session, project_id, flag_id, proposal_id)
        if proposal.proposed_by == actor.existing_user_id:
            raise Forbidden("You have proposed this change. Somebody else has to accept it.")
        definition = definition_of({**flag.definition, **proposal.changes})
        check_replacement(session, flag, definition, others)
        replace_definition(session, actor, flag, definition, proposal)
        session.delete(proposal)
        changed = store.flag_set(session, project_id)
    publish_change(changed)
    return flag


def refuse(actor: Actor, project_id: int, flag_id: int, proposal_id: int) -> FeatureFlag:
    """Drop a change that waits. Whoever has proposed it may do so too.

    Raises:
        NotFound: there is no such flag, or no such change waits.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        flag, proposal = _waiting(session, project_id, flag_id, proposal_id)
        session.delete(proposal)
        _record(session, actor, flag, "flag.proposal_refused", proposal.changes)
    return flag


def _is_asked_for(session: Session, project_id: int) -> bool:
    # The project is locked, so the session has it.
    return session.get_one(Project, project_id).flag_approval


def _record(
    session: Session,
    actor: Actor,
    flag: FeatureFlag,
    action: audit.AuditAction,
    changes: dict[str, Any],
) -> None:
    names = sorted(changes)
    audit.record(session, actor, action, project_id=flag.project_id, flag=flag.key, changed=names)


def _waiting(
    session: Session, project_id: int, flag_id: int, proposal_id: int
) -> tuple[FeatureFlag, ProposedFlagChange]:
    flag = store.get_flag(session, project_id, flag_id)
    proposal = store.get_proposal(session, project_id, flag_id)
    if proposal is None or proposal.id != proposal_id:
        raise NotFound("No such change of this flag waits for approval. Get the flag again.")
    return flag, proposal
