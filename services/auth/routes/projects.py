"""Projects of the logged-in user."""

from __future__ import annotations

from typing import Any

from services.auth import deletion, projects
from services.auth.project_schemas import (
    NewProjectAnswer,
    ProjectAnswer,
    ProjectChanges,
    ProjectListAnswer,
    ProjectListQuery,
    ProjectRequest,
    ProjectSettings,
)
from services.auth.publication import withdraw_policies
from services.auth.routes.current_actor import actor, user_id
from services.auth.schemas import DeletionAnswer
from shared.auth.access import deleted_project_for, project_for
from shared.models import Project, ProjectDeletion
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint
from shared.web.pagination import decode_id, encode_cursor

blueprint = Blueprint("projects", __name__, url_prefix="/api/v1/projects", description="Projects")


@blueprint.get("/")
@blueprint.arguments(ProjectListQuery, location="query")
@blueprint.response(200, ProjectListAnswer)
def list_projects(page: dict[str, Any]) -> dict[str, Any]:
    """The projects that the caller is a member of."""
    with session_scope() as session:
        items, next_id = projects.list_projects(
            session,
            user_id(),
            after_id=decode_id(page["cursor"]) or 0,
            limit=page["limit"],
            deleted=page["deleted"],
        )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}


@blueprint.post("/")
@blueprint.arguments(ProjectRequest)
@blueprint.response(201, NewProjectAnswer)
def create_project(request: dict[str, str]) -> projects.ProjectView:
    """Make a project; the answer is the only one that shows its secret key."""
    with session_scope() as session:
        return projects.create_project(session, actor(), request["name"], request["timezone"])


@blueprint.get("/<int:project_id>")
@blueprint.response(200, ProjectAnswer)
def get_project(project_id: int) -> projects.ProjectView:
    """One project."""
    access = project_for(project_id)
    with session_scope() as session:
        project = projects.existing(session, access.project_id)
        return projects.view(session, project, access.role)


@blueprint.patch("/<int:project_id>")
@blueprint.arguments(ProjectChanges)
@blueprint.response(200, ProjectAnswer)
def change_project(changes: dict[str, Any], project_id: int) -> projects.ProjectView:
    """Change a project; ingest follows within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        project = projects.existing(session, access.project_id)
        outdated = projects.change_project(session, actor(), project, changes)
        changed = projects.view(session, project, access.role)
    withdraw_policies(get_cache(), outdated)
    return changed


@blueprint.get("/<int:project_id>/settings")
@blueprint.response(200, ProjectSettings)
def get_settings(project_id: int) -> Project:
    """How a project treats its events."""
    access = project_for(project_id)
    with session_scope() as session:
        return projects.existing(session, access.project_id)


@blueprint.patch("/<int:project_id>/settings")
@blueprint.arguments(ProjectSettings)
@blueprint.response(200, ProjectSettings)
def change_settings(changes: dict[str, Any], project_id: int) -> Project:
    """Change what is given, and leave the rest; ingest follows within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        project = projects.existing(session, access.project_id)
        outdated = projects.change_project(session, actor(), project, changes)
    withdraw_policies(get_cache(), outdated)
    return project


@blueprint.delete("/<int:project_id>")
@blueprint.response(202, DeletionAnswer)
def delete_project(project_id: int) -> ProjectDeletion:
    """Delete a project: its keys end within 5 seconds, its data 7 days later, by a job."""
    access = project_for(project_id, "owner")
    with session_scope() as session:
        project = projects.existing(session, access.project_id)
        outdated = deletion.delete_project(session, actor(), project)
        planned = deletion.get_deletion(session, access.project_id)
    withdraw_policies(get_cache(), outdated)
    return planned


@blueprint.get("/<int:project_id>/deletion")
@blueprint.response(200, DeletionAnswer)
def get_deletion(project_id: int) -> ProjectDeletion:
    """How far the deletion of a project is."""
    access = deleted_project_for(project_id, "owner")
    with session_scope() as session:
        return deletion.get_deletion(session, access.project_id)


@blueprint.post("/<int:project_id>/restore")
@blueprint.response(200, ProjectAnswer)
def restore_project(project_id: int) -> projects.ProjectView:
    """Take a deletion back, within 7 days; the project's keys work again."""
    access = deleted_project_for(project_id, "owner")
    with session_scope() as session:
        project = projects.existing(session, access.project_id)
        outdated = deletion.restore_project(session, actor(), project)
        restored = projects.view(session, project, access.role)
    withdraw_policies(get_cache(), outdated)
    return restored
