"""The web report: visits in total and over time, and the lists of their visitors."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.schemas import web as schemas
from services.query.parsing.web_dimensions import WEB_DIMENSIONS
from services.query.reports.web import WEB
from services.query.reports.web_values import WEB_VALUES
from services.query.saved.goals import selector_of_goal
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "web", __name__, url_prefix="/api/v1/analytics/<int:project_id>/web", description="Web report"
)
_DIMENSIONS = ", ".join(WEB_DIMENSIONS)


@blueprint.get("/")
@blueprint.arguments(schemas.WebRequest, location="query")
@blueprint.response(200, response_schema(WEB.response))
def get_web(query: dict[str, Any], project_id: int) -> Response:
    """Count visitors, visits and page views, and measure bounces and durations."""
    return jsonify(WEB.answer(query_request(project_id, query)))


@blueprint.get(f"/<any({_DIMENSIONS}):dimension>")
@blueprint.arguments(schemas.WebValuesRequest, location="query")
@blueprint.response(200, response_schema(WEB_VALUES.response))
def get_web_values(query: dict[str, Any], project_id: int, dimension: str) -> Response:
    """List visitors by source, page, country, browser or another property of visits."""
    project_for(project_id)
    goal = query["goal"]
    selector = None if goal is None else selector_of_goal(project_id, goal)
    data = {**query, "dimension": dimension, "goal": selector}
    return jsonify(WEB_VALUES.answer(query_request(project_id, data)))
