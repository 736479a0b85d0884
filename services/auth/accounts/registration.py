"""Registration: creating one's own account."""

from __future__ import annotations

from services.auth import account_store, audit
from services.auth.accounts.accounts import create_user
from services.auth.audit import Actor
from services.auth.members import invitations
from shared.auth.passwords import check_new_password
from shared.errors import ErrorCode, Forbidden, NotFound, Unprocessable
from shared.models import User
from shared.runtime.database import session_scope


def registration_mode(configured: str) -> str:
    """Return who may register: ``first`` while there is no account, else the configured mode."""
    with session_scope() as session:
        return "first" if account_store.count_users(session) == 0 else configured


def is_invited(email: str, token: str | None) -> bool:
    """Return whether this is a valid invitation of the address, which has no account yet."""
    if not token:
        return False
    try:
        invitation = invitations.preview_invitation(token)
    except NotFound:
        return False
    return invitation.email == email.strip().lower() and not invitation.has_account


def register(
    *, email: str, name: str, password: str, token: str | None, mode: str, address: str
) -> User:
    """Create an account. The first one owns the installation.

    Args:
        email: the account's address.
        name: the display name; empty: the local part of the address.
        password: in clear.
        token: of an invitation, or None.
        mode: ``open``, ``invitation`` or ``closed``, as the installation is configured.
        address: of the client, for the audit log.

    Raises:
        Forbidden: the installation accepts no registration, or none without an invitation.
        NotFound: the invitation is invalid, has expired or was used.
        Unprocessable: the invitation is for another address, or the password is too weak.
        Conflict: the address has an account.
    """
    check_new_password(password, email, name)
    with session_scope() as session:
        account_store.lock_setup(session)
        is_first = account_store.count_users(session) == 0
        invitation = invitations.get_valid_invitation(session, token) if token else None
        if invitation is not None and invitation.email != email.strip().lower():
            raise Unprocessable(
                "The invitation is for another address. Register with that one.",
                errors={"email": ["Is not the invited one."]},
            )
        if not is_first:
            _check_may_register(mode, is_invited=invitation is not None)
        user = create_user(
            session, email=email, name=name, password=password, is_superuser=is_first
        )
        actor = Actor(user.id, user.email, address, is_first)
        audit.record(session, actor, "account.registered", account=user.email)
        if invitation is not None:
            invitations.join(session, actor, invitation)
    return user


def _check_may_register(mode: str, *, is_invited: bool) -> None:
    if mode == "closed":
        raise Forbidden(
            "This installation accepts no new accounts. Ask its owner.",
            code=ErrorCode.REGISTRATION_CLOSED,
        )
    if mode != "open" and not is_invited:
        raise Forbidden(
            "This installation accepts new accounts by invitation only. Ask a member for one.",
            code=ErrorCode.REGISTRATION_CLOSED,
        )
