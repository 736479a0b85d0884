"""A project's main metrics: totals, events over time, changes, what happens now, days, pages."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.schemas import overview as schemas
from services.query.api.schemas.common import FilteredRangeRequest, RangeRequest
from services.query.api.schemas.visitors import CommunityRequest, PeaksRequest
from services.query.monitoring.live import LiveResponse, live
from services.query.reports.daily_rollups import DAILY_ROLLUPS
from services.query.reports.key_metrics import KEY_METRICS
from services.query.reports.movers import MOVERS
from services.query.reports.overview import OVERVIEW
from services.query.reports.timeseries import TIMESERIES
from services.query.reports.top_events import TOP_EVENTS
from services.query.saved.goals import goals_of
from services.query.visitors.pages import PAGES
from services.query.visitors.peaks import VISITOR_PEAKS
from services.query.visitors.realtime import REALTIME
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "overview", __name__, url_prefix="/api/v1/analytics/<int:project_id>", description="Overview"
)


@blueprint.get("/overview")
@blueprint.arguments(FilteredRangeRequest, location="query")
@blueprint.response(200, response_schema(OVERVIEW.response))
def get_overview(query: dict[str, Any], project_id: int) -> Response:
    """Get the project's main metrics and their change from the previous period."""
    return jsonify(OVERVIEW.answer(query_request(project_id, query)))


@blueprint.get("/key-metrics")
@blueprint.arguments(schemas.KeyMetricsRequest, location="query")
@blueprint.response(200, response_schema(KEY_METRICS.response))
def get_key_metrics(query: dict[str, Any], project_id: int) -> Response:
    """Get key metrics over time, their change, their records and what is expected of today."""
    has_goals = any(name.startswith("goal") for name in query["metric"])
    if has_goals:
        project_for(project_id)
    data = {**query, "goals": goals_of(project_id) if has_goals else []}
    return jsonify(KEY_METRICS.answer(query_request(project_id, data)))


@blueprint.get("/movers")
@blueprint.arguments(schemas.MoversRequest, location="query")
@blueprint.response(200, response_schema(MOVERS.response))
def get_movers(query: dict[str, Any], project_id: int) -> Response:
    """List the largest changes against the previous period, and what they come from."""
    return jsonify(MOVERS.answer(query_request(project_id, query)))


@blueprint.get("/live")
@blueprint.arguments(schemas.LiveRequest, location="query")
@blueprint.response(200, response_schema(LiveResponse))
def get_live(query: dict[str, Any], project_id: int) -> Response:
    """Get the users of the last minutes, the newest events, and whether events are stored."""
    return jsonify(live(query_request(project_id, query), service_settings()))


@blueprint.get("/realtime")
@blueprint.arguments(CommunityRequest, location="query")
@blueprint.response(200, response_schema(REALTIME.response))
def get_realtime(query: dict[str, Any], project_id: int) -> Response:
    """Count the visitors who are online, and those of the last 30 minutes by minute."""
    return jsonify(REALTIME.answer(query_request(project_id, query)))


@blueprint.get("/realtime/peaks")
@blueprint.arguments(PeaksRequest, location="query")
@blueprint.response(200, response_schema(VISITOR_PEAKS.response))
def get_peaks(query: dict[str, Any], project_id: int) -> Response:
    """Get the hour of each day with the most visitors."""
    return jsonify(VISITOR_PEAKS.answer(query_request(project_id, query)))


@blueprint.get("/timeseries")
@blueprint.arguments(schemas.TimeseriesRequest, location="query")
@blueprint.response(200, response_schema(TIMESERIES.response))
def get_timeseries(query: dict[str, Any], project_id: int) -> Response:
    """Count events over time."""
    return jsonify(TIMESERIES.answer(query_request(project_id, query)))


@blueprint.get("/top-events")
@blueprint.arguments(schemas.TopEventsRequest, location="query")
@blueprint.response(200, response_schema(TOP_EVENTS.response))
def get_top_events(query: dict[str, Any], project_id: int) -> Response:
    """List the most frequent event names."""
    return jsonify(TOP_EVENTS.answer(query_request(project_id, query)))


@blueprint.get("/daily-summaries")
@blueprint.arguments(RangeRequest, location="query")
@blueprint.response(200, response_schema(DAILY_ROLLUPS.response))
def get_daily_summaries(query: dict[str, Any], project_id: int) -> Response:
    """List the totals of each day, with its events by source."""
    return jsonify(DAILY_ROLLUPS.answer(query_request(project_id, query)))


@blueprint.get("/pages")
@blueprint.arguments(schemas.PagesRequest, location="query")
@blueprint.response(200, response_schema(PAGES.response))
def get_pages(query: dict[str, Any], project_id: int) -> Response:
    """List the pages of each day, with their views and visitors."""
    return jsonify(PAGES.answer(query_request(project_id, query)))
