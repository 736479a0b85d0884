"""The values of a property, to choose from in a filter."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.schemas.event_catalog import PropertyValuesRequest
from services.query.records.property_values import PROPERTY_VALUES
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "property_values",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/properties",
    description="Event names and properties",
)


@blueprint.get("/<path:name>/values")
@blueprint.arguments(PropertyValuesRequest, location="query")
@blueprint.response(200, response_schema(PROPERTY_VALUES.response))
def list_property_values(query: dict[str, Any], project_id: int, name: str) -> Response:
    """List the values that a property had in the last 30 days, most frequent first."""
    return jsonify(PROPERTY_VALUES.answer(query_request(project_id, {**query, "name": name})))
