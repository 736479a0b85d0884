"""Annotations: notes at a point in time, shown in charts."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.responses import json_response
from services.query.api.schemas import annotations as schemas
from services.query.saved.annotations import ANNOTATIONS, AnnotationResponse
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
    "annotations",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/annotations",
    description="Annotations",
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(AnnotationResponse))
def list_annotations(query: dict[str, Any], project_id: int) -> Response:
    """List annotations."""
    project_for(project_id)
    return json_response(list_objects(ANNOTATIONS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.AnnotationRequest)
@blueprint.response(201, response_schema(AnnotationResponse))
def create_annotation(data: dict[str, Any], project_id: int) -> Response:
    """Create an annotation."""
    project_for(project_id, "member")
    return json_response(
        create_object(ANNOTATIONS, project_id, data, current_caller().user_id), 201
    )


@blueprint.get("/<string:key>")
@blueprint.response(200, response_schema(AnnotationResponse))
def get_annotation(project_id: int, key: str) -> Response:
    """Get an annotation."""
    project_for(project_id)
    return json_response(get_object(ANNOTATIONS, project_id, key))


@blueprint.patch("/<string:key>")
@blueprint.arguments(schemas.ANNOTATION_UPDATE)
@blueprint.response(200, response_schema(AnnotationResponse))
def update_annotation(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Change the given fields of an annotation."""
    project_for(project_id, "member")
    return json_response(update_object(ANNOTATIONS, project_id, key, data))


@blueprint.delete("/<string:key>")
@blueprint.response(204)
def delete_annotation(project_id: int, key: str) -> tuple[str, int]:
    """Delete an annotation."""
    project_for(project_id, "member")
    delete_object(ANNOTATIONS, project_id, key)
    return "", 204
