"""Accounts of an installation, and its log."""

from __future__ import annotations

from typing import Any

from services.auth import accounts, audit, invitations, two_factor, users
from services.auth.account_store import open_invitations
from services.auth.member_schemas import (
    AccountInvitationRequest,
    InvitationListAnswer,
    NewInvitationAnswer,
)
from services.auth.project_schemas import AuditLogAnswer
from services.auth.routes.cookies import lockout_for
from services.auth.routes.current_actor import actor
from services.auth.routes.invitations import shown
from services.auth.schemas import (
    PasswordReset,
    UserAnswer,
    UserChanges,
    UserListAnswer,
    UserListQuery,
)
from shared.auth.access import current_caller, get_sessions, require_user
from shared.errors import Forbidden
from shared.models import User
from shared.runtime.database import session_scope
from shared.web.blueprint import Blueprint
from shared.web.pagination import decode_id, encode_cursor
from shared.web.schemas import PageQuery

blueprint = Blueprint("users", __name__, url_prefix="/api/v1/users", description="Accounts")
superuser_blueprint = Blueprint(
    "installation", __name__, url_prefix="/api/v1", description="The installation"
)


def require_superuser() -> None:
    """Guard: somebody who looks after the installation.

    Raises:
        Unauthorized: there is no valid login.
        Forbidden: the account is an ordinary one.
    """
    require_user()
    if not current_caller().is_superuser:
        raise Forbidden("Only an owner of the installation may do this.")


require_superuser.security = ("LoginCookie", "Login")  # type: ignore[attr-defined]


@superuser_blueprint.get("/users/")
@superuser_blueprint.arguments(UserListQuery, location="query")
@superuser_blueprint.response(200, UserListAnswer)
def list_users(page: dict[str, Any]) -> dict[str, Any]:
    """All accounts, in the order they were made."""
    with session_scope() as session:
        items, next_id = users.list_users(
            session,
            after_id=decode_id(page["cursor"]) or 0,
            limit=page["limit"],
            search=page["search"],
        )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}


@blueprint.get("/<int:user_id>")
@blueprint.response(200, UserAnswer)
def get_user(user_id: int) -> User:
    """One's own account; for superusers, any."""
    with session_scope() as session:
        return users.get_user(session, actor(), user_id)


@blueprint.patch("/<int:user_id>")
@blueprint.arguments(UserChanges)
@blueprint.response(200, UserAnswer)
def change_user(changes: dict[str, Any], user_id: int) -> User:
    """Change one's own account; for superusers, any. One that is switched off is logged out."""
    with session_scope() as session:
        return users.change_user(
            session, actor(), user_id, changes, lockout_for(current_caller().email)
        )


@superuser_blueprint.delete("/users/<int:user_id>")
@superuser_blueprint.response(204)
def delete_user(user_id: int) -> None:
    """Delete an account that is nobody's only owner."""
    with session_scope() as session:
        users.delete_user(session, actor(), user_id)
    _end_sessions(user_id)


@superuser_blueprint.post("/users/<int:user_id>/password")
@superuser_blueprint.arguments(PasswordReset)
@superuser_blueprint.response(204)
def reset_password(given: dict[str, str], user_id: int) -> None:
    """Set somebody's password; all their logins end."""
    with session_scope() as session:
        user = users.get_user(session, actor(), user_id)
        accounts.reset_password(session, actor(), user, given["password"])
    _end_sessions(user_id)


@superuser_blueprint.delete("/users/<int:user_id>/two-factor")
@superuser_blueprint.response(204)
def remove_two_factor(user_id: int) -> None:
    """Switch off the second factor of somebody who lost it; all their logins end."""
    with session_scope() as session:
        user = users.get_user(session, actor(), user_id)
        two_factor.disable(session, actor(), user)
        accounts.end_logins(user)
    _end_sessions(user_id)


@superuser_blueprint.get("/invitations/")
@superuser_blueprint.response(200, InvitationListAnswer)
def list_invitations() -> dict[str, Any]:
    """Invitations to the installation that were not accepted yet."""
    with session_scope() as session:
        return {"items": open_invitations(session, None)}


@superuser_blueprint.post("/invitations/")
@superuser_blueprint.arguments(AccountInvitationRequest)
@superuser_blueprint.response(201, NewInvitationAnswer)
def invite(request: dict[str, str]) -> dict[str, Any]:
    """Invite somebody to make an account."""
    with session_scope() as session:
        made = invitations.invite(
            session, actor(), None, own_role="owner", email=request["email"], role="member"
        )
    return shown(made)


@superuser_blueprint.delete("/invitations/<int:invitation_id>")
@superuser_blueprint.response(204)
def withdraw_invitation(invitation_id: int) -> None:
    """Withdraw an invitation to the installation."""
    with session_scope() as session:
        invitations.withdraw(session, actor(), None, invitation_id)


@superuser_blueprint.get("/audit-log/")
@superuser_blueprint.arguments(PageQuery, location="query")
@superuser_blueprint.response(200, AuditLogAnswer)
def audit_log(page: dict[str, Any]) -> dict[str, Any]:
    """What concerns no single project: accounts, logins, deleted projects. Newest first."""
    with session_scope() as session:
        items, next_id = audit.entries(
            session, audit.INSTALLATION, before_id=decode_id(page["cursor"]), limit=page["limit"]
        )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}


def _end_sessions(user_id: int) -> None:
    """They are void already; this takes them off the lists."""
    sessions = get_sessions()
    sessions.end_of_user(user_id, [found.id for found in sessions.of_user(user_id)])
