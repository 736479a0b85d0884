"""Sources of a project's events."""

from __future__ import annotations

from typing import Any

from services.auth.projects import sources
from services.auth.projects.schemas import (
    SourceListResponse,
    SourceRequest,
    SourceResponse,
    SourceUpdateRequest,
)
from services.auth.routes.current_actor import current_actor
from shared.auth.access import project_for
from shared.models import EventSource
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "sources",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>/sources",
    description="Sources",
)


@blueprint.get("/")
@blueprint.response(200, SourceListResponse)
def list_sources(project_id: int) -> dict[str, Any]:
    """List the configured sources of a project, by name."""
    access = project_for(project_id)
    return {"items": sources.list_sources(access.project_id)}


@blueprint.post("/")
@blueprint.arguments(SourceRequest)
@blueprint.response(201, SourceResponse)
def create_source(request: dict[str, Any], project_id: int) -> EventSource:
    """Configure a source. Ingest applies the settings within 5 seconds."""
    access = project_for(project_id, "admin")
    return sources.create_source(current_actor(), access.project_id, request)


@blueprint.get("/<int:source_id>")
@blueprint.response(200, SourceResponse)
def get_source(project_id: int, source_id: int) -> EventSource:
    """Get a source."""
    access = project_for(project_id)
    return sources.get_source(access.project_id, source_id)


@blueprint.patch("/<int:source_id>")
@blueprint.arguments(SourceUpdateRequest)
@blueprint.response(200, SourceResponse)
def update_source(changes: dict[str, Any], project_id: int, source_id: int) -> EventSource:
    """Update a source. Ingest applies the changes within 5 seconds."""
    access = project_for(project_id, "admin")
    return sources.update_source(current_actor(), access.project_id, source_id, changes)


@blueprint.delete("/<int:source_id>")
@blueprint.response(204)
def delete_source(project_id: int, source_id: int) -> None:
    """Delete the settings of a source. Ingest follows within 5 seconds."""
    access = project_for(project_id, "admin")
    sources.delete_source(current_actor(), access.project_id, source_id)
