"""Create a superuser from the command line, for when no superuser can log in."""

from __future__ import annotations

import secrets

from services.auth import account_store, audit
from services.auth.accounts.accounts import create_user, set_password
from services.auth.audit import Actor
from shared.auth.passwords import check_new_password
from shared.runtime.database import session_scope

_COMMAND_LINE = Actor(None, "", "command line", is_superuser=True)


def make_superuser(email: str, password: str) -> str:
    """Make an account a superuser, and create the account if there is none.

    Args:
        email: address of the account.
        password: in clear; empty: an existing account keeps its password, and a new account gets
            a generated one.

    Returns:
        The generated password, or an empty string.

    Raises:
        Unprocessable: the password is too weak.
    """
    if password:
        check_new_password(password, email)
    with session_scope() as session:
        user = account_store.get_user_by_email(session, email)
        if user is None:
            generated = "" if password else secrets.token_urlsafe(15)
            user = create_user(
                session, email=email, name="", password=password or generated, is_superuser=True
            )
            audit.record(session, _COMMAND_LINE, "account.registered", account=user.email)
            return generated
        if password:
            set_password(user, password)
            audit.record(session, _COMMAND_LINE, "account.password_reset", account=user.email)
        before = {"is_superuser": user.is_superuser, "is_active": user.is_active}
        user.is_superuser = user.is_active = True
        changed = audit.differences(before, dict.fromkeys(before, True))
        audit.record(session, _COMMAND_LINE, "account.changed", account=user.email, **changed)
        return ""
