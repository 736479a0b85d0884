"""Sources of a project's events."""

from __future__ import annotations

from typing import Any

from services.auth import projects, sources, store
from services.auth.project_schemas import (
    SourceAnswer,
    SourceChanges,
    SourceListAnswer,
    SourceRequest,
)
from services.auth.publication import withdraw_policies
from services.auth.routes.current_actor import actor
from shared.auth.access import project_for
from shared.models import EventSource
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "sources",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>/sources",
    description="Sources",
)


@blueprint.get("/")
@blueprint.response(200, SourceListAnswer)
def list_sources(project_id: int) -> dict[str, Any]:
    """What was decided about single sources, by name."""
    access = project_for(project_id)
    with session_scope() as session:
        return {"items": store.sources_of(session, access.project_id)}


@blueprint.post("/")
@blueprint.arguments(SourceRequest)
@blueprint.response(201, SourceAnswer)
def add_source(request: dict[str, Any], project_id: int) -> EventSource:
    """Decide about one more source; ingest follows within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        source = sources.add_source(session, actor(), access.project_id, request)
        outdated = store.key_hashes(session, access.project_id)
    withdraw_policies(get_cache(), outdated)
    return source


@blueprint.get("/<int:source_id>")
@blueprint.response(200, SourceAnswer)
def get_source(project_id: int, source_id: int) -> EventSource:
    """One source."""
    access = project_for(project_id)
    with session_scope() as session:
        return sources.get_source(session, access.project_id, source_id)


@blueprint.patch("/<int:source_id>")
@blueprint.arguments(SourceChanges)
@blueprint.response(200, SourceAnswer)
def change_source(changes: dict[str, Any], project_id: int, source_id: int) -> EventSource:
    """Decide otherwise; ingest follows within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        source = sources.change_source(session, actor(), access.project_id, source_id, changes)
        outdated = store.key_hashes(session, access.project_id)
    withdraw_policies(get_cache(), outdated)
    return source


@blueprint.delete("/<int:source_id>")
@blueprint.response(204)
def delete_source(project_id: int, source_id: int) -> None:
    """Forget what was decided; ingest follows within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        sources.delete_source(session, actor(), access.project_id, source_id)
        outdated = store.key_hashes(session, access.project_id)
    withdraw_policies(get_cache(), outdated)
