"""The most frequent events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.parsing.events import EventQuery
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_counts import count_by_name


@dataclass(frozen=True, slots=True)
class TopEventsPlan:
    """Which project, and how many of its event names."""

    project_id: int
    time_range: TimeRange
    limit: int


def parse_top_events(request: QueryRequest) -> TopEventsPlan:
    """Parse a request for the most frequent events.

    Raises:
        Unprocessable: names the invalid field.
    """
    return TopEventsPlan(request.project_id, request.time_range(), request.data["limit"])


def run_top_events(plan: TopEventsPlan) -> dict[str, Any]:
    """Return event names with their counts and their share of all events."""
    with open_query(EventQuery(plan.project_id, plan.time_range)) as context:
        counts = count_by_name(context)
    total = sum(events for _, events in counts)
    return context.meta.wrap(
        {
            "items": [
                {"event_name": name, "count": events, "share": round(events / total, 6)}
                for name, events in counts[: plan.limit]
            ],
            "total_events": total,
        }
    )


def run_event_counts(plan: TopEventsPlan) -> dict[str, Any]:
    """Return the most frequent events with their name under ``event_type`` too."""
    content = run_top_events(plan)
    items = [{"event_type": one["event_name"], **one} for one in content["items"]]
    return {**content, "items": items}


TOP_EVENTS = CachedQuery("top events", parse_top_events, run_top_events)
EVENT_COUNTS = CachedQuery("event counts", parse_top_events, run_event_counts)
