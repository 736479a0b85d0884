"""Logging in: who somebody is, and the session they get."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy.orm import Session

from services.auth import store
from services.auth.lockout import Lockout
from services.auth.passwords import hash_password, verify_password
from shared.errors import Unauthorized
from shared.models import User


def authenticate(session: Session, email: str, password: str, lockout: Lockout) -> User:
    """The account behind an address and password.

    Raises:
        Unauthorized: they do not belong together; the answer does not tell which was wrong.
        TooManyRequests: too many wrong passwords from this address.
    """
    lockout.refuse_if_locked()
    user = store.user_by_email(session, email)
    if not verify_password(password, user.password_hash if user else None) or not user:
        lockout.count_failure()
        raise Unauthorized("The e-mail address or the password is wrong.")
    if not user.is_active:
        raise Unauthorized("This account is closed. Ask the owner of the installation.")
    lockout.forget()
    return user


def create_user(
    session: Session, *, email: str, name: str, password: str, is_superuser: bool
) -> User:
    """A new account."""
    user = User(
        email=email.strip().lower(),
        name=name,
        password_hash=hash_password(password),
        is_superuser=is_superuser,
        created_at=datetime.now(timezone.utc),
    )
    session.add(user)
    session.flush()
    return user
