"""A superuser made from the command line, for when nobody who is one can log in."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from services.auth import account_store, audit
from services.auth.accounts import create_user, reset_password
from services.auth.audit import Actor
from services.auth.passwords import check_new_password

_COMMAND_LINE = "command line"


def make_superuser(session: Session, email: str, password: str) -> str:
    """Make an account a superuser; the account is made when there is none with this address.

    Args:
        session: of the command.
        email: the account's address.
        password: in clear; empty: a new account gets one that is made here, and an account that
            exists keeps its own.

    Returns:
        The password that was made here, else nothing.

    Raises:
        Unprocessable: the password is too weak.
    """
    if password:
        check_new_password(password, email)
    user, by = account_store.user_by_email(session, email), Actor(None, "", _COMMAND_LINE, True)
    is_new, made = user is None, ""
    if user is None:
        made = "" if password else secrets.token_urlsafe(15)
        user = create_user(
            session, email=email, name="", password=password or made, is_superuser=True
        )
    elif password:
        reset_password(session, by, user, password)
    before = {"is_superuser": user.is_superuser, "is_active": user.is_active}
    after = dict.fromkeys(before, True)
    user.is_superuser = user.is_active = True
    changed = {"made": True} if is_new else audit.differences(before, after)
    audit.record(session, by, "account.changed", account=user.email, **changed)
    return made
