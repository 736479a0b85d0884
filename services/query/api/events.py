"""Stored events, their counts, and the statistics that older clients ask for in one answer."""

from __future__ import annotations

from typing import Any

from services.query.api.query_context import utc_now
from services.query.api.schemas import events as schemas
from services.query.records import requests
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint("events", __name__, url_prefix="/api", description="Stored events")


@blueprint.get("/stats/")
@blueprint.arguments(schemas.StatsQuery, location="query")
@blueprint.response(200, schemas.StatsAnswer)
def get_stats(query: dict[str, Any]) -> dict[str, Any]:
    """Get counts by day and name, counts by name, the newest events, and the total."""
    return requests.statistics(project_for(query["project_id"]), query["days"], utc_now())


@blueprint.get("/events/")
@blueprint.arguments(schemas.EventsQuery, location="query")
@blueprint.response(200, schemas.EventsAnswer)
def get_events(query: dict[str, Any]) -> dict[str, Any]:
    """List events, newest first."""
    return requests.events(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/v1/analytics/admin/events/")
@blueprint.arguments(schemas.EventsQuery, location="query")
@blueprint.response(200, schemas.EventsAnswer)
def get_admin_events(query: dict[str, Any]) -> dict[str, Any]:
    """List events, newest first (path of mobile back ends)."""
    return requests.events(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/v1/analytics/admin/events/event_counts/")
@blueprint.arguments(schemas.EventCountsQuery, location="query")
@blueprint.response(200, schemas.EventCountsAnswer)
def get_event_counts(query: dict[str, Any]) -> dict[str, Any]:
    """Count events by name, most frequent first."""
    return requests.event_counts(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/v1/analytics/admin/event-aggregates/")
@blueprint.arguments(schemas.AggregatesQuery, location="query")
@blueprint.response(200, schemas.AggregatesAnswer)
def get_event_aggregates(query: dict[str, Any]) -> dict[str, Any]:
    """Count events, persons and sessions by day or hour, event name and source."""
    return requests.aggregates(project_for(query["project_id"]), query, utc_now())
