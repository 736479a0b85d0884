"""Dashboards: saved insights in an order, with a public link if wanted."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.responses import json_response
from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import dashboards as schemas
from services.query.saved.dashboards import (
    DASHBOARDS,
    DashboardResponse,
    ShareLinkResponse,
    create_share_link,
    revoke_share_link,
)
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "dashboards",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/dashboards",
    description="Dashboards",
)
add_object_routes(
    blueprint, DASHBOARDS, DashboardResponse, schemas.DashboardRequest, schemas.DASHBOARD_UPDATE
)


@blueprint.post("/<string:key>/share")
@blueprint.arguments(schemas.ShareRequest)
@blueprint.response(200, response_schema(ShareLinkResponse))
def share_dashboard(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Create a public link, shown once. An older link stops working."""
    project_for(project_id, "member")
    return json_response(create_share_link(project_id, key, data))


@blueprint.delete("/<string:key>/share")
@blueprint.response(204)
def unshare_dashboard(project_id: int, key: str) -> tuple[str, int]:
    """Revoke the public link of a dashboard."""
    project_for(project_id, "member")
    revoke_share_link(project_id, key)
    return "", 204
