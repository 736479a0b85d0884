"""The overview: a project's main metrics and their change from the previous period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import Comparison, with_previous
from services.query.ratios import change_in_percent
from services.query.sources.active_persons import active_persons
from services.query.sources.event_counts import PAGE_VIEWS, count_by_name
from services.query.sources.session_counts import count_sessions


@dataclass(frozen=True, slots=True)
class OverviewPlan:
    """Which project, and which two periods."""

    project_id: int
    ranges: Comparison


def parse_overview(request: QueryRequest) -> OverviewPlan:
    """Parse a request for the overview.

    Raises:
        Unprocessable: names the invalid field.
    """
    return OverviewPlan(request.project_id, with_previous(request.time_range(), request.now))


def run_overview(plan: OverviewPlan) -> dict[str, Any]:
    """Return events, unique users, unique sessions and page views, and how they changed."""
    with open_query(EventQuery(plan.project_id, plan.ranges.current)) as context:
        current, names = _metrics(context)
        previous, _ = _metrics(context.over(plan.ranges.previous))
    users = current["unique_users"]
    return context.meta.wrap(
        {
            **current,
            "events_per_user": round(current["total_events"] / users, 2) if users else 0.0,
            "event_names": names,
            "previous": previous,
            "change": {key: change_in_percent(current[key], previous[key]) for key in current},
        }
    )


OVERVIEW = CachedQuery("overview", parse_overview, run_overview)


def _metrics(context: QueryContext) -> tuple[dict[str, int], int]:
    """Return the metrics of a range, and the number of its event names."""
    counts = dict(count_by_name(context))
    [[persons]] = active_persons(context, [ANY_SELECTOR])
    [sessions] = count_sessions(context)
    return {
        "total_events": sum(counts.values()),
        "unique_users": len(persons),
        "unique_sessions": sessions,
        "page_views": sum(counts.get(name, 0) for name in PAGE_VIEWS),
    }, len(counts)
