"""Accounts: who somebody is, and what they change of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy.orm import Session

from services.auth import account_store, audit, two_factor
from services.auth.audit import Actor
from services.auth.lockout import Lockout
from services.auth.passwords import check_new_password, hash_password, verify_password
from shared.errors import Conflict, Forbidden, Unauthorized
from shared.models import User


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody says to be let in."""

    email: str
    password: str
    code: str | None = None
    """Of the second factor, where the account has one."""


def authenticate(
    session: Session, credentials: Credentials, lockout: Lockout, secret_key: str
) -> User:
    """The account behind an address and password, and a code where it has a second factor.

    Raises:
        Unauthorized: they do not belong together, and the answer does not tell which was wrong; or
            the password is right and the code is missing or wrong (``errors`` then names ``code``).
        TooManyRequests: too many wrong passwords from this address.
    """
    lockout.begin()
    user = account_store.user_by_email(session, credentials.email)
    if not verify_password(credentials.password, user.password_hash if user else None) or not user:
        raise Unauthorized("The e-mail address or the password is wrong.")
    if not user.is_active:
        raise Unauthorized("This account is closed. Ask the owner of the installation.")
    if user.totp_enabled_at is not None:
        if not credentials.code:
            lockout.was_incomplete()
            raise Unauthorized(
                "Enter the code of your authenticator app as well.",
                errors={"code": ["Is needed."]},
            )
        if not two_factor.take_code(session, user, credentials.code, secret_key):
            raise Unauthorized(
                "The code is wrong or was used already. Wait for the next one.",
                errors={"code": ["Is wrong."]},
            )
    lockout.was_right()
    user.last_login_at = datetime.now(timezone.utc)
    return user


def actor_of(user: User, address: str) -> Actor:
    """A user who is just logging in, as the audit log names them."""
    return Actor(user.id, user.email, address, user.is_superuser)


def create_user(
    session: Session, *, email: str, name: str, password: str | None, is_superuser: bool
) -> User:
    """A new account; without a password it signs in elsewhere only.

    Raises:
        Conflict: the address has an account already.
    """
    if account_store.user_by_email(session, email) is not None:
        raise Conflict(
            "There is an account with this address already. Log in with it.",
            errors={"email": ["Has an account."]},
        )
    user = User(
        email=email.strip().lower(),
        name=name or email.partition("@")[0],
        password_hash=hash_password(password) if password is not None else None,
        is_superuser=is_superuser,
        session_version=0,
        recovery_codes=[],
        created_at=datetime.now(timezone.utc),
    )
    session.add(user)
    session.flush()
    return user


def confirm_password(user: User, password: str, lockout: Lockout) -> None:
    """Have a logged-in user prove once more who they are.

    Raises:
        Forbidden: the password is wrong.
        Conflict: the account has none.
        TooManyRequests: it was wrong too often.
    """
    if user.password_hash is None:
        raise Conflict(
            "This account has no password, because it signs in elsewhere. "
            "The owner of the installation can set one."
        )
    lockout.begin()
    if not verify_password(password, user.password_hash):
        raise Forbidden("The password is wrong.", errors={"current_password": ["Is wrong."]})
    lockout.was_right()


def confirm_both(
    session: Session, user: User, *, password: str, code: str, lockout: Lockout, secret_key: str
) -> None:
    """Have a logged-in user prove who they are by password and second factor.

    Raises:
        Forbidden: one of them is wrong.
        TooManyRequests: it was wrong too often.
    """
    confirm_password(user, password, lockout)
    lockout.begin()
    if not two_factor.take_code(session, user, code, secret_key):
        raise Forbidden("The code is wrong or was used already.", errors={"code": ["Is wrong."]})
    lockout.was_right()


def change_password(
    session: Session, actor: Actor, user: User, *, current: str, new: str, lockout: Lockout
) -> None:
    """Change one's own password; every login of the account ends.

    Raises:
        Forbidden: the current password is wrong.
        Unprocessable: the new one is too weak.
    """
    confirm_password(user, current, lockout)
    _set_password(user, new)
    audit.record(session, actor, "account.password_changed", account=user.email)


def reset_password(session: Session, actor: Actor, user: User, new: str) -> None:
    """Set the password of somebody else; every login of the account ends."""
    _set_password(user, new)
    audit.record(session, actor, "account.password_reset", account=user.email)


def end_logins(user: User) -> None:
    """From the commit on, no login of an account that was made before is valid."""
    user.session_version += 1


def _set_password(user: User, new: str) -> None:
    check_new_password(new, user.email, user.name)
    user.password_hash = hash_password(new)
    end_logins(user)
