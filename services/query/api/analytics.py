"""A project's reports."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from services.query.api.schemas import lists
from services.query.api.schemas.common import (
    OverviewAnswer,
    RangeQuery,
    TimeseriesAnswer,
    TimeseriesQuery,
    TopEventsAnswer,
    TopEventsQuery,
)
from services.query.api.schemas.visitors import (
    CommunitiesVisitorsAnswer,
    CommunityVisitorsAnswer,
)
from services.query.records import requests
from services.query.visitors import requests as visitor_requests
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "analytics", __name__, url_prefix="/api/v1/analytics/<int:project_id>", description="Reports"
)


@blueprint.get("/overview")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200, OverviewAnswer)
def get_overview(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """The project's main figures, against the period before."""
    return requests.figures(project_for(project_id), query, _now())


@blueprint.get("/timeseries")
@blueprint.arguments(TimeseriesQuery, location="query")
@blueprint.response(200, TimeseriesAnswer)
def get_timeseries(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Events over time."""
    return requests.over_time(project_for(project_id), query, _now())


@blueprint.get("/top-events")
@blueprint.arguments(TopEventsQuery, location="query")
@blueprint.response(200, TopEventsAnswer)
def get_top_events(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """The most frequent events."""
    return requests.most_frequent(project_for(project_id), query, _now())


@blueprint.get("/sessions")
@blueprint.arguments(lists.SessionsQuery, location="query")
@blueprint.response(200, lists.SessionsAnswer)
def get_sessions(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Sessions that began in the range, newest first, and the figures of all of them."""
    return requests.sessions(project_for(project_id), query, _now())


@blueprint.get("/users")
@blueprint.arguments(lists.UsersQuery, location="query")
@blueprint.response(200, lists.UsersAnswer)
def get_users(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Identified users who were active in the range."""
    return requests.users(project_for(project_id), query, _now())


@blueprint.get("/daily-summaries")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200, lists.ProjectDaysAnswer)
def get_daily_summaries(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Every day of the range as a whole, with its events by source."""
    return requests.daily_summaries(project_for(project_id), query, _now())


@blueprint.get("/community-visitors/")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200, CommunitiesVisitorsAnswer)
def get_communities_visitors(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Same- and cross-division visitors of every community."""
    return visitor_requests.ask_communities(project_for(project_id), query, _now())


@blueprint.get("/communities/<string:key>/visitors/")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200, CommunityVisitorsAnswer)
def get_community_visitors(query: dict[str, Any], project_id: int, key: str) -> dict[str, Any]:
    """Same- and cross-division visitors of one community, by day."""
    return visitor_requests.ask_community(project_for(project_id), key, query, _now())


def _now() -> datetime:
    return datetime.now(timezone.utc)
