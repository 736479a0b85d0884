"""A project's main metrics: totals, events over time, most frequent events, daily summaries."""

from __future__ import annotations

from typing import Any

from services.query.api.query_context import utc_now
from services.query.api.schemas import overview as schemas
from services.query.api.schemas.common import RangeQuery
from services.query.records import requests
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "overview", __name__, url_prefix="/api/v1/analytics/<int:project_id>", description="Overview"
)


@blueprint.get("/overview")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200, schemas.OverviewAnswer)
def get_overview(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Get the project's main metrics and their change from the previous period."""
    return requests.figures(project_for(project_id), query, utc_now())


@blueprint.get("/timeseries")
@blueprint.arguments(schemas.TimeseriesQuery, location="query")
@blueprint.response(200, schemas.TimeseriesAnswer)
def get_timeseries(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Count events over time."""
    return requests.over_time(project_for(project_id), query, utc_now())


@blueprint.get("/top-events")
@blueprint.arguments(schemas.TopEventsQuery, location="query")
@blueprint.response(200, schemas.TopEventsAnswer)
def get_top_events(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """List the most frequent event names."""
    return requests.most_frequent(project_for(project_id), query, utc_now())


@blueprint.get("/daily-summaries")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200, schemas.ProjectDaysAnswer)
def get_daily_summaries(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """List the totals of each day, with its events by source."""
    return requests.daily_summaries(project_for(project_id), query, utc_now())
