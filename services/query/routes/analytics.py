"""A project's reports."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from services.query.ranges import Range, parse_range
from services.query.reports import overview, timeseries, top_events
from services.query.schemas import (
    OverviewAnswer,
    RangeQuery,
    TimeseriesAnswer,
    TimeseriesQuery,
    TopEventsAnswer,
    TopEventsQuery,
)
from shared.access import ProjectAccess, project_for
from shared.blueprint import Blueprint

blueprint = Blueprint(
    "analytics", __name__, url_prefix="/api/v1/analytics/<int:project_id>", description="Reports"
)


@blueprint.get("/overview")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200, OverviewAnswer)
def get_overview(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """The project's main figures, against the period before."""
    access, now = project_for(project_id), _now()
    return overview.overview(access.project_id, _range(access, query, now), now)


@blueprint.get("/timeseries")
@blueprint.arguments(TimeseriesQuery, location="query")
@blueprint.response(200, TimeseriesAnswer)
def get_timeseries(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Events over time."""
    access = project_for(project_id)
    return timeseries.timeseries(
        access.project_id,
        _range(access, query, _now()),
        interval=query["interval"],
        event_names=tuple(query["event_name"]),
        split=query["split"] is not None,
    )


@blueprint.get("/top-events")
@blueprint.arguments(TopEventsQuery, location="query")
@blueprint.response(200, TopEventsAnswer)
def get_top_events(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """The most frequent events."""
    access = project_for(project_id)
    return top_events.top_events(access.project_id, _range(access, query, _now()), query["limit"])


def _range(access: ProjectAccess, query: dict[str, Any], now: datetime) -> Range:
    return parse_range(
        access.timezone, now, period=query["period"], start=query["start"], end=query["end"]
    )


def _now() -> datetime:
    return datetime.now(timezone.utc)
