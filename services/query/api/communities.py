"""Communities of a project, and where their visitors come from."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.responses import json_response
from services.query.api.schemas import communities as schemas
from services.query.api.schemas.common import RangeRequest
from services.query.saved.divisions import COMMUNITIES, CommunityResponse
from services.query.saved.objects import (
    create_object,
    delete_object,
    get_object,
    list_objects,
    update_object,
)
from services.query.visitors.communities import ALL_COMMUNITIES, COMMUNITY_VISITORS
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "communities",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>",
    description="Communities",
)


@blueprint.get("/communities/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(CommunityResponse))
def list_communities(query: dict[str, Any], project_id: int) -> Response:
    """List communities."""
    project_for(project_id)
    return json_response(list_objects(COMMUNITIES, project_id, query["limit"], query["cursor"]))


@blueprint.post("/communities/")
@blueprint.arguments(schemas.CommunityRequest)
@blueprint.response(201, response_schema(CommunityResponse))
def create_community(data: dict[str, Any], project_id: int) -> Response:
    """Create a community."""
    project_for(project_id, "member")
    return json_response(
        create_object(COMMUNITIES, project_id, data, current_caller().user_id), 201
    )


@blueprint.get("/communities/<string:key>")
@blueprint.response(200, response_schema(CommunityResponse))
def get_community(project_id: int, key: str) -> Response:
    """Get a community."""
    project_for(project_id)
    return json_response(get_object(COMMUNITIES, project_id, key))


@blueprint.patch("/communities/<string:key>")
@blueprint.arguments(schemas.COMMUNITY_UPDATE)
@blueprint.response(200, response_schema(CommunityResponse))
def update_community(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Change the given fields of a community."""
    project_for(project_id, "member")
    return json_response(update_object(COMMUNITIES, project_id, key, data))


@blueprint.delete("/communities/<string:key>")
@blueprint.response(204)
def delete_community(project_id: int, key: str) -> tuple[str, int]:
    """Delete a community."""
    project_for(project_id, "member")
    delete_object(COMMUNITIES, project_id, key)
    return "", 204


@blueprint.get("/communities/<string:key>/visitors/")
@blueprint.arguments(RangeRequest, location="query")
@blueprint.response(200, response_schema(COMMUNITY_VISITORS.response))
def get_community_visitors(query: dict[str, Any], project_id: int, key: str) -> Response:
    """Count a community's visitors by day, from its own division and from others."""
    return jsonify(
        COMMUNITY_VISITORS.answer(query_request(project_id, {**query, "community_id": key}))
    )


@blueprint.get("/community-visitors/")
@blueprint.arguments(RangeRequest, location="query")
@blueprint.response(200, response_schema(ALL_COMMUNITIES.response))
def get_communities_visitors(query: dict[str, Any], project_id: int) -> Response:
    """Count every community's visitors, from its own division and from others."""
    return jsonify(ALL_COMMUNITIES.answer(query_request(project_id, query)))
