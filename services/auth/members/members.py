"""Members of a project and their roles."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import Session

from services.auth import account_store, audit, project_store
from services.auth.audit import Actor
from services.auth.projects.ownership import check_may_be_first_owner
from services.auth.projects.publication import invalidate_policies
from shared.auth.roles import is_at_least
from shared.errors import Conflict, ErrorCode, Forbidden, NotFound
from shared.models import Membership, User
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis


@dataclass(frozen=True, slots=True)
class Member:
    """A user who may see a project."""

    user_id: int
    email: str
    name: str
    role: str


def list_members(project_id: int, *, after_id: int, limit: int) -> tuple[list[Member], int | None]:
    """Return members of a project, and the id after which the next page begins (None: no more)."""
    with session_scope() as session:
        rows = account_store.list_members(session, project_id, after_id=after_id, limit=limit + 1)
        page = [Member(user.id, user.email, user.name, role) for user, role in rows[:limit]]
    return page, page[-1].user_id if len(rows) > limit else None


def check_may_give(own_role: str, role: str) -> None:
    """Check that the caller may give a role to others, or take it from them.

    Raises:
        Forbidden: only owners may do that with owners.
    """
    if role == "owner" and own_role != "owner":
        raise Forbidden(
            "Only an owner of the project may add, change or remove owners.",
            code=ErrorCode.ROLE_TOO_LOW,
        )


def update_member(
    actor: Actor, project_id: int, user_id: int, *, own_role: str, role: str
) -> Member:
    """Give a member another role. The project is locked, so that one owner always remains.

    Raises:
        NotFound: the project has no such member.
        Forbidden: an admin changes who owns the project.
        Conflict: the project would have no owner, or count for one who does not agree to that, or
            who is the first owner of too many.
        Unavailable: as ``invalidate_policies``.
    """
    with session_scope() as session:
        _lock(session, project_id, actor.existing_user_id, user_id)
        membership = _get(session, project_id, user_id)
        check_may_give(own_role, role)
        check_may_give(own_role, membership.role)
        before = membership.role
        if before == "owner" and role != "owner":
            _require_heir(session, actor, project_id, user_id)
        if before != role:
            membership.role = role
            membership.role_since = func.now()
        session.flush()
        member = _member(session, membership)
        if before != role:
            audit.record(
                session,
                actor,
                "member.role_changed",
                project_id=project_id,
                member=member.email,
                role={"from": before, "to": role},
            )
        hashes_to_invalidate = project_store.list_key_hashes(session, project_id)
    if before == "owner":  # the policies name the first owner
        invalidate_policies(get_login_redis(), hashes_to_invalidate)
    return member


def delete_member(actor: Actor, project_id: int, own_role: str, user_id: int) -> None:
    """Remove a member from a project; members may remove themselves.

    Raises:
        NotFound: the project has no such member.
        Forbidden: only admins remove others, and only owners remove owners.
        Conflict: the project would have no owner, or count for one who does not agree to that, or
            who is the first owner of too many.
        Unavailable: as ``invalidate_policies``.
    """
    with session_scope() as session:
        _lock(session, project_id, actor.existing_user_id, user_id)
        membership = _get(session, project_id, user_id)
        if user_id != actor.user_id:
            if not is_at_least(own_role, "admin"):
                raise Forbidden(
                    "Only admins may remove other members. You may remove yourself.",
                    code=ErrorCode.ROLE_TOO_LOW,
                )
            check_may_give(own_role, membership.role)
        if membership.role == "owner":
            _require_heir(session, actor, project_id, user_id)
        member = _member(session, membership)
        session.delete(membership)
        audit.record(
            session,
            actor,
            "member.removed",
            project_id=project_id,
            member=member.email,
            role=member.role,
        )
        hashes_to_invalidate = project_store.list_key_hashes(session, project_id)
    if member.role == "owner":
        invalidate_policies(get_login_redis(), hashes_to_invalidate)


def _member(session: Session, membership: Membership) -> Member:
    user = session.get_one(User, membership.user_id)
    return Member(user.id, user.email, user.name, membership.role)


def _get(session: Session, project_id: int, user_id: int) -> Membership:
    membership = account_store.get_membership(session, project_id, user_id)
    if membership is None:
        raise NotFound("This project has no such member. List its members to find the user id.")
    return membership


def _lock(session: Session, project_id: int, *user_ids: int) -> None:
    """Lock accounts and then a project: in this order, as deleting an account does."""
    for user_id in sorted({*user_ids}):
        account_store.get_locked_user(session, user_id)
    project_store.get_locked_project(session, project_id)


def _require_heir(session: Session, actor: Actor, project_id: int, user_id: int) -> None:
    """Refuse to take the role of an owner from whom no other owner takes the project over.

    What a project takes counts for its first owner. Whoever is made an owner has not agreed to
    that; whoever removes the one before has, if as many projects do not count for them already.
    """
    owners = account_store.list_owner_ids(session, project_id)
    if owners == [user_id]:
        raise Conflict(
            "A project needs an owner. Make another member an owner first.",
            code=ErrorCode.LAST_OWNER,
        )
    if owners[0] == user_id and actor.user_id in owners and actor.user_id != owners[1]:
        raise Conflict(
            "This project counts towards the limits of its first owner. Ask the owner who has been "
            "one for longest after that to remove the first, or to give the first another role.",
            code=ErrorCode.TAKEOVER_REQUIRED,
        )
    if owners[0] == user_id and actor.user_id == owners[1]:
        check_may_be_first_owner(session, owners[1])
