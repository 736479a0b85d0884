"""Insights: each kind as POST with a JSON body, and as GET with the same query in the URL."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, ValidationError

from services.query.api.query_context import query_context
from services.query.api.schemas import insights as schemas
from services.query.reports.registry import run_funnel_persons, run_insight
from shared.errors import Unprocessable
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "insights",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/insights",
    description="Insights",
)


@blueprint.post("/trends")
@blueprint.arguments(schemas.TrendsQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_trends(data: dict[str, Any], project_id: int) -> Response:
    """Count events or persons over time, in one or more series."""
    return _answer("trends", project_id, data)


@blueprint.get("/trends")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_trends(url: dict[str, Any], project_id: int) -> Response:
    """Count events or persons over time, in one or more series."""
    return _answer_url("trends", project_id, url)


@blueprint.post("/funnel")
@blueprint.arguments(schemas.FunnelQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_funnel(data: dict[str, Any], project_id: int) -> Response:
    """Count the persons who go from step to step."""
    return _answer("funnel", project_id, data)


@blueprint.get("/funnel")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_funnel(url: dict[str, Any], project_id: int) -> Response:
    """Count the persons who go from step to step."""
    return _answer_url("funnel", project_id, url)


@blueprint.post("/retention")
@blueprint.arguments(schemas.RetentionQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_retention(data: dict[str, Any], project_id: int) -> Response:
    """Count the persons who come back, by the interval they started in."""
    return _answer("retention", project_id, data)


@blueprint.get("/retention")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_retention(url: dict[str, Any], project_id: int) -> Response:
    """Count the persons who come back, by the interval they started in."""
    return _answer_url("retention", project_id, url)


@blueprint.post("/paths")
@blueprint.arguments(schemas.PathsQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_paths(data: dict[str, Any], project_id: int) -> Response:
    """Count what follows what in the visits of persons."""
    return _answer("paths", project_id, data)


@blueprint.get("/paths")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_paths(url: dict[str, Any], project_id: int) -> Response:
    """Count what follows what in the visits of persons."""
    return _answer_url("paths", project_id, url)


@blueprint.post("/lifecycle")
@blueprint.arguments(schemas.LifecycleQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_lifecycle(data: dict[str, Any], project_id: int) -> Response:
    """Count new, returning, resurrecting and dormant persons over time."""
    return _answer("lifecycle", project_id, data)


@blueprint.get("/lifecycle")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_lifecycle(url: dict[str, Any], project_id: int) -> Response:
    """Count new, returning, resurrecting and dormant persons over time."""
    return _answer_url("lifecycle", project_id, url)


@blueprint.post("/stickiness")
@blueprint.arguments(schemas.StickinessQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_stickiness(data: dict[str, Any], project_id: int) -> Response:
    """Count persons by the number of days they are active."""
    return _answer("stickiness", project_id, data)


@blueprint.get("/stickiness")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_stickiness(url: dict[str, Any], project_id: int) -> Response:
    """Count persons by the number of days they are active."""
    return _answer_url("stickiness", project_id, url)


@blueprint.post("/breakdown")
@blueprint.arguments(schemas.BreakdownQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_breakdown(data: dict[str, Any], project_id: int) -> Response:
    """Count events and persons by value of a property."""
    return _answer("breakdown", project_id, data)


@blueprint.get("/breakdown")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_breakdown(url: dict[str, Any], project_id: int) -> Response:
    """Count events and persons by value of a property."""
    return _answer_url("breakdown", project_id, url)


@blueprint.post("/sessions")
@blueprint.arguments(schemas.SessionsQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_sessions(data: dict[str, Any], project_id: int) -> Response:
    """Measure sessions: number, length, bounce rate, entry and exit pages."""
    return _answer("sessions", project_id, data)


@blueprint.get("/sessions")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_sessions(url: dict[str, Any], project_id: int) -> Response:
    """Measure sessions: number, length, bounce rate, entry and exit pages."""
    return _answer_url("sessions", project_id, url)


@blueprint.post("/revenue")
@blueprint.arguments(schemas.RevenueQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_revenue(data: dict[str, Any], project_id: int) -> Response:
    """Measure revenue per active and per paying person, and lifetime value."""
    return _answer("revenue", project_id, data)


@blueprint.get("/revenue")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_revenue(url: dict[str, Any], project_id: int) -> Response:
    """Measure revenue per active and per paying person, and lifetime value."""
    return _answer_url("revenue", project_id, url)


@blueprint.post("/game")
@blueprint.arguments(schemas.GameQuery)
@blueprint.response(200, schemas.InsightAnswer)
def post_game(data: dict[str, Any], project_id: int) -> Response:
    """Measure a game: activity, retention, progression and resources."""
    return _answer("game", project_id, data)


@blueprint.get("/game")
@blueprint.arguments(schemas.InUrl, location="query")
@blueprint.response(200, schemas.InsightAnswer)
def get_game(url: dict[str, Any], project_id: int) -> Response:
    """Measure a game: activity, retention, progression and resources."""
    return _answer_url("game", project_id, url)


@blueprint.post("/funnel/persons")
@blueprint.arguments(schemas.FunnelPersonsQuery)
@blueprint.response(200)
def post_funnel_persons(data: dict[str, Any], project_id: int) -> Response:
    """List the persons who reached a step of a funnel, or dropped out before it."""
    return jsonify(run_funnel_persons(query_context(project_id, data)))


def request_schema(kind: str) -> Schema:
    """Return the schema of requests for a kind of insight."""
    return schemas.REQUESTS[kind]()


def flatten_errors(field: str, messages: Any) -> dict[str, list[str]]:
    """Return nested validation messages under dotted field names."""
    if isinstance(messages, dict):
        flat: dict[str, list[str]] = {}
        for key, inner in messages.items():
            flat |= flatten_errors(f"{field}.{key}" if field else str(key), inner)
        return flat
    return {field or "query": [str(message) for message in messages]}


def _answer(kind: str, project_id: int, data: dict[str, Any]) -> Response:
    return jsonify(run_insight(kind, query_context(project_id, data)))


def _answer_url(kind: str, project_id: int, url: dict[str, Any]) -> Response:
    try:
        data = schemas.from_url(request_schema(kind), url["query"])
    except ValidationError as error:
        raise Unprocessable(
            "The query in the URL is not valid; see errors.",
            errors=flatten_errors("", error.messages),
        ) from error
    return _answer(kind, project_id, data)
