"""Projects of the logged-in user."""

from __future__ import annotations

from typing import Any

from services.auth import projects
from services.auth.publication import withdraw_policies
from services.auth.schemas import (
    NewProjectAnswer,
    ProjectAnswer,
    ProjectChanges,
    ProjectListAnswer,
    ProjectRequest,
    RotateAnswer,
    RotateRequest,
)
from shared.access import current_caller, project_for
from shared.blueprint import Blueprint
from shared.database import session_scope
from shared.errors import NotFound, Unprocessable
from shared.models import Project
from shared.redis_clients import get_cache
from shared.schemas import PageQuery

blueprint = Blueprint("projects", __name__, url_prefix="/api/v1/projects", description="Projects")


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ProjectListAnswer)
def list_projects(page: dict[str, Any]) -> dict[str, Any]:
    """The projects that the caller is a member of."""
    with session_scope() as session:
        items, next_id = projects.list_projects(
            session, _user_id(), after_id=_after(page["cursor"]), limit=page["limit"]
        )
    return {"items": items, "next_cursor": str(next_id) if next_id else None}


@blueprint.post("/")
@blueprint.arguments(ProjectRequest)
@blueprint.response(201, NewProjectAnswer)
def create_project(request: dict[str, str]) -> projects.ProjectView:
    """Make a project; the answer is the only one that shows its secret key."""
    with session_scope() as session:
        return projects.create_project(session, _user_id(), request["name"], request["timezone"])


@blueprint.get("/<int:project_id>")
@blueprint.response(200, ProjectAnswer)
def get_project(project_id: int) -> projects.ProjectView:
    """One project."""
    access = project_for(project_id)
    with session_scope() as session:
        project = _existing(session.get(Project, access.project_id))
        return projects.view(session, project, access.role)


@blueprint.patch("/<int:project_id>")
@blueprint.arguments(ProjectChanges)
@blueprint.response(200, ProjectAnswer)
def change_project(changes: dict[str, Any], project_id: int) -> projects.ProjectView:
    """Change a project; ingest follows within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        project = _existing(session.get(Project, access.project_id))
        outdated = projects.change_project(session, project, changes)
        changed = projects.view(session, project, access.role)
    withdraw_policies(get_cache(), outdated)
    return changed


@blueprint.post("/<int:project_id>/rotate-key")
@blueprint.arguments(RotateRequest)
@blueprint.response(200, RotateAnswer)
def rotate_key(request: dict[str, str], project_id: int) -> dict[str, str]:
    """Replace a key; the old one stops working within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        key, revoked = projects.rotate_key(session, access.project_id, request["kind"])
    withdraw_policies(get_cache(), revoked)
    return {"kind": request["kind"], "key": key}


def _existing(project: Project | None) -> Project:
    if project is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return project


def _user_id() -> int:
    user_id = current_caller().user_id
    assert user_id is not None  # the blueprint's guard lets only users in
    return user_id


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise Unprocessable("The cursor is not one of ours.", errors={"cursor": ["Not valid."]})
    return int(cursor)
