"""Looking after accounts: what the owners of an installation do, and people with their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services.auth import account_store, audit
from services.auth.accounts import confirm_password, end_logins
from services.auth.audit import Actor
from services.auth.lockout import Lockout
from shared.errors import Conflict, Forbidden, NotFound, Unprocessable
from shared.models import User

_ONLY_SUPERUSERS = {"is_active", "is_superuser"}


def list_users(
    session: Session, *, after_id: int, limit: int, search: str
) -> tuple[list[User], int | None]:
    """Accounts, and the id after which the next page begins (None: no more)."""
    rows = account_store.users(session, after_id=after_id, limit=limit + 1, search=search)
    page = rows[:limit]
    return page, page[-1].id if len(rows) > limit else None


def get_user(session: Session, actor: Actor, user_id: int) -> User:
    """An account that the actor may see, locked: their own, or as superuser any.

    Raises:
        NotFound: there is none, or it is not theirs to know of.
    """
    user = None
    if actor.is_superuser or actor.user_id == user_id:
        user = account_store.user_for_update(session, user_id)
    if user is None:
        raise NotFound("There is no such account, or it is not yours to see.")
    return user


def change_user(
    session: Session, actor: Actor, user_id: int, changes: Mapping[str, Any], lockout: Lockout
) -> User:
    """Change an account.

    Raises:
        NotFound: there is none, or it is not theirs to know of.
        Forbidden: it takes a superuser, or the current password is wrong.
        Conflict: nobody would be left to look after the installation, or the address is taken.
        Unprocessable: one's own address is changed without ``current_password``.
    """
    account_store.lock_setup(session)
    user = get_user(session, actor, user_id)
    wanted = {field: value for field, value in changes.items() if field != "current_password"}
    if not actor.is_superuser and wanted.keys() & _ONLY_SUPERUSERS:
        raise Forbidden("Only an owner of the installation changes that.")
    if "email" in wanted:
        wanted["email"] = wanted["email"].strip().lower()
        if wanted["email"] != user.email:
            _prepare_new_address(
                session,
                actor,
                user,
                wanted["email"],
                current_password=changes.get("current_password"),
                lockout=lockout,
            )
    before = {field: getattr(user, field) for field in wanted}
    keeps_office = wanted.get("is_superuser", True) and wanted.get("is_active", True)
    if user.is_superuser and user.is_active and not keeps_office:
        _keep_a_superuser(session)
    for field, value in wanted.items():
        setattr(user, field, value)
    if before.get("is_active") and not user.is_active:
        end_logins(user)
    changed = audit.differences(before, wanted)
    if changed:
        audit.record(session, actor, "account.changed", account=user.email, **changed)
    session.flush()
    return user


def delete_user(session: Session, actor: Actor, user_id: int) -> None:
    """Delete an account. What it did stays in the audit logs under its address.

    Raises:
        NotFound: there is none.
        Conflict: nobody would be left to look after the installation, or after a project.
    """
    account_store.lock_setup(session)
    user = get_user(session, actor, user_id)
    if user.is_superuser and user.is_active:
        _keep_a_superuser(session)
    orphans = account_store.owned_alone(session, user_id)
    if orphans:
        names = ", ".join(project.name for project in orphans[:10])
        raise Conflict(
            f"Projects would be without an owner: {names}. "
            "Make somebody else their owner first, or delete them."
        )
    session.delete(user)
    audit.record(session, actor, "account.deleted", account=user.email)


def _prepare_new_address(
    session: Session,
    actor: Actor,
    user: User,
    email: str,
    *,
    current_password: str | None,
    lockout: Lockout,
) -> None:
    if account_store.user_by_email(session, email) is not None:
        raise Conflict("Another account has this address.", errors={"email": ["Is taken."]})
    if actor.user_id != user.id:
        return
    if not current_password:
        raise Unprocessable(
            "To change your address, give your password as well.",
            errors={"current_password": ["Is needed."]},
        )
    confirm_password(user, current_password, lockout)


def _keep_a_superuser(session: Session) -> None:
    if account_store.count_active_superusers(session) <= 1:
        raise Conflict(
            "Somebody has to look after the installation. Make another account its owner first."
        )
