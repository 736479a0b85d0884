"""Sessions of a project."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.schemas import sessions as schemas
from services.query.records.sessions import SESSION_LIST
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1/analytics", description="Sessions")


@blueprint.get("/<int:project_id>/sessions")
@blueprint.arguments(schemas.SessionListRequest, location="query")
@blueprint.response(200, response_schema(SESSION_LIST.response))
def get_sessions(query: dict[str, Any], project_id: int) -> Response:
    """List sessions that started in the range, newest first, with the metrics of all of them."""
    return jsonify(SESSION_LIST.answer(query_request(project_id, query)))


@blueprint.get("/admin/sessions/")
@blueprint.arguments(schemas.ProjectSessionListRequest, location="query")
@blueprint.response(200, response_schema(SESSION_LIST.response))
def get_admin_sessions(query: dict[str, Any]) -> Response:
    """List sessions, newest first (path of mobile back ends)."""
    return jsonify(SESSION_LIST.answer(query_request(query["project_id"], query)))
