"""The health of a project's data, and whether a new app reaches it."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.query.api.query_request import query_request, utc_now
from services.query.api.responses import json_response
from services.query.api.schemas import ingestion as schemas
from services.query.records.install_check import InstallCheckResponse, check_install
from services.query.records.project_health import ProjectHealthResponse, read_health
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "project_health",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>",
    description="Received events",
)


@blueprint.get("/health")
@blueprint.arguments(schemas.HealthRequest, location="query")
@blueprint.response(200, response_schema(ProjectHealthResponse))
def get_project_health(query: dict[str, Any], project_id: int) -> Response:
    """Get what came of received events, how fast they were stored, and the use of limits."""
    undeclared_proxy = request.headers.get("X-Undeclared-Proxy") or None  # from the gateway only
    return json_response(read_health(query_request(project_id, query), undeclared_proxy))


@blueprint.get("/install-check")
@blueprint.response(200, response_schema(InstallCheckResponse))
def get_install_check(project_id: int) -> Response:
    """Get the latest events, and why events of the last hour were refused."""
    project_for(project_id)
    return json_response(check_install(project_id, utc_now()))
