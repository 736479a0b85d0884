"""Managing accounts: superusers manage all of them, other users their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.auth import account_store, audit, project_store
from services.auth.accounts import accounts, two_factor
from services.auth.audit import Actor
from services.auth.lockout import Lockout
from services.auth.projects.publication import invalidate_policies
from shared.auth.login_sessions import get_login_sessions
from shared.errors import Conflict, ErrorCode, Forbidden, NotFound, Unprocessable
from shared.models import Project, User
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis

_ONLY_SUPERUSERS = {"is_active", "is_superuser"}


def list_users(*, after_id: int, limit: int, search: str) -> tuple[list[User], int | None]:
    """Return accounts, and the id after which the next page begins (None: no more)."""
    with session_scope() as session:
        rows = account_store.list_users(session, after_id=after_id, limit=limit + 1, search=search)
    page = rows[:limit]
    return page, page[-1].id if len(rows) > limit else None


def get_user(actor: Actor, user_id: int) -> User:
    """Return an account that the actor may see: their own, or any for superusers.

    Raises:
        NotFound: there is none, or the actor may not see it.
    """
    with session_scope() as session:
        return _get(session, actor, user_id)


def update_user(actor: Actor, user_id: int, changes: Mapping[str, Any], lockout: Lockout) -> User:
    """Change an account.

    Raises:
        NotFound: there is none, or the actor may not see it.
        Forbidden: the change needs a superuser, or the current password is wrong.
        Conflict: the installation would have no owner, or the address is taken.
        Unprocessable: the actor's own address is changed without ``current_password``.
    """
    with session_scope() as session:
        account_store.lock_setup(session)
        user = _get(session, actor, user_id)
        new_values = {
            field: value for field, value in changes.items() if field != "current_password"
        }
        if not actor.is_superuser and new_values.keys() & _ONLY_SUPERUSERS:
            raise Forbidden("Only an owner of the installation may change this.")
        if "email" in new_values:
            new_values["email"] = new_values["email"].strip().lower()
            if new_values["email"] != user.email:
                _refuse_taken_address(session, new_values["email"])
                if actor.user_id == user.id:
                    _confirm_new_address(user, changes.get("current_password"), lockout)
        _apply(session, actor, user, new_values)
    return user


def delete_user(actor: Actor, user_id: int) -> None:
    """Delete an account. Audit log entries keep its address.

    Raises:
        NotFound: there is no such account.
        Conflict: the installation or a project would have no owner, or a project would count for
            one who does not agree to that.
        Unavailable: as ``invalidate_policies``.
    """
    with session_scope() as session:
        account_store.lock_setup(session)
        user = _get(session, actor, user_id)
        if user.is_superuser and user.is_active:
            _require_remaining_superuser(session)
        owned = account_store.list_owned_projects(session, user_id)
        _require_heirs(session, user_id, owned)
        hashes_to_invalidate = [
            key_hash
            for project in owned
            for key_hash in project_store.list_key_hashes(session, project.id)
        ]
        session.delete(user)
        audit.record(session, actor, "account.deleted", account=user.email)
    get_login_sessions().end_all(user_id)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)


def reset_password(actor: Actor, user_id: int, new: str) -> None:
    """Set another user's password; every login of the account ends.

    Raises:
        NotFound: there is no such account.
        Unprocessable: the password is too weak.
    """
    with session_scope() as session:
        user = _get(session, actor, user_id)
        accounts.set_password(user, new)
        audit.record(session, actor, "account.password_reset", account=user.email)
    get_login_sessions().end_all(user_id)


def remove_two_factor(actor: Actor, user_id: int) -> None:
    """Remove another user's second factor; every login of the account ends.

    Raises:
        NotFound: there is no such account.
    """
    with session_scope() as session:
        user = _get(session, actor, user_id)
        two_factor.disable(session, actor, user)
        accounts.end_logins(user)
    get_login_sessions().end_all(user_id)


def _get(session: Session, actor: Actor, user_id: int) -> User:
    """Return an account that the actor may see, locked until the end of the transaction."""
    user = None
    if actor.is_superuser or actor.user_id == user_id:
        user = account_store.get_locked_user(session, user_id)
    if user is None:
        raise NotFound("There is no such account, or you may not see it.")
    return user


def _apply(session: Session, actor: Actor, user: User, new_values: Mapping[str, Any]) -> None:
    """Write checked changes to an account, and record them."""
    before = {field: getattr(user, field) for field in new_values}
    may_lose_superuser = not (
        new_values.get("is_superuser", True) and new_values.get("is_active", True)
    )
    if user.is_superuser and user.is_active and may_lose_superuser:
        _require_remaining_superuser(session)
    for field, value in new_values.items():
        setattr(user, field, value)
    if before.get("is_active") and not user.is_active:
        accounts.end_logins(user)
    changed = audit.differences(before, new_values)
    if changed:
        audit.record(session, actor, "account.changed", account=user.email, **changed)
    session.flush()


def _refuse_taken_address(session: Session, email: str) -> None:
    if account_store.get_user_by_email(session, email) is not None:
        raise Conflict(
            "Another account has this address. Choose another.",
            code=ErrorCode.EMAIL_TAKEN,
            errors={"email": ["Is taken."]},
        )


def _confirm_new_address(user: User, current_password: str | None, lockout: Lockout) -> None:
    """Require the current password before users change their own address."""
    if not current_password:
        raise Unprocessable(
            "To change your address, send your current password as well.",
            errors={"current_password": ["Is required."]},
        )
    accounts.confirm_password(user, current_password, lockout)


def _require_heirs(session: Session, user_id: int, owned: Sequence[Project]) -> None:
    """Refuse to delete an account whose projects nobody has taken over."""
    owners = {project.id: account_store.list_owner_ids(session, project.id) for project in owned}
    orphans = [project for project in owned if owners[project.id] == [user_id]]
    if orphans:
        raise Conflict(
            f"These projects would have no owner: {_names(orphans)}. "
            "Make another member their owner first, or delete them.",
            code=ErrorCode.LAST_OWNER,
        )
    left = [project for project in owned if owners[project.id][0] == user_id]
    if left:
        raise Conflict(
            f"These projects count towards the limits of this account, their first owner: "
            f"{_names(left)}. Ask their next owners to take them over, or remove the account from "
            "them first.",
            code=ErrorCode.TAKEOVER_REQUIRED,
        )


def _names(projects: Sequence[Project]) -> str:
    return ", ".join(project.name for project in projects[:10])


def _require_remaining_superuser(session: Session) -> None:
    if account_store.count_active_superusers(session) <= 1:
        raise Conflict(
            "The installation needs an owner. Make another account its owner first.",
            code=ErrorCode.LAST_OWNER,
        )
