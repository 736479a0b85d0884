"""How questions about visitors are read into their frozen plans, and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.query.execution.query_cache import cached
from services.query.parsing.time_range import (
    TimeRange,
    check_day_count,
    interval_starts,
    parse_day_range,
    with_previous,
)
from services.query.records.requests import range_of
from services.query.visitors.communities import all_communities, community_visitors
from services.query.visitors.conversions import conversions
from services.query.visitors.demographics import (
    DivisionBreakdownPlan,
    demographics,
    division_breakdown,
)
from services.query.visitors.engine import Audience, VisitorQuery
from services.query.visitors.growth import GrowthPlan, growth
from services.query.visitors.online import OnlinePlan, online
from services.query.visitors.totals import visitors
from services.query.visitors.trends import visitor_table, visitor_trends
from shared.auth.access import ProjectAccess

DEFAULT_DAYS = 30
PERIOD_DAYS = {"day": 1, "week": 7, "month": 30}
_ONLINE_STEP_SECONDS = 5
Data = dict[str, Any]


def ask_visitors(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors of a range as a whole."""
    plan = _whole(access, data, now)
    return cached(access.project_id, ("visitors", plan), lambda: visitors(plan))


def ask_recent_visitors(access: ProjectAccess, data: Data, now: datetime, days: int) -> Data:
    """Visitors of the last days, today included."""
    return ask_visitors(access, {**data, "start_date": None, "end_date": None, "days": days}, now)


def ask_trends(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by interval."""
    time_range = _span(access, data, now)
    plan = _by(access, data, time_range, data["interval"])
    return cached(access.project_id, ("visitor trends", plan), lambda: visitor_trends(plan))


def ask_table(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by day, as CSV."""
    time_range = _span(access, data, now)
    check_day_count(time_range, "start_date")
    plan = _by(access, data, time_range, "day")
    return cached(access.project_id, ("visitor table", plan), lambda: visitor_table(plan))


def ask_division_breakdown(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by administrative division."""
    plan = DivisionBreakdownPlan(_whole(access, data, now), data["limit"])
    return cached(access.project_id, ("division breakdown", plan), lambda: division_breakdown(plan))


def ask_demographics(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by type of division, and by country."""
    plan = _whole(access, data, now)
    return cached(access.project_id, ("demographics", plan), lambda: demographics(plan))


def ask_conversions(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Anonymous visitors who became known."""
    plan = _whole(access, data, now)
    return cached(access.project_id, ("conversions", plan), lambda: conversions(plan))


def ask_growth(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors against those of the period before."""
    time_range = parse_day_range(access.timezone, now, None, None, PERIOD_DAYS[data["period"]])
    ranges = with_previous(time_range, now)
    audience = _audience(access, data)
    current, previous = (
        VisitorQuery(audience, one, (one.start,)) for one in (ranges.current, ranges.previous)
    )
    plan = GrowthPlan(current, previous)
    return cached(access.project_id, ("growth", plan), lambda: growth(plan))


def ask_online(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Who is online, to five seconds."""
    seconds = now.second // _ONLINE_STEP_SECONDS * _ONLINE_STEP_SECONDS
    plan = OnlinePlan(_audience(access, data), now.replace(second=seconds, microsecond=0))
    return cached(access.project_id, ("online", plan), lambda: online(plan))


def ask_communities(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Same- and cross-division visitors of every community."""
    time_range = range_of(access, data, now)
    return cached(
        access.project_id,
        ("communities", time_range),
        lambda: all_communities(access.project_id, time_range),
    )


def ask_community(access: ProjectAccess, community_id: str, data: Data, now: datetime) -> Data:
    """Same- and cross-division visitors of one community, by day."""
    time_range = range_of(access, data, now)
    check_day_count(time_range, "from")
    plan = _by(access, {"community_id": community_id}, time_range, "day")
    return cached(access.project_id, ("community", plan), lambda: community_visitors(plan))


def _span(access: ProjectAccess, data: Data, now: datetime) -> TimeRange:
    days = data.get("days", DEFAULT_DAYS)
    return parse_day_range(access.timezone, now, data["start_date"], data["end_date"], days)


def _whole(access: ProjectAccess, data: Data, now: datetime) -> VisitorQuery:
    time_range = _span(access, data, now)
    return VisitorQuery(_audience(access, data), time_range, (time_range.start,))


def _by(access: ProjectAccess, data: Data, time_range: TimeRange, interval: str) -> VisitorQuery:
    starts = tuple(interval_starts(time_range, interval))
    return VisitorQuery(_audience(access, data), time_range, starts, by_days=interval != "hour")


def _audience(access: ProjectAccess, data: Data) -> Audience:
    return Audience(access.project_id, data.get("community_id"), data.get("division_id"))
