"""Stored events and the one-answer statistics, at the paths of the first system."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from services.query.api.schemas.common import EventsAnswer, StatsAnswer
from services.query.api.schemas.lists import EventsQuery, StatsQuery
from services.query.records import requests
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint("events", __name__, url_prefix="/api", description="Stored events")


@blueprint.get("/stats/")
@blueprint.arguments(StatsQuery, location="query")
@blueprint.response(200, StatsAnswer)
def get_stats(query: dict[str, Any]) -> dict[str, Any]:
    """Counts by day and name, counts by name, the newest events, and the total."""
    access = project_for(query["project_id"])
    return requests.statistics(access, query["days"], datetime.now(timezone.utc))


@blueprint.get("/events/")
@blueprint.arguments(EventsQuery, location="query")
@blueprint.response(200, EventsAnswer)
def get_events(query: dict[str, Any]) -> dict[str, Any]:
    """The newest events."""
    return requests.events(project_for(query["project_id"]), query, datetime.now(timezone.utc))
