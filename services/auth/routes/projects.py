"""Projects of the logged-in user."""

from __future__ import annotations

from typing import Any

from services.auth.accounts.schemas import DeletionResponse
from services.auth.projects import deletion, projects
from services.auth.projects.schemas import (
    NewProjectResponse,
    ProjectListQuery,
    ProjectListResponse,
    ProjectRequest,
    ProjectResponse,
    ProjectSettings,
    ProjectUpdateRequest,
)
from services.auth.routes.current_actor import current_actor, current_user_id
from shared.auth.access import deleted_project_for, project_for
from shared.models import Project, ProjectDeletion
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings
from shared.web.pagination import decode_id, encode_cursor

blueprint = Blueprint("projects", __name__, url_prefix="/api/v1/projects", description="Projects")


@blueprint.get("/")
@blueprint.arguments(ProjectListQuery, location="query")
@blueprint.response(200, ProjectListResponse)
def list_projects(page: dict[str, Any]) -> dict[str, Any]:
    """List the projects that the caller is a member of."""
    items, next_id = projects.list_projects(
        current_user_id(),
        after_id=decode_id(page["cursor"]) or 0,
        limit=page["limit"],
        deleted=page["deleted"],
    )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}


@blueprint.post("/")
@blueprint.arguments(ProjectRequest)
@blueprint.response(201, NewProjectResponse)
def create_project(request: dict[str, Any]) -> projects.ProjectView:
    """Create a project. Its secret key is shown in this response only."""
    settings = service_settings()
    return projects.create_project(
        current_actor(),
        request["name"],
        request["timezone"],
        request["domain"],
        per_hour=settings.projects_per_hour,
        is_sample=request["is_sample"],
    )


@blueprint.get("/<int:project_id>")
@blueprint.response(200, ProjectResponse)
def get_project(project_id: int) -> projects.ProjectView:
    """Get a project."""
    access = project_for(project_id)
    return projects.get_project(access.project_id, access.role)


@blueprint.patch("/<int:project_id>")
@blueprint.arguments(ProjectUpdateRequest)
@blueprint.response(200, ProjectResponse)
def update_project(changes: dict[str, Any], project_id: int) -> projects.ProjectView:
    """Update a project. Ingest applies the changes within 5 seconds."""
    access = project_for(project_id, "admin")
    return projects.update_project(current_actor(), access.project_id, access.role, changes)


@blueprint.get("/<int:project_id>/settings")
@blueprint.response(200, ProjectSettings)
def get_settings(project_id: int) -> Project:
    """Get the settings of a project."""
    access = project_for(project_id)
    return projects.get_settings(access.project_id)


@blueprint.patch("/<int:project_id>/settings")
@blueprint.arguments(ProjectSettings)
@blueprint.response(200, ProjectSettings)
def update_settings(changes: dict[str, Any], project_id: int) -> Project:
    """Update the settings that are sent. Ingest applies them within 5 seconds."""
    access = project_for(project_id, "admin")
    return projects.update_settings(current_actor(), access.project_id, changes)


@blueprint.delete("/<int:project_id>")
@blueprint.response(202, DeletionResponse)
def delete_project(project_id: int) -> ProjectDeletion:
    """Delete a project. Its keys end within 5 seconds, and its data is removed after 7 days."""
    access = project_for(project_id, "owner")
    return deletion.delete_project(current_actor(), access.project_id)


@blueprint.get("/<int:project_id>/deletion")
@blueprint.response(200, DeletionResponse)
def get_deletion(project_id: int) -> ProjectDeletion:
    """Get the progress of a project's deletion."""
    access = deleted_project_for(project_id, "owner")
    return deletion.get_deletion(access.project_id)


@blueprint.post("/<int:project_id>/restore")
@blueprint.response(200, ProjectResponse)
def restore_project(project_id: int) -> projects.ProjectView:
    """Restore a project that was deleted less than 7 days ago. Its keys are valid again."""
    access = deleted_project_for(project_id, "owner")
    return deletion.restore_project(current_actor(), access.project_id, access.role)
