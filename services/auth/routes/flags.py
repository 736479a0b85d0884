"""Feature flags of a project, for the people who define them."""

from __future__ import annotations

from typing import Any

from services.auth.audit import differences
from services.auth.flags import approval, definitions
from services.auth.routes.current_actor import current_actor
from shared.auth.access import project_for
from shared.errors import Unprocessable
from shared.flags.definition import from_json, to_json
from shared.models import FeatureFlag, ProposedFlagChange
from shared.web.blueprint import Blueprint
from shared.web.flag_schemas import (
    FlagHistoryResponse,
    FlagInProjectRequest,
    FlagListResponse,
    FlagProjectQuery,
    FlagProposalRequest,
    FlagRequest,
    FlagResponse,
    FlagRollbackRequest,
    FlagUpdateRequest,
)
from shared.web.pagination import decode_id, encode_cursor
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "flags",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>/feature-flags",
    description="Feature flags",
)
admin_blueprint = Blueprint(
    "admin_flags",
    __name__,
    url_prefix="/api/v1/analytics/admin/feature-flags",
    description="Feature flags",
)


@blueprint.get("/")
@blueprint.response(200, FlagListResponse)
def list_flags(project_id: int) -> dict[str, Any]:
    """List the flags of a project, by key."""
    return _list(project_id)


