"""Accounts: logging in, creating them, and proving and changing passwords.

Functions with a ``session`` are steps of the caller's transaction; the others open their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy.orm import Session

from services.auth import account_store, audit
from services.auth.accounts import two_factor
from services.auth.audit import Actor
from services.auth.lockout import Lockout
from shared.auth.passwords import check_new_password, hash_password, verify_password
from shared.errors import Conflict, ErrorCode, Forbidden, Unauthorized
from shared.models import User
from shared.runtime.database import session_scope


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a user logs in with."""

    email: str
    password: str
    code: str | None = None
    """Of the second factor, where the account has one."""


def log_in(credentials: Credentials, lockout: Lockout, *, secret_key: str, address: str) -> User:
    """Authenticate a user, and record success or failure in the audit log.

    Args:
        credentials: the address, password and code.
        lockout: counts wrong attempts of this account from the client's address.
        secret_key: of the installation.
        address: the client's, for the log.

    Raises:
        Unauthorized, TooManyRequests: as ``authenticate``.
    """
    try:
        with session_scope() as session:
            user = authenticate(session, credentials, lockout, secret_key)
            audit.record(session, actor_of(user, address), "login.succeeded")
    except Unauthorized as error:
        _record_failure(credentials.email, address, error)
        raise
    return user


def authenticate(
    session: Session, credentials: Credentials, lockout: Lockout, secret_key: str
) -> User:
    """Return the account with this address and password, and code where it has a second factor.

    Raises:
        Unauthorized: the address or the password is wrong, and the message does not tell which; or
            the password is right and the code is missing or wrong (``errors`` then names ``code``).
        TooManyRequests: too many wrong passwords from this address.
    """
    lockout.begin()
    user = account_store.get_user_by_email(session, credentials.email)
    if not verify_password(credentials.password, user.password_hash if user else None) or not user:
        raise Unauthorized(
            "The e-mail address or the password is wrong. Correct them and try again.",
            code=ErrorCode.INVALID_CREDENTIALS,
        )
    if not user.is_active:
        raise Unauthorized(
            "This account is deactivated. Ask an owner of this server.",
            code=ErrorCode.ACCOUNT_CLOSED,
        )
    if user.totp_enabled_at is not None:
        if not credentials.code:
            lockout.record_partial()
            raise Unauthorized(
                "Enter the code of your authenticator app as well.",
                code=ErrorCode.SECOND_FACTOR_REQUIRED,
                errors={"code": ["Is required."]},
            )
        lockout.begin_code()
        if not two_factor.consume_code(session, user, credentials.code, secret_key):
            raise Unauthorized(
                "The code is wrong or was used already. Wait for the next one.",
                code=ErrorCode.SECOND_FACTOR_WRONG,
                errors={"code": ["Is wrong."]},
            )
    lockout.record_success()
    user.last_login_at = datetime.now(timezone.utc)
    return user


def actor_of(user: User, address: str) -> Actor:
    """Return a user who is just logging in as an actor of the audit log."""
    return Actor(user.id, user.email, address, user.is_superuser)


def create_user(
    session: Session, *, email: str, name: str, password: str | None, is_superuser: bool
) -> User:
    """Create an account; without a password it can only sign in with the provider.

    Raises:
        Conflict: the address has an account already.
    """
    if account_store.get_user_by_email(session, email) is not None:
        raise Conflict(
            "There is already an account with this address. Sign in with it.",
            code=ErrorCode.EMAIL_TAKEN,
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
    """Check the current password of a logged-in user.

    Raises:
        Forbidden: the password is wrong.
        Conflict: the account has no password.
        TooManyRequests: the password was wrong too often.
    """
    _check_password(user, password, lockout)
    lockout.record_right_password()


def _check_password(user: User, password: str, lockout: Lockout) -> None:
    if user.password_hash is None:
        raise Conflict(
            "This account has no password, because it signs in with the provider. "
            "The owner of the installation can set one."
        )
    lockout.begin()
    if not verify_password(password, user.password_hash):
        raise Forbidden(
            "The current password is wrong. Correct it and try again.",
            code=ErrorCode.CURRENT_PASSWORD_WRONG,
            errors={"current_password": ["Is wrong."]},
        )


def confirm_password_and_code(
    session: Session, user: User, *, password: str, code: str, lockout: Lockout, secret_key: str
) -> None:
    """Check the current password and a second-factor code of a logged-in user.

    Raises:
        Forbidden: one of them is wrong.
        TooManyRequests: one of them was wrong too often.
    """
    _check_password(user, password, lockout)
    lockout.begin_code()
    if not two_factor.consume_code(session, user, code, secret_key):
        raise Forbidden(
            "The code is wrong or was used already. Wait for the next one.",
            code=ErrorCode.SECOND_FACTOR_WRONG,
            errors={"code": ["Is wrong."]},
        )
    lockout.record_success()


def set_password(user: User, new: str) -> None:
    """Set an account's password, and end all its logins.

    Raises:
        Unprocessable: the password is too weak.
    """
    check_new_password(new, user.email, user.name)
    user.password_hash = hash_password(new)
    end_logins(user)


def end_logins(user: User) -> None:
    """Make every existing login of an account invalid from the commit on."""
    user.session_version += 1


def _record_failure(email: str, address: str, error: Unauthorized) -> None:
    """Log a failed login of an existing account; made-up addresses must not flood the log."""
    with session_scope() as session:
        account_store.use_async_commit(session)
        user = account_store.get_user_by_email(session, email)
        if user is not None:
            unknown = Actor(None, user.email, address)
            audit.record(session, unknown, "login.failed", why=error.message)
