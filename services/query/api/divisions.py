"""Administrative divisions of a project."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.responses import json_response
from services.query.api.schemas import divisions as schemas
from services.query.saved.divisions import DIVISIONS, DivisionResponse
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
    "divisions",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/divisions",
    description="Administrative divisions",
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(DivisionResponse))
def list_divisions(query: dict[str, Any], project_id: int) -> Response:
    """List divisions."""
    project_for(project_id)
    return json_response(list_objects(DIVISIONS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.DivisionRequest)
@blueprint.response(201, response_schema(DivisionResponse))
def create_division(data: dict[str, Any], project_id: int) -> Response:
    """Create a division."""
    project_for(project_id, "member")
    return json_response(create_object(DIVISIONS, project_id, data, current_caller().user_id), 201)


@blueprint.get("/<string:key>")
@blueprint.response(200, response_schema(DivisionResponse))
def get_division(project_id: int, key: str) -> Response:
    """Get a division."""
    project_for(project_id)
    return json_response(get_object(DIVISIONS, project_id, key))


@blueprint.patch("/<string:key>")
@blueprint.arguments(schemas.DIVISION_UPDATE)
@blueprint.response(200, response_schema(DivisionResponse))
def update_division(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Change the given fields of a division."""
    project_for(project_id, "member")
    return json_response(update_object(DIVISIONS, project_id, key, data))


@blueprint.delete("/<string:key>")
@blueprint.response(204)
def delete_division(project_id: int, key: str) -> tuple[str, int]:
    """Delete a division. No community and no other division may belong to it."""
    project_for(project_id, "member")
    delete_object(DIVISIONS, project_id, key)
    return "", 204
