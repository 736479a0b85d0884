"""Members of a project, and invitations to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from services.auth import invitations, members, projects
from services.auth.account_store import open_invitations
from services.auth.member_schemas import (
    InvitationListAnswer,
    InvitationRequest,
    MemberAnswer,
    MemberListAnswer,
    NewInvitationAnswer,
    RoleRequest,
)
from services.auth.routes.current_actor import actor
from shared.auth.access import project_for
from shared.runtime.database import session_scope
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings

blueprint = Blueprint(
    "members", __name__, url_prefix="/api/v1/projects/<int:project_id>", description="Members"
)


@blueprint.get("/members/")
@blueprint.response(200, MemberListAnswer)
def list_members(project_id: int) -> dict[str, Any]:
    """Who may see the project, and as what."""
    access = project_for(project_id)
    with session_scope() as session:
        return {"items": members.members(session, access.project_id)}


@blueprint.patch("/members/<int:user_id>")
@blueprint.arguments(RoleRequest)
@blueprint.response(200, MemberAnswer)
def change_role(request: dict[str, str], project_id: int, user_id: int) -> members.Member:
    """Give a member another role. Only owners change who owns the project."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        return members.change_role(
            session,
            actor(),
            access.project_id,
            user_id,
            own_role=access.role,
            role=request["role"],
        )


@blueprint.delete("/members/<int:user_id>")
@blueprint.response(204)
def remove_member(project_id: int, user_id: int) -> None:
    """Take a member out of the project; anybody may leave it."""
    access = project_for(project_id)
    with session_scope() as session:
        projects.existing(session, access.project_id)
        members.remove(session, actor(), access.project_id, access.role, user_id)


@blueprint.get("/invitations/")
@blueprint.response(200, InvitationListAnswer)
def list_invitations(project_id: int) -> dict[str, Any]:
    """Invitations that were not accepted yet."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        return {"items": open_invitations(session, access.project_id)}


@blueprint.post("/invitations/")
@blueprint.arguments(InvitationRequest)
@blueprint.response(201, NewInvitationAnswer)
def invite(request: dict[str, str], project_id: int) -> dict[str, Any]:
    """Invite an address; pass the link of the answer on, it is valid for 7 days."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        made = invitations.invite(
            session,
            actor(),
            access.project_id,
            own_role=access.role,
            email=request["email"],
            role=request["role"],
        )
    return shown(made)


@blueprint.delete("/invitations/<int:invitation_id>")
@blueprint.response(204)
def withdraw_invitation(project_id: int, invitation_id: int) -> None:
    """Withdraw an invitation that was not accepted yet."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        invitations.withdraw(session, actor(), access.project_id, invitation_id)


def shown(made: invitations.NewInvitation) -> dict[str, Any]:
    """An invitation with the link that is shown once."""
    fields = ("id", "email", "role", "created_at", "expires_at")
    # After a hash: browsers send it to nobody, so that it stays out of logs.
    link = f"{service_settings().public_url.rstrip('/')}/invitation#{quote(made.token)}"
    return {field: getattr(made.invitation, field) for field in fields} | {"link": link}
