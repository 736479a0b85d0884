"""Making one's own account."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.auth import account_store, audit, invitations
from services.auth.accounts import create_user
from services.auth.audit import Actor
from services.auth.passwords import check_new_password
from shared.errors import Forbidden, Unprocessable
from shared.models import User


def register(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    token: str | None,
    mode: str,
    address: str,
) -> User:
    """A new account. The first of an installation owns it.

    Args:
        session: of the request.
        email: the account's address.
        name: how others see the account; empty: the address's first part.
        password: in clear.
        token: of an invitation, or None.
        mode: ``open``, ``invitation`` or ``closed``, as the installation is set.
        address: of the client, for the log.

    Raises:
        Forbidden: the installation takes nobody, or nobody without an invitation.
        NotFound: the invitation is not valid (any more).
        Unprocessable: the invitation is for another address, or the password is too weak.
        Conflict: the address has an account.
    """
    check_new_password(password, email, name)
    account_store.lock_setup(session)
    first = account_store.count_users(session) == 0
    invitation = invitations.find(session, token) if token else None
    if invitation is not None and invitation.email != email.strip().lower():
        raise Unprocessable(
            "The invitation is for another address.", errors={"email": ["Is not the invited one."]}
        )
    if not first and invitation is None and mode != "open":
        raise Forbidden(
            "This installation takes new accounts by invitation only. Ask somebody who has one."
            if mode == "invitation"
            else "This installation takes no new accounts."
        )
    if not first and mode == "closed":
        raise Forbidden("This installation takes no new accounts.")
    user = create_user(session, email=email, name=name, password=password, is_superuser=first)
    actor = Actor(user.id, user.email, address, first)
    audit.record(session, actor, "account.registered", account=user.email)
    if invitation is not None:
        invitations.join(session, actor, invitation)
    return user
