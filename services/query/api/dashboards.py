"""Dashboards: saved insights in an order, with a public link if wanted."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.responses import json_response
from services.query.api.schemas import dashboards as schemas
from services.query.saved.dashboards import (
    DASHBOARDS,
    DashboardResponse,
    ShareLinkResponse,
    create_share_link,
    revoke_share_link,
)
from services.query.saved.objects import (
    create_object,
    delete_object,
    get_object,
    list_objects,
    update_object,
)
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "dashboards",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/dashboards",
    description="Dashboards",
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(DashboardResponse))
def list_dashboards(query: dict[str, Any], project_id: int) -> Response:
    """List dashboards."""
    project_for(project_id)
    return json_response(list_objects(DASHBOARDS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.DashboardRequest)
@blueprint.response(201, response_schema(DashboardResponse))
def create_dashboard(data: dict[str, Any], project_id: int) -> Response:
    """Create a dashboard."""
    project_for(project_id, "member")
    return json_response(create_object(DASHBOARDS, project_id, data, current_caller().user_id), 201)


@blueprint.get("/<string:key>")
@blueprint.response(200, response_schema(DashboardResponse))
def get_dashboard(project_id: int, key: str) -> Response:
    """Get a dashboard."""
    project_for(project_id)
    return json_response(get_object(DASHBOARDS, project_id, key))


@blueprint.patch("/<string:key>")
@blueprint.arguments(schemas.DASHBOARD_UPDATE)
@blueprint.response(200, response_schema(DashboardResponse))
def update_dashboard(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Change the given fields of a dashboard."""
    project_for(project_id, "member")
    return json_response(update_object(DASHBOARDS, project_id, key, data))


@blueprint.delete("/<string:key>")
@blueprint.response(204)
def delete_dashboard(project_id: int, key: str) -> tuple[str, int]:
    """Delete a dashboard."""
    project_for(project_id, "member")
    delete_object(DASHBOARDS, project_id, key)
    return "", 204


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
