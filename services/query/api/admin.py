"""Events, sessions and sums of a project, at the paths that mobile backends know as admin."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from services.query.api.schemas import lists as schemas
from services.query.api.schemas.common import EventsAnswer
from services.query.records import requests
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "admin",
    __name__,
    url_prefix="/api/v1/analytics/admin",
    description="Events, sessions and sums of a project",
)


@blueprint.get("/events/")
@blueprint.arguments(schemas.EventsQuery, location="query")
@blueprint.response(200, EventsAnswer)
def get_admin_events(query: dict[str, Any]) -> dict[str, Any]:
    """Events, newest first."""
    return requests.events(project_for(query["project_id"]), query, _now())


@blueprint.get("/events/event_counts/")
@blueprint.arguments(schemas.EventCountsQuery, location="query")
@blueprint.response(200, schemas.EventCountsAnswer)
def get_event_counts(query: dict[str, Any]) -> dict[str, Any]:
    """Counts by event type, most frequent first."""
    return requests.event_counts(project_for(query["project_id"]), query, _now())


@blueprint.get("/sessions/")
@blueprint.arguments(schemas.AdminSessionsQuery, location="query")
@blueprint.response(200, schemas.SessionsAnswer)
def get_admin_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """Sessions, newest first."""
    return requests.sessions(project_for(query["project_id"]), query, _now())


@blueprint.get("/event-aggregates/")
@blueprint.arguments(schemas.AggregatesQuery, location="query")
@blueprint.response(200, schemas.AggregatesAnswer)
def get_event_aggregates(query: dict[str, Any]) -> dict[str, Any]:
    """Events, users and sessions by day or hour, event type and source."""
    return requests.aggregates(project_for(query["project_id"]), query, _now())


def _now() -> datetime:
    return datetime.now(timezone.utc)
