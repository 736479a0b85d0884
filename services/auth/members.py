"""Members of a project and their roles."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.auth import account_store, audit
from services.auth.audit import Actor
from shared.errors import Conflict, Forbidden, NotFound
from shared.models import Membership


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may see a project."""

    user_id: int
    email: str
    name: str
    role: str


def members(session: Session, project_id: int) -> list[Member]:
    """All members of a project."""
    rows = account_store.members(session, project_id)
    return [Member(user.id, user.email, user.name, role) for user, role in rows]


def may_give(own_role: str, role: str) -> None:
    """Whether somebody may make others what ``role`` is.

    Raises:
        Forbidden: only owners make owners.
    """
    if role == "owner" and own_role != "owner":
        raise Forbidden("Only an owner of the project can do that with owners.")


def change_role(
    session: Session, actor: Actor, project_id: int, user_id: int, *, own_role: str, role: str
) -> Member:
    """Give a member another role. The project is locked, so that one owner always stays.

    Raises:
        NotFound: the project has no such member.
        Forbidden: an admin changes who owns the project.
        Conflict: it would be without an owner.
    """
    membership = _existing(session, project_id, user_id)
    may_give(own_role, role)
    may_give(own_role, membership.role)
    before = membership.role
    if before == "owner" and role != "owner":
        _keep_an_owner(session, project_id)
    membership.role = role
    session.flush()
    member = next(one for one in members(session, project_id) if one.user_id == user_id)
    if before != role:
        audit.record(
            session,
            actor,
            "member.role_changed",
            project_id=project_id,
            member=member.email,
            role={"from": before, "to": role},
        )
    return member


def remove(session: Session, actor: Actor, project_id: int, own_role: str, user_id: int) -> None:
    """Take a member out of a project; anybody may leave.

    Raises:
        NotFound: the project has no such member.
        Forbidden: only admins remove others, and only owners remove owners.
        Conflict: it would be without an owner.
    """
    membership = _existing(session, project_id, user_id)
    if user_id != actor.user_id:
        if own_role not in {"admin", "owner"}:
            raise Forbidden("This needs the role admin. You may only leave yourself.")
        may_give(own_role, membership.role)
    if membership.role == "owner":
        _keep_an_owner(session, project_id)
    member = next(one for one in members(session, project_id) if one.user_id == user_id)
    session.delete(membership)
    audit.record(
        session,
        actor,
        "member.removed",
        project_id=project_id,
        member=member.email,
        role=member.role,
    )


def _existing(session: Session, project_id: int, user_id: int) -> Membership:
    membership = account_store.membership(session, project_id, user_id)
    if membership is None:
        raise NotFound("This project has no such member.")
    return membership


def _keep_an_owner(session: Session, project_id: int) -> None:
    if account_store.count_owners(session, project_id) <= 1:
        raise Conflict("A project needs an owner. Make somebody else an owner first.")
