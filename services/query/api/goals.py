"""Goals: what visitors should do, and how many did."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import goals as schemas
from services.query.reports.goals import GOAL_REPORT
from services.query.saved.goals import GOALS, GoalResponse, goals_of
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "goals", __name__, url_prefix="/api/v1/analytics/<int:project_id>/goals", description="Goals"
)
add_object_routes(blueprint, GOALS, GoalResponse, schemas.GoalRequest, schemas.GOAL_UPDATE)


@blueprint.get("/report")
@blueprint.arguments(schemas.GoalReportRequest, location="query")
@blueprint.response(200, response_schema(GOAL_REPORT.response))
def get_goal_report(query: dict[str, Any], project_id: int) -> Response:
    """Count the conversions of every goal, in total and over time."""
    project_for(project_id)
    data = {**query, "goals": goals_of(project_id)}
    return jsonify(GOAL_REPORT.answer(query_request(project_id, data)))
