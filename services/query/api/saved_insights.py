"""Saved insights: queries with a name, for everybody in the project."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.responses import json_response
from services.query.api.saved_queries import check_saved_query
from services.query.api.schemas import saved_insights as schemas
from services.query.saved.objects import (
    create_object,
    delete_object,
    get_object,
    list_objects,
    update_object,
)
from services.query.saved.saved_insights import SAVED_INSIGHTS, SavedInsightResponse
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "saved_insights",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/saved-insights",
    description="Saved insights",
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(SavedInsightResponse))
def list_saved_insights(query: dict[str, Any], project_id: int) -> Response:
    """List saved insights."""
    project_for(project_id)
    return json_response(list_objects(SAVED_INSIGHTS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.SavedInsightRequest)
@blueprint.response(201, response_schema(SavedInsightResponse))
def create_saved_insight(data: dict[str, Any], project_id: int) -> Response:
    """Create a saved insight."""
    project_for(project_id, "member")
    check_saved_query(project_id, data["kind"], data["query"])
    return json_response(
        create_object(SAVED_INSIGHTS, project_id, data, current_caller().user_id), 201
    )


@blueprint.get("/<string:key>")
@blueprint.response(200, response_schema(SavedInsightResponse))
def get_saved_insight(project_id: int, key: str) -> Response:
    """Get a saved insight."""
    project_for(project_id)
    return json_response(get_object(SAVED_INSIGHTS, project_id, key))


@blueprint.patch("/<string:key>")
@blueprint.arguments(schemas.SAVED_INSIGHT_UPDATE)
@blueprint.response(200, response_schema(SavedInsightResponse))
def update_saved_insight(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Change the given fields of a saved insight."""
    project_for(project_id, "member")
    if data.keys() & {"kind", "query"}:
        saved = get_object(SAVED_INSIGHTS, project_id, key)
        check_saved_query(project_id, data.get("kind", saved.kind), data.get("query", saved.query))
    return json_response(update_object(SAVED_INSIGHTS, project_id, key, data))


@blueprint.delete("/<string:key>")
@blueprint.response(204)
def delete_saved_insight(project_id: int, key: str) -> tuple[str, int]:
    """Delete a saved insight."""
    project_for(project_id, "member")
    delete_object(SAVED_INSIGHTS, project_id, key)
    return "", 204
