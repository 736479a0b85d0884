"""Communities of a project, and where their visitors come from."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import communities as schemas
from services.query.api.schemas.common import RangeRequest
from services.query.saved.divisions import COMMUNITIES, CommunityResponse
from services.query.visitors.communities import ALL_COMMUNITIES, COMMUNITY_VISITORS
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "communities",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>",
    description="Communities",
)
add_object_routes(
    blueprint,
    COMMUNITIES,
    CommunityResponse,
    schemas.CommunityRequest,
    schemas.COMMUNITY_UPDATE,
    path="/communities",
)


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
