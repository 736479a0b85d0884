"""Counts and newest events in one result, for simple dashboards."""

from __future__ import annotations

from dataclasses import dataclass

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange, interval_starts, parse_day_range
from services.query.records.events import EventListPlan, EventResponse, describe_event, newest
from services.query.sources.event_counts import count_by_name_and_interval
from shared.responses import LocalDate

RECENT_EVENTS = 50


@dataclass(frozen=True, slots=True)
class StatsPlan:
    """Which days of which project."""

    project_id: int
    time_range: TimeRange
    """Whole local days."""


def parse_stats(request: UntypedRequest) -> StatsPlan:
    """Parse a request for the counts of the last days."""
    time_range = parse_day_range(request.timezone, request.now, None, None, request.data["days"])
    return StatsPlan(request.project_id, time_range)


@dataclass(frozen=True, slots=True)
class DailyCount:
    """Events of one name on one local day."""

    date: LocalDate
    event_name: str
    count: int


@dataclass(frozen=True, slots=True)
class NameCount:
    """Events of one name."""

    event_name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsResponse(QueryResponse):
    """Counts and newest events of the last days."""

    daily_stats: list[DailyCount]
    event_counts: list[NameCount]
    recent_events: list[EventResponse]
    total_events: int


def run_stats(plan: StatsPlan) -> StatsResponse:
    """Return counts by day and name, counts by name, the newest events, and the total."""
    days = interval_starts(plan.time_range, "day")
    with open_query(EventQuery(plan.project_id, plan.time_range), days) as context:
        daily = count_by_name_and_interval(context)
        recent = newest(context.session, EventListPlan(plan.project_id, RECENT_EVENTS))
        recent_events = [describe_event(*found) for found in recent[:RECENT_EVENTS]]
    totals = {name: sum(line) for name, line in daily.items()}
    counts = sorted(totals.items(), key=lambda one: (-one[1], one[0]))
    return StatsResponse(
        **context.meta.fields(),
        daily_stats=[
            DailyCount(day.date().isoformat(), name, daily[name][index])
            for index, day in enumerate(days)
            for name in sorted(daily)
            if daily[name][index]
        ],
        event_counts=[NameCount(name, events) for name, events in counts],
        recent_events=recent_events,
        total_events=sum(events for _, events in counts),
    )


STATS = CachedQuery("stats", parse_stats, run_stats, StatsResponse)