@blueprint.post("/")
@blueprint.arguments(FlagRequest)
@blueprint.response(201, FlagResponse)
def create_flag(request: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Create a flag. SDKs are answered with it within 2 seconds."""
    access = project_for(project_id, "member")
    return _shown(definitions.create_flag(current_actor(), access.project_id, request))


@blueprint.get("/<int:flag_id>")
@blueprint.response(200, FlagResponse)
def get_flag(project_id: int, flag_id: int) -> dict[str, Any]:
    """Get a flag."""
    return _shown(definitions.get_flag(project_for(project_id).project_id, flag_id))


@blueprint.patch("/<int:flag_id>")
@blueprint.arguments(FlagUpdateRequest)
@blueprint.response(200, FlagResponse)
def update_flag(changes: dict[str, Any], project_id: int, flag_id: int) -> dict[str, Any]:
    """Change the given fields of a flag. SDKs are answered with the change within 2 seconds."""
    access = project_for(project_id, "member")
    return _shown(definitions.update_flag(current_actor(), access.project_id, flag_id, changes))


@blueprint.delete("/<int:flag_id>")
@blueprint.response(204)
def delete_flag(project_id: int, flag_id: int) -> None:
    """Delete a flag. SDKs then use their defaults."""
    access = project_for(project_id, "member")
    definitions.delete_flag(current_actor(), access.project_id, flag_id)


@blueprint.get("/<int:flag_id>/history")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, FlagHistoryResponse)
def list_flag_versions(page: dict[str, Any], project_id: int, flag_id: int) -> dict[str, Any]:
    """List the versions of a flag with what each changed, newest first."""
    access = project_for(project_id)
    items, following = definitions.list_versions(
        access.project_id, flag_id, before=decode_id(page["cursor"]), limit=page["limit"]
    )
    return {"items": items, "next_cursor": encode_cursor(following) if following else None}


@blueprint.post("/<int:flag_id>/rollback")
@blueprint.arguments(FlagRollbackRequest)
@blueprint.response(200, FlagResponse)
def roll_back_flag(request: dict[str, Any], project_id: int, flag_id: int) -> dict[str, Any]:
    """Give a flag the definition of an earlier version, as a new version."""
    access = project_for(project_id, "member")
    return _shown(
        definitions.roll_back_flag(current_actor(), access.project_id, flag_id, request["version"])
    )


@blueprint.post("/<int:flag_id>/proposed-change/accept")
@blueprint.arguments(FlagProposalRequest)
@blueprint.response(200, FlagResponse)
def accept_flag_change(request: dict[str, Any], project_id: int, flag_id: int) -> dict[str, Any]:
    """Accept what somebody else has proposed. SDKs are answered with it within 2 seconds."""
    access = project_for(project_id, "member")
    return _shown(approval.accept(current_actor(), access.project_id, flag_id, request["id"]))


@blueprint.post("/<int:flag_id>/proposed-change/refuse")
@blueprint.arguments(FlagProposalRequest)
@blueprint.response(200, FlagResponse)
def refuse_flag_change(request: dict[str, Any], project_id: int, flag_id: int) -> dict[str, Any]:
    """Drop a proposed change of a flag. Whoever has proposed it may do so too."""
    access = project_for(project_id, "member")
    return _shown(approval.refuse(current_actor(), access.project_id, flag_id, request["id"]))


@admin_blueprint.get("/")
@admin_blueprint.arguments(FlagProjectQuery, location="query")
@admin_blueprint.response(200, FlagListResponse)
def list_flags_of_named_project(query: dict[str, Any]) -> dict[str, Any]:
    """List the flags of a project, by key."""
    return _list(query["project_id"])


@admin_blueprint.post("/")
@admin_blueprint.arguments(FlagProjectQuery, location="query")
@admin_blueprint.arguments(FlagInProjectRequest)
@admin_blueprint.response(201, FlagResponse)
def create_flag_in_named_project(query: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Create a flag. SDKs are answered with it within 2 seconds."""
    named = {query["project_id"], request.pop("project_id")} - {None}
    if len(named) > 1:
        raise Unprocessable(
            "The address and the body name different projects. Name one.",
            errors={"project_id": ["Is not the project in the address."]},
        )
    access = project_for(named.pop() if named else None, "member")
    return _shown(definitions.create_flag(current_actor(), access.project_id, request))


@admin_blueprint.get("/<int:flag_id>")
@admin_blueprint.arguments(FlagProjectQuery, location="query")
@admin_blueprint.response(200, FlagResponse)
def get_flag_of_named_project(query: dict[str, Any], flag_id: int) -> dict[str, Any]:
    """Get a flag."""
    return _shown(definitions.get_flag(project_for(query["project_id"]).project_id, flag_id))


@admin_blueprint.patch("/<int:flag_id>")
@admin_blueprint.arguments(FlagProjectQuery, location="query")
@admin_blueprint.arguments(FlagUpdateRequest)
@admin_blueprint.response(200, FlagResponse)
def update_flag_of_named_project(
    query: dict[str, Any], changes: dict[str, Any], flag_id: int
) -> dict[str, Any]:
    """Change the given fields of a flag. SDKs are answered with the change within 2 seconds."""
    access = project_for(query["project_id"], "member")
    return _shown(definitions.update_flag(current_actor(), access.project_id, flag_id, changes))


@admin_blueprint.delete("/<int:flag_id>")
@admin_blueprint.arguments(FlagProjectQuery, location="query")
@admin_blueprint.response(204)
def delete_flag_of_named_project(query: dict[str, Any], flag_id: int) -> None:
    """Delete a flag. SDKs then use their defaults."""
    access = project_for(query["project_id"], "member")
    definitions.delete_flag(current_actor(), access.project_id, flag_id)


def _list(project_id: int | None) -> dict[str, Any]:
    access = project_for(project_id)
    waiting = approval.list_proposals(access.project_id)
    flags = definitions.list_flags(access.project_id)
    return {"items": [_with_proposal(one, waiting.get(one.id)) for one in flags]}


def _shown(flag: FeatureFlag) -> dict[str, Any]:
    return _with_proposal(flag, approval.get_proposal(flag.project_id, flag.id))


def _with_proposal(flag: FeatureFlag, proposal: ProposedFlagChange | None) -> dict[str, Any]:
    return {
        **to_json(from_json(flag.definition)),
        "id": flag.id,
        "project_id": flag.project_id,
        "version": flag.version,
        "created_by": flag.created_by,
        "created_at": flag.created_at,
        "updated_at": flag.updated_at,
        "proposed_change": proposal
        and {
            "id": proposal.id,
            "changes": differences(flag.definition, proposal.changes),
            "proposed_by": proposal.proposed_by,
            "proposed_by_email": proposal.proposed_by_email,
            "proposed_at": proposal.proposed_at,
        },
    }
