"""Accounts of an installation, and its audit log."""

from __future__ import annotations

from typing import Any

from services.auth import audit
from services.auth.accounts import users
from services.auth.accounts.schemas import (
    PasswordResetRequest,
    UserListQuery,
    UserListResponse,
    UserResponse,
    UserUpdateRequest,
)
from services.auth.members import invitations
from services.auth.members.schemas import (
    AccountInvitationRequest,
    InvitationListResponse,
    NewInvitationResponse,
)
from services.auth.projects.schemas import AuditLogResponse
from services.auth.routes.cookies import lockout_for
from services.auth.routes.current_actor import current_actor
from services.auth.routes.invitations import invitation_with_link
from shared.models import User
from shared.web.blueprint import Blueprint
from shared.web.pagination import decode_id, encode_cursor
from shared.web.schemas import PageQuery

blueprint = Blueprint("users", __name__, url_prefix="/api/v1/users", description="Accounts")
superuser_blueprint = Blueprint(
    "installation", __name__, url_prefix="/api/v1", description="The installation"
)


@superuser_blueprint.get("/users/")
@superuser_blueprint.arguments(UserListQuery, location="query")
@superuser_blueprint.response(200, UserListResponse)
def list_users(page: dict[str, Any]) -> dict[str, Any]:
    """List all accounts, oldest first."""
    items, next_id = users.list_users(
        after_id=decode_id(page["cursor"]) or 0, limit=page["limit"], search=page["search"]
    )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}


@blueprint.get("/<int:user_id>")
@blueprint.response(200, UserResponse)
def get_user(user_id: int) -> User:
    """Get an account: one's own, or any for superusers."""
    return users.get_user(current_actor(), user_id)


@blueprint.patch("/<int:user_id>")
@blueprint.arguments(UserUpdateRequest)
@blueprint.response(200, UserResponse)
def update_user(changes: dict[str, Any], user_id: int) -> User:
    """Update an account: one's own, or any for superusers. Deactivating it ends its logins."""
    actor = current_actor()
    return users.update_user(actor, user_id, changes, lockout_for(actor.email))


@superuser_blueprint.delete("/users/<int:user_id>")
@superuser_blueprint.response(204)
def delete_user(user_id: int) -> None:
    """Delete an account. Fails if it is the only owner of a project."""
    users.delete_user(current_actor(), user_id)


@superuser_blueprint.post("/users/<int:user_id>/password")
@superuser_blueprint.arguments(PasswordResetRequest)
@superuser_blueprint.response(204)
def reset_password(given: dict[str, str], user_id: int) -> None:
    """Set the password of an account. All its logins end."""
    users.reset_password(current_actor(), user_id, given["password"])


@superuser_blueprint.delete("/users/<int:user_id>/two-factor")
@superuser_blueprint.response(204)
def remove_two_factor(user_id: int) -> None:
    """Remove the second factor of an account. All its logins end."""
    users.remove_two_factor(current_actor(), user_id)


@superuser_blueprint.get("/invitations/")
@superuser_blueprint.response(200, InvitationListResponse)
def list_account_invitations() -> dict[str, Any]:
    """List the open invitations to the installation."""
    return {"items": invitations.list_invitations(None)}


@superuser_blueprint.post("/invitations/")
@superuser_blueprint.arguments(AccountInvitationRequest)
@superuser_blueprint.response(201, NewInvitationResponse)
def create_account_invitation(request: dict[str, str]) -> dict[str, Any]:
    """Invite an address to create an account. The response has the link."""
    created = invitations.create_invitation(
        current_actor(), None, own_role="owner", email=request["email"], role="member"
    )
    return invitation_with_link(created)


@superuser_blueprint.delete("/invitations/<int:invitation_id>")
@superuser_blueprint.response(204)
def delete_account_invitation(invitation_id: int) -> None:
    """Revoke an open invitation to the installation."""
    invitations.delete_invitation(current_actor(), None, invitation_id)


@superuser_blueprint.get("/audit-log/")
@superuser_blueprint.arguments(PageQuery, location="query")
@superuser_blueprint.response(200, AuditLogResponse)
def list_installation_audit_log(page: dict[str, Any]) -> dict[str, Any]:
    """List the audit log of the installation: accounts, logins, deleted projects; newest first."""
    items, next_id = audit.list_entries(
        audit.INSTALLATION, before_id=decode_id(page["cursor"]), limit=page["limit"]
    )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}
