"""Stored events, their counts, and the statistics that older clients ask for in one answer."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.schemas import events as schemas
from services.query.records.events import EVENT_LIST
from services.query.reports.event_aggregates import EVENT_AGGREGATES
from services.query.reports.stats import STATS
from services.query.reports.top_events import EVENT_COUNTS
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint("events", __name__, url_prefix="/api", description="Stored events")


@blueprint.get("/stats/")
@blueprint.arguments(schemas.StatsRequest, location="query")
@blueprint.response(200, response_schema(STATS.response))
def get_stats(query: dict[str, Any]) -> Response:
    """Get counts by day and name, counts by name, the newest events, and the total."""
    return jsonify(STATS.answer(query_request(query["project_id"], query)))


@blueprint.get("/events/")
@blueprint.arguments(schemas.EventListRequest, location="query")
@blueprint.response(200, response_schema(EVENT_LIST.response))
def get_events(query: dict[str, Any]) -> Response:
    """List events, newest first."""
    return jsonify(EVENT_LIST.answer(query_request(query["project_id"], query)))


@blueprint.get("/v1/analytics/admin/events/")
@blueprint.arguments(schemas.EventListRequest, location="query")
@blueprint.response(200, response_schema(EVENT_LIST.response))
def get_admin_events(query: dict[str, Any]) -> Response:
    """List events, newest first (path of mobile back ends)."""
    return jsonify(EVENT_LIST.answer(query_request(query["project_id"], query)))


@blueprint.get("/v1/analytics/admin/events/event_counts/")
@blueprint.arguments(schemas.EventCountsRequest, location="query")
@blueprint.response(200, response_schema(EVENT_COUNTS.response))
def get_event_counts(query: dict[str, Any]) -> Response:
    """Count events by name, most frequent first."""
    return jsonify(EVENT_COUNTS.answer(query_request(query["project_id"], query)))


@blueprint.get("/v1/analytics/admin/event-aggregates/")
@blueprint.arguments(schemas.EventAggregatesRequest, location="query")
@blueprint.response(200, response_schema(EVENT_AGGREGATES.response))
def get_event_aggregates(query: dict[str, Any]) -> Response:
    """Count events, persons and sessions by day or hour, event name and source."""
    return jsonify(EVENT_AGGREGATES.answer(query_request(query["project_id"], query)))
