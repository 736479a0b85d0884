"""A user's logins: renewed, and ended one by one or all but the current."""

from __future__ import annotations

from services.auth import audit
from services.auth.audit import Actor
from shared.auth.login_sessions import TokenPair, get_login_sessions
from shared.errors import ErrorCode, NotFound, Unauthorized
from shared.models import User
from shared.runtime.database import session_scope


def renew_login(refresh_token: str) -> tuple[User, TokenPair]:
    """Replace both tokens of a login.

    Raises:
        Unauthorized: the token is not valid, or the login or the account has ended.
    """
    sessions = get_login_sessions()
    pair = sessions.renew(refresh_token)
    claims = sessions.check(pair.access_token)
    with session_scope() as session:
        user = session.get(User, claims.user_id)
    if user is None or not user.is_active or user.session_version != claims.version:
        sessions.end(claims.session_id)
        raise Unauthorized("This login has ended. Sign in again.", code=ErrorCode.LOGIN_EXPIRED)
    return user, pair


def end_other_logins(actor: Actor, current_id: str | None) -> None:
    """End every login of the actor except the current one."""
    sessions, user_id = get_login_sessions(), actor.existing_user_id
    ids = [login.id for login in sessions.list_of_user(user_id) if login.id != current_id]
    sessions.end_of_user(user_id, ids)
    with session_scope() as session:
        audit.record(session, actor, "account.other_logins_ended")


def end_login(actor: Actor, login_session_id: str) -> None:
    """End one login of the actor.

    Raises:
        NotFound: the account has no such login.
    """
    if not get_login_sessions().end_of_user(actor.existing_user_id, [login_session_id]):
        raise NotFound(
            "This account has no such login, or it has ended. List the logins to find the id."
        )
    with session_scope() as session:
        audit.record(session, actor, "account.login_ended")
