"""Members of a project, and invitations to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from services.auth.members import invitations, members
from services.auth.members.schemas import (
    InvitationListResponse,
    InvitationRequest,
    MemberListResponse,
    MemberResponse,
    NewInvitationResponse,
    RoleRequest,
)
from services.auth.routes.current_actor import current_actor
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings
from shared.web.pagination import decode_id, encode_cursor
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "members", __name__, url_prefix="/api/v1/projects/<int:project_id>", description="Members"
)


@blueprint.get("/members/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, MemberListResponse)
def list_members(page: dict[str, Any], project_id: int) -> dict[str, Any]:
    """List the members of a project with their roles, oldest account first."""
    access = project_for(project_id)
    items, next_id = members.list_members(
        access.project_id, after_id=decode_id(page["cursor"]) or 0, limit=page["limit"]
    )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}


@blueprint.patch("/members/<int:user_id>")
@blueprint.arguments(RoleRequest)
@blueprint.response(200, MemberResponse)
def update_member(request: dict[str, str], project_id: int, user_id: int) -> members.Member:
    """Change the role of a member. Only owners may change who owns the project."""
    access = project_for(project_id, "admin")
    return members.update_member(
        current_actor(), access.project_id, user_id, own_role=access.role, role=request["role"]
    )


@blueprint.delete("/members/<int:user_id>")
@blueprint.response(204)
def delete_member(project_id: int, user_id: int) -> None:
    """Remove a member from the project. Members may remove themselves."""
    access = project_for(project_id)
    members.delete_member(current_actor(), access.project_id, access.role, user_id)


@blueprint.get("/invitations/")
@blueprint.response(200, InvitationListResponse)
def list_invitations(project_id: int) -> dict[str, Any]:
    """List the open invitations to a project."""
    access = project_for(project_id, "admin")
    return {"items": invitations.list_invitations(access.project_id)}


@blueprint.post("/invitations/")
@blueprint.arguments(InvitationRequest)
@blueprint.response(201, NewInvitationResponse)
def create_invitation(request: dict[str, str], project_id: int) -> dict[str, Any]:
    """Invite an address to a project. The response has the link, which is valid for 7 days."""
    access = project_for(project_id, "admin")
    created = invitations.create_invitation(
        current_actor(),
        access.project_id,
        own_role=access.role,
        email=request["email"],
        role=request["role"],
    )
    return invitation_with_link(created)


@blueprint.delete("/invitations/<int:invitation_id>")
@blueprint.response(204)
def delete_invitation(project_id: int, invitation_id: int) -> None:
    """Revoke an open invitation to a project."""
    access = project_for(project_id, "admin")
    invitations.delete_invitation(current_actor(), access.project_id, invitation_id)


def invitation_with_link(created: invitations.NewInvitation) -> dict[str, Any]:
    """Return a new invitation with its link, which is shown only once."""
    fields = ("id", "email", "role", "created_at", "expires_at")
    # The token is in the fragment, which browsers do not send, so that it stays out of logs.
    link = f"{service_settings().public_url.rstrip('/')}/invitation#{quote(created.token)}"
    return {field: getattr(created.invitation, field) for field in fields} | {"link": link}
