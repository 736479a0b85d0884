"""The overview: a project's main metrics and their change from the previous period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.ratios import change_in_percent
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.previous_period import Comparison
from services.query.parsing.request import UntypedRequest
from services.query.sources.active_persons import active_persons
from services.query.sources.event_counts import count_by_name
from services.query.sources.session_counts import count_sessions
from shared.events.dimensions import PAGE_EVENTS
from shared.responses import Doc


@dataclass(frozen=True, slots=True)
class OverviewPlan:
    """Which events of the project, and which period they are compared with."""

    query: EventQuery
    ranges: Comparison


def parse_overview(request: UntypedRequest) -> OverviewPlan:
    """Parse a request for the overview.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = request.event_query_of_url()
    return OverviewPlan(query, request.comparison(query.time_range))


@dataclass(frozen=True, slots=True)
class OverviewMetrics:
    """The metrics that are compared with the previous period."""

    total_events: int
    unique_users: int
    unique_sessions: int
    page_views: int


@dataclass(frozen=True, slots=True)
class OverviewChange:
    """The change of each metric in percent; null: it was 0 in the previous period."""

    total_events: float | None
    unique_users: float | None
    unique_sessions: float | None
    page_views: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewResponse(QueryResponse):
    """A project's main metrics, and their change from the previous period."""

    total_events: int
    unique_users: int
    unique_sessions: int
    page_views: int
    events_per_user: float
    event_names: Annotated[int, Doc("Number of different event names.")]
    previous: OverviewMetrics
    change: OverviewChange


def run_overview(plan: OverviewPlan) -> OverviewResponse:
    """Return events, unique users, unique sessions and page views, and how they changed."""
    with open_query(plan.query) as context:
        current, names = _metrics(context)
        previous, _ = _metrics(context.over(plan.ranges.previous))
    users = current.unique_users
    return OverviewResponse(
        **context.meta.fields(),
        total_events=current.total_events,
        unique_users=users,
        unique_sessions=current.unique_sessions,
        page_views=current.page_views,
        events_per_user=round(current.total_events / users, 2) if users else 0.0,
        event_names=names,
        previous=previous,
        change=OverviewChange(
            total_events=change_in_percent(current.total_events, previous.total_events),
            unique_users=change_in_percent(users, previous.unique_users),
            unique_sessions=change_in_percent(current.unique_sessions, previous.unique_sessions),
            page_views=change_in_percent(current.page_views, previous.page_views),
        ),
    )


OVERVIEW = CachedQuery("overview", parse_overview, run_overview, OverviewResponse)


def _metrics(context: QueryContext) -> tuple[OverviewMetrics, int]:
    """Return the metrics of a range, and the number of its event names."""
    counts = dict(count_by_name(context))
    [[persons]] = active_persons(context, [ANY_SELECTOR])
    [sessions] = count_sessions(context)
    metrics = OverviewMetrics(
        total_events=sum(counts.values()),
        unique_users=len(persons),
        unique_sessions=sessions,
        page_views=sum(counts.get(name, 0) for name in PAGE_EVENTS),
    )
    return metrics, len(counts)
