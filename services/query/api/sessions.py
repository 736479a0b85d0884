"""Sessions of a project."""

from __future__ import annotations

from typing import Any

from services.query.api.query_context import utc_now
from services.query.api.schemas import sessions as schemas
from services.query.records import requests
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1/analytics", description="Sessions")


@blueprint.get("/<int:project_id>/sessions")
@blueprint.arguments(schemas.SessionsQuery, location="query")
@blueprint.response(200, schemas.SessionsAnswer)
def get_sessions(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """List sessions that started in the range, newest first, with the metrics of all of them."""
    return requests.sessions(project_for(project_id), query, utc_now())


@blueprint.get("/admin/sessions/")
@blueprint.arguments(schemas.AdminSessionsQuery, location="query")
@blueprint.response(200, schemas.SessionsAnswer)
def get_admin_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """List sessions, newest first (path of mobile back ends)."""
    return requests.sessions(project_for(query["project_id"]), query, utc_now())
