"""Stored events and the one-answer statistics, at the paths of the first system."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from services.query.ranges import parse_range
from services.query.reports.recent_events import RecentQuery, recent_events
from services.query.reports.stats import stats
from services.query.schemas import EventsAnswer, EventsQuery, StatsAnswer, StatsQuery
from shared.access import project_for
from shared.blueprint import Blueprint

blueprint = Blueprint("events", __name__, url_prefix="/api", description="Stored events")


@blueprint.get("/stats/")
@blueprint.arguments(StatsQuery, location="query")
@blueprint.response(200, StatsAnswer)
def get_stats(query: dict[str, Any]) -> dict[str, Any]:
    """Counts by day and name, counts by name, the newest events, and the total."""
    access = project_for(query["project_id"])
    now = datetime.now(timezone.utc)
    first = now.astimezone(ZoneInfo(access.timezone)).date() - timedelta(days=query["days"] - 1)
    span = parse_range(access.timezone, now, period=None, start=first.isoformat(), end=None)
    return stats(access.project_id, span)


@blueprint.get("/events/")
@blueprint.arguments(EventsQuery, location="query")
@blueprint.response(200, EventsAnswer)
def get_events(query: dict[str, Any]) -> dict[str, Any]:
    """The newest events."""
    access = project_for(query["project_id"])
    return recent_events(
        RecentQuery(
            access.project_id,
            query["limit"],
            query["cursor"],
            query["event_name"],
            query["source"],
        )
    )
