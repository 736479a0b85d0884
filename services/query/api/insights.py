"""Insights: each kind as POST with a JSON body, and as GET with the same query in the URL."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import ValidationError

from services.query.api.query_request import query_request, utc_now
from services.query.api.responses import json_response
from services.query.api.schemas.insights import InsightUrlRequest, load_from_url
from services.query.execution.insight import Insight
from services.query.reports import (
    breakdown,
    funnel,
    funnel_trend,
    game,
    lifecycle,
    paths,
    project_trends,
    retention,
    revenue,
    session_metrics,
    stickiness,
    trends,
)
from shared.auth.access import project_for
from shared.errors import ErrorCode, NotFound, Unprocessable
from shared.web.blueprint import Blueprint
from shared.web.request_schemas import request_schema
from shared.web.response_schemas import response_schema
from shared.web.schemas import flatten_errors

blueprint = Blueprint(
    "insights",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/insights",
    description="Insights",
)


@blueprint.post("/trends")
@blueprint.doc(summary=trends.INSIGHT.summary)
@blueprint.arguments(request_schema(trends.INSIGHT.request))
@blueprint.response(200, response_schema(trends.INSIGHT.response))
def post_trends(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: trends."""
    return _answer(trends.INSIGHT, project_id, data)


@blueprint.get("/trends")
@blueprint.doc(summary=trends.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(trends.INSIGHT.response))
def get_trends(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: trends."""
    return _answer_url(trends.INSIGHT, project_id, url)


@blueprint.post("/trends/projects")
@blueprint.arguments(request_schema(project_trends.ProjectTrendsRequest))
@blueprint.response(200, response_schema(project_trends.ProjectTrendsResponse))
def post_project_trends(data: dict[str, Any], project_id: int) -> Response:
    """Answer a trends query for several projects, without those that the caller may not read."""
    access = project_for(project_id)
    readable = {
        found.id: found for found in map(_readable, data["project_ids"]) if found is not None
    }
    answer = project_trends.run_project_trends(access.timezone, utc_now(), data, readable)
    return json_response(answer)


@blueprint.post("/funnel")
@blueprint.doc(summary=funnel.INSIGHT.summary)
@blueprint.arguments(request_schema(funnel.INSIGHT.request))
@blueprint.response(200, response_schema(funnel.INSIGHT.response))
def post_funnel(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: funnel."""
    return _answer(funnel.INSIGHT, project_id, data)


@blueprint.get("/funnel")
@blueprint.doc(summary=funnel.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(funnel.INSIGHT.response))
def get_funnel(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: funnel."""
    return _answer_url(funnel.INSIGHT, project_id, url)


@blueprint.post("/retention")
@blueprint.doc(summary=retention.INSIGHT.summary)
@blueprint.arguments(request_schema(retention.INSIGHT.request))
@blueprint.response(200, response_schema(retention.INSIGHT.response))
def post_retention(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: retention."""
    return _answer(retention.INSIGHT, project_id, data)


@blueprint.get("/retention")
@blueprint.doc(summary=retention.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(retention.INSIGHT.response))
def get_retention(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: retention."""
    return _answer_url(retention.INSIGHT, project_id, url)


@blueprint.post("/paths")
@blueprint.doc(summary=paths.INSIGHT.summary)
@blueprint.arguments(request_schema(paths.INSIGHT.request))
@blueprint.response(200, response_schema(paths.INSIGHT.response))
def post_paths(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: paths."""
    return _answer(paths.INSIGHT, project_id, data)


@blueprint.get("/paths")
@blueprint.doc(summary=paths.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(paths.INSIGHT.response))
def get_paths(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: paths."""
    return _answer_url(paths.INSIGHT, project_id, url)


@blueprint.post("/lifecycle")
@blueprint.doc(summary=lifecycle.INSIGHT.summary)
@blueprint.arguments(request_schema(lifecycle.INSIGHT.request))
@blueprint.response(200, response_schema(lifecycle.INSIGHT.response))
def post_lifecycle(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: lifecycle."""
    return _answer(lifecycle.INSIGHT, project_id, data)


@blueprint.get("/lifecycle")
@blueprint.doc(summary=lifecycle.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(lifecycle.INSIGHT.response))
def get_lifecycle(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: lifecycle."""
    return _answer_url(lifecycle.INSIGHT, project_id, url)


@blueprint.post("/stickiness")
@blueprint.doc(summary=stickiness.INSIGHT.summary)
@blueprint.arguments(request_schema(stickiness.INSIGHT.request))
@blueprint.response(200, response_schema(stickiness.INSIGHT.response))
def post_stickiness(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: stickiness."""
    return _answer(stickiness.INSIGHT, project_id, data)


@blueprint.get("/stickiness")
@blueprint.doc(summary=stickiness.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(stickiness.INSIGHT.response))
def get_stickiness(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: stickiness."""
    return _answer_url(stickiness.INSIGHT, project_id, url)


@blueprint.post("/breakdown")
@blueprint.doc(summary=breakdown.INSIGHT.summary)
@blueprint.arguments(request_schema(breakdown.INSIGHT.request))
@blueprint.response(200, response_schema(breakdown.INSIGHT.response))
def post_breakdown(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: breakdown."""
    return _answer(breakdown.INSIGHT, project_id, data)


@blueprint.get("/breakdown")
@blueprint.doc(summary=breakdown.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(breakdown.INSIGHT.response))
def get_breakdown(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: breakdown."""
    return _answer_url(breakdown.INSIGHT, project_id, url)


@blueprint.post("/sessions")
@blueprint.doc(summary=session_metrics.INSIGHT.summary)
@blueprint.arguments(request_schema(session_metrics.INSIGHT.request))
@blueprint.response(200, response_schema(session_metrics.INSIGHT.response))
def post_sessions(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: sessions."""
    return _answer(session_metrics.INSIGHT, project_id, data)


@blueprint.get("/sessions")
@blueprint.doc(summary=session_metrics.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(session_metrics.INSIGHT.response))
def get_sessions(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: sessions."""
    return _answer_url(session_metrics.INSIGHT, project_id, url)


@blueprint.post("/revenue")
@blueprint.doc(summary=revenue.INSIGHT.summary)
@blueprint.arguments(request_schema(revenue.INSIGHT.request))
@blueprint.response(200, response_schema(revenue.INSIGHT.response))
def post_revenue(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: revenue."""
    return _answer(revenue.INSIGHT, project_id, data)


@blueprint.get("/revenue")
@blueprint.doc(summary=revenue.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(revenue.INSIGHT.response))
def get_revenue(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: revenue."""
    return _answer_url(revenue.INSIGHT, project_id, url)


@blueprint.post("/game")
@blueprint.doc(summary=game.INSIGHT.summary)
@blueprint.arguments(request_schema(game.INSIGHT.request))
@blueprint.response(200, response_schema(game.INSIGHT.response))
def post_game(data: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the body: game."""
    return _answer(game.INSIGHT, project_id, data)


@blueprint.get("/game")
@blueprint.doc(summary=game.INSIGHT.summary)
@blueprint.arguments(InsightUrlRequest, location="query")
@blueprint.response(200, response_schema(game.INSIGHT.response))
def get_game(url: dict[str, Any], project_id: int) -> Response:
    """Answer a query in the URL: game."""
    return _answer_url(game.INSIGHT, project_id, url)


@blueprint.post("/funnel/trend")
@blueprint.arguments(request_schema(funnel_trend.FunnelTrendRequest))
@blueprint.response(200, response_schema(funnel_trend.FunnelTrendResponse))
def post_funnel_trend(data: dict[str, Any], project_id: int) -> Response:
    """Count the persons who begin a funnel in each interval, and those who complete it."""
    return jsonify(funnel_trend.FUNNEL_TREND.answer(query_request(project_id, data)))


def _readable(project_id: int) -> project_trends.AskedProject | None:
    """Return a project that the caller may read; None for any other."""
    try:
        access = project_for(project_id)
    except NotFound:
        return None
    return project_trends.AskedProject(access.project_id, access.name, access.timezone)


def _answer(insight: Insight[Any, Any], project_id: int, data: dict[str, Any]) -> Response:
    return jsonify(insight.answer(query_request(project_id, data)))


def _answer_url(insight: Insight[Any, Any], project_id: int, url: dict[str, Any]) -> Response:
    try:
        data = load_from_url(insight, url["query"])
    except ValidationError as error:
        raise Unprocessable(
            "The query in the URL is invalid. Correct the fields that errors names.",
            code=ErrorCode.INVALID_FIELDS,
            errors=flatten_errors(error.messages, root="query"),
        ) from error
    return _answer(insight, project_id, data)
