"""Insights: each kind as POST with a JSON body, and as GET with the same query in the URL."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, ValidationError

from services.query.api.query_request import query_request
from services.query.api.schemas import insights as schemas
from services.query.reports.funnel import FunnelPersonsResponse
from services.query.reports.registry import run_funnel_persons, run_insight
from shared.errors import ErrorCode, Unprocessable
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema
from shared.web.schemas import flatten_errors

blueprint = Blueprint(
    "insights",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/insights",
    description="Insights",
)


@blueprint.post("/trends")
@blueprint.arguments(schemas.TrendsRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_trends(data: dict[str, Any], project_id: int) -> Response:
    """Count events or persons over time, in one or more series."""
    return _answer("trends", project_id, data)


@blueprint.get("/trends")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_trends(url: dict[str, Any], project_id: int) -> Response:
    """Count events or persons over time, in one or more series."""
    return _answer_url("trends", project_id, url)


@blueprint.post("/funnel")
@blueprint.arguments(schemas.FunnelRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_funnel(data: dict[str, Any], project_id: int) -> Response:
    """Count the persons who go from step to step."""
    return _answer("funnel", project_id, data)


@blueprint.get("/funnel")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_funnel(url: dict[str, Any], project_id: int) -> Response:
    """Count the persons who go from step to step."""
    return _answer_url("funnel", project_id, url)


@blueprint.post("/retention")
@blueprint.arguments(schemas.RetentionRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_retention(data: dict[str, Any], project_id: int) -> Response:
    """Count the persons who come back, by the interval they started in."""
    return _answer("retention", project_id, data)


@blueprint.get("/retention")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_retention(url: dict[str, Any], project_id: int) -> Response:
    """Count the persons who come back, by the interval they started in."""
    return _answer_url("retention", project_id, url)


@blueprint.post("/paths")
@blueprint.arguments(schemas.PathsRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_paths(data: dict[str, Any], project_id: int) -> Response:
    """Count what follows what in the visits of persons."""
    return _answer("paths", project_id, data)


@blueprint.get("/paths")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_paths(url: dict[str, Any], project_id: int) -> Response:
    """Count what follows what in the visits of persons."""
    return _answer_url("paths", project_id, url)


@blueprint.post("/lifecycle")
@blueprint.arguments(schemas.LifecycleRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_lifecycle(data: dict[str, Any], project_id: int) -> Response:
    """Count new, returning, resurrecting and dormant persons over time."""
    return _answer("lifecycle", project_id, data)


@blueprint.get("/lifecycle")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_lifecycle(url: dict[str, Any], project_id: int) -> Response:
    """Count new, returning, resurrecting and dormant persons over time."""
    return _answer_url("lifecycle", project_id, url)


@blueprint.post("/stickiness")
@blueprint.arguments(schemas.StickinessRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_stickiness(data: dict[str, Any], project_id: int) -> Response:
    """Count persons by the number of days they are active."""
    return _answer("stickiness", project_id, data)


@blueprint.get("/stickiness")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_stickiness(url: dict[str, Any], project_id: int) -> Response:
    """Count persons by the number of days they are active."""
    return _answer_url("stickiness", project_id, url)


@blueprint.post("/breakdown")
@blueprint.arguments(schemas.BreakdownRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_breakdown(data: dict[str, Any], project_id: int) -> Response:
    """Count events and persons by value of a property."""
    return _answer("breakdown", project_id, data)


@blueprint.get("/breakdown")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_breakdown(url: dict[str, Any], project_id: int) -> Response:
    """Count events and persons by value of a property."""
    return _answer_url("breakdown", project_id, url)


@blueprint.post("/sessions")
@blueprint.arguments(schemas.SessionsRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_sessions(data: dict[str, Any], project_id: int) -> Response:
    """Measure sessions: number, length, bounce rate, entry and exit pages."""
    return _answer("sessions", project_id, data)


@blueprint.get("/sessions")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_sessions(url: dict[str, Any], project_id: int) -> Response:
    """Measure sessions: number, length, bounce rate, entry and exit pages."""
    return _answer_url("sessions", project_id, url)


@blueprint.post("/revenue")
@blueprint.arguments(schemas.RevenueRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_revenue(data: dict[str, Any], project_id: int) -> Response:
    """Measure revenue per active and per paying person, and lifetime value."""
    return _answer("revenue", project_id, data)


@blueprint.get("/revenue")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_revenue(url: dict[str, Any], project_id: int) -> Response:
    """Measure revenue per active and per paying person, and lifetime value."""
    return _answer_url("revenue", project_id, url)


@blueprint.post("/game")
@blueprint.arguments(schemas.GameRequest)
@blueprint.response(200, schemas.InsightAnswer)
def post_game(data: dict[str, Any], project_id: int) -> Response:
    """Measure a game: activity, retention, progression and resources."""
    return _answer("game", project_id, data)


@blueprint.get("/game")
@blueprint.arguments(schemas.InsightUrlRequest, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_game(url: dict[str, Any], project_id: int) -> Response:
    """Measure a game: activity, retention, progression and resources."""
    return _answer_url("game", project_id, url)


@blueprint.post("/funnel/persons")
@blueprint.arguments(schemas.FunnelPersonsRequest)
@blueprint.response(200, response_schema(FunnelPersonsResponse))
def post_funnel_persons(data: dict[str, Any], project_id: int) -> Response:
    """List the persons who reached a step of a funnel, or dropped out before it."""
    return jsonify(run_funnel_persons(query_request(project_id, data)))


def request_schema(kind: str) -> Schema:
    """Return the schema of requests for a kind of insight."""
    return schemas.REQUESTS[kind]()


def _answer(kind: str, project_id: int, data: dict[str, Any]) -> Response:
    return jsonify(run_insight(kind, query_request(project_id, data)))


def _answer_url(kind: str, project_id: int, url: dict[str, Any]) -> Response:
    try:
        data = schemas.from_url(request_schema(kind), url["query"])
    except ValidationError as error:
        raise Unprocessable(
            "The query in the URL is not valid; see errors.",
            code=ErrorCode.INVALID_FIELDS,
            errors=flatten_errors(error.messages, root="query"),
        ) from error
    return _answer(kind, project_id, data)
