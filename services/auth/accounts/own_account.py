"""What users do with their own account: read it, change its password and its second factor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from services.auth import account_store, audit
from services.auth.accounts import accounts, two_factor
from services.auth.accounts.two_factor import Setup
from services.auth.audit import Actor
from services.auth.lockout import Lockout
from shared.auth.login_sessions import get_login_sessions
from shared.models import User
from shared.runtime.database import session_scope


def get(user_id: int) -> User:
    """Return the account of a logged-in user.

    Raises:
        Unauthorized: the account was deleted in the meantime.
    """
    with session_scope() as session:
        return account_store.get_locked_own_account(session, user_id)


def change_password(actor: Actor, *, current: str, new: str, lockout: Lockout) -> User:
    """Change one's own password; every login of the account ends.

    Raises:
        Forbidden: the current password is wrong.
        Unprocessable: the new one is too weak.
    """
    with session_scope() as session:
        user = account_store.get_locked_own_account(session, actor.existing_user_id)
        accounts.confirm_password(user, current, lockout)
        accounts.set_password(user, new)
        audit.record(session, actor, "account.password_changed", account=user.email)
    get_login_sessions().end_all(user.id)
    return user


def set_up_two_factor(
    actor: Actor, *, current_password: str, lockout: Lockout, secret_key: str
) -> Setup:
    """Make a new secret for an authenticator app; it applies once a code is confirmed.

    Raises:
        Forbidden: the current password is wrong.
        Conflict: the account has a second factor already.
    """
    with session_scope() as session:
        user = account_store.get_locked_own_account(session, actor.existing_user_id)
        accounts.confirm_password(user, current_password, lockout)
        return two_factor.begin(user, secret_key)


def enable_two_factor(actor: Actor, *, code: str, secret_key: str) -> list[str]:
    """Require a code at every login from now on; return the recovery codes.

    Raises:
        Conflict: no secret is waiting for its first code.
        Unprocessable: the code is wrong.
    """
    with session_scope() as session:
        user = account_store.get_locked_own_account(session, actor.existing_user_id)
        return two_factor.enable(session, actor, user, code, secret_key)


def disable_two_factor(
    actor: Actor, *, current_password: str, code: str, lockout: Lockout, secret_key: str
) -> None:
    """Require no codes any more.

    Raises:
        Forbidden: the password or the code is wrong.
    """
    with _confirmed_account(
        actor, password=current_password, code=code, lockout=lockout, secret_key=secret_key
    ) as (session, user):
        two_factor.disable(session, actor, user)


def renew_recovery_codes(
    actor: Actor, *, current_password: str, code: str, lockout: Lockout, secret_key: str
) -> list[str]:
    """Replace the recovery codes.

    Raises:
        Forbidden: the password or the code is wrong.
    """
    with _confirmed_account(
        actor, password=current_password, code=code, lockout=lockout, secret_key=secret_key
    ) as (session, user):
        audit.record(session, actor, "account.recovery_codes_renewed", account=user.email)
        return two_factor.renew_recovery_codes(user)


@contextmanager
def _confirmed_account(
    actor: Actor, *, password: str, code: str, lockout: Lockout, secret_key: str
) -> Iterator[tuple[Session, User]]:
    """Yield a transaction and one's own account, once password and code are confirmed.

    Raises:
        Forbidden: the password or the code is wrong.
        TooManyRequests: one of them was wrong too often.
    """
    with session_scope() as session:
        user = account_store.get_locked_own_account(session, actor.existing_user_id)
        accounts.confirm_password_and_code(
            session, user, password=password, code=code, lockout=lockout, secret_key=secret_key
        )
        yield session, user
