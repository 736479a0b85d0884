"""Groups of a project, such as companies."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.query_request import query_request
from services.query.api.responses import json_response
from services.query.api.schemas import groups as schemas
from services.query.records import groups
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "groups",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/groups",
    description="Groups that persons act for, such as companies",
)


@blueprint.get("/types")
@blueprint.response(200, response_schema(groups.GroupTypeListResponse))
def list_group_types(project_id: int) -> Response:
    """List the types of groups, the largest first."""
    project_for(project_id)
    return json_response(groups.list_group_types(project_id))


@blueprint.get("/")
@blueprint.arguments(schemas.GroupListRequest, location="query")
@blueprint.response(200, response_schema(groups.GroupListResponse))
def list_groups(query: dict[str, Any], project_id: int) -> Response:
    """List the groups of a type by key: all, or those with a text in the key or a property."""
    plan = groups.parse_group_list(query_request(project_id, query))
    return json_response(groups.list_groups(plan))


@blueprint.get("/one")
@blueprint.arguments(schemas.GroupRequest, location="query")
@blueprint.response(200, response_schema(groups.GroupResponse))
def get_group(query: dict[str, Any], project_id: int) -> Response:
    """Get a group with its properties, and its events and persons in the range."""
    return json_response(groups.get_group(groups.parse_group(query_request(project_id, query))))
