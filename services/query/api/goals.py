"""Goals: what visitors should do, and how many did."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.responses import json_response
from services.query.api.schemas import goals as schemas
from services.query.reports.goals import GOAL_REPORT
from services.query.saved.goals import GOALS, GoalResponse, goals_of
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
    "goals", __name__, url_prefix="/api/v1/analytics/<int:project_id>/goals", description="Goals"
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(GoalResponse))
def list_goals(query: dict[str, Any], project_id: int) -> Response:
    """List goals."""
    project_for(project_id)
    return json_response(list_objects(GOALS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.GoalRequest)
@blueprint.response(201, response_schema(GoalResponse))
def create_goal(data: dict[str, Any], project_id: int) -> Response:
    """Create a goal."""
    project_for(project_id, "member")
    return json_response(create_object(GOALS, project_id, data, current_caller().user_id), 201)


@blueprint.get("/report")
@blueprint.arguments(schemas.GoalReportRequest, location="query")
@blueprint.response(200, response_schema(GOAL_REPORT.response))
def get_goal_report(query: dict[str, Any], project_id: int) -> Response:
    """Count the conversions of every goal, in total and over time."""
    project_for(project_id)
    data = {**query, "goals": goals_of(project_id)}
    return jsonify(GOAL_REPORT.answer(query_request(project_id, data)))


@blueprint.get("/<string:key>")
@blueprint.response(200, response_schema(GoalResponse))
def get_goal(project_id: int, key: str) -> Response:
    """Get a goal."""
    project_for(project_id)
    return json_response(get_object(GOALS, project_id, key))


@blueprint.patch("/<string:key>")
@blueprint.arguments(schemas.GOAL_UPDATE)
@blueprint.response(200, response_schema(GoalResponse))
def update_goal(data: dict[str, Any], project_id: int, key: str) -> Response:
    """Change the given fields of a goal."""
    project_for(project_id, "member")
    return json_response(update_object(GOALS, project_id, key, data))


@blueprint.delete("/<string:key>")
@blueprint.response(204)
def delete_goal(project_id: int, key: str) -> tuple[str, int]:
    """Delete a goal."""
    project_for(project_id, "member")
    delete_object(GOALS, project_id, key)
    return "", 204
