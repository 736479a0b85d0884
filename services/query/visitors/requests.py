"""How questions about visitors are read into their frozen plans, and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.query.execution.query_cache import answered
from services.query.parsing.time_range import (
    Range,
    buckets,
    parse_days,
    refuse_many_days,
    with_previous,
)
from services.query.records.requests import range_of
from services.query.visitors.communities import all_communities, community_visitors
from services.query.visitors.conversions import conversions
from services.query.visitors.demographics import (
    DivisionBreakdown,
    demographics,
    division_breakdown,
)
from services.query.visitors.engine import Audience, Visits
from services.query.visitors.growth import Growth, growth
from services.query.visitors.online import Online, online
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
    return answered(access.project_id, ("visitors", plan), lambda: visitors(plan))


def ask_recent_visitors(access: ProjectAccess, data: Data, now: datetime, days: int) -> Data:
    """Visitors of the last days, today included."""
    return ask_visitors(access, {**data, "start_date": None, "end_date": None, "days": days}, now)


def ask_trends(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by interval."""
    span = _span(access, data, now)
    plan = _by(access, data, span, data["interval"])
    return answered(access.project_id, ("visitor trends", plan), lambda: visitor_trends(plan))


def ask_table(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by day, as CSV."""
    span = _span(access, data, now)
    refuse_many_days(span, "start_date")
    plan = _by(access, data, span, "day")
    return answered(access.project_id, ("visitor table", plan), lambda: visitor_table(plan))


def ask_division_breakdown(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by administrative division."""
    plan = DivisionBreakdown(_whole(access, data, now), data["limit"])
    return answered(
        access.project_id, ("division breakdown", plan), lambda: division_breakdown(plan)
    )


def ask_demographics(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors by type of division, and by country."""
    plan = _whole(access, data, now)
    return answered(access.project_id, ("demographics", plan), lambda: demographics(plan))


def ask_conversions(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Anonymous visitors who became known."""
    plan = _whole(access, data, now)
    return answered(access.project_id, ("conversions", plan), lambda: conversions(plan))


def ask_growth(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Visitors against those of the period before."""
    span = parse_days(access.timezone, now, None, None, PERIOD_DAYS[data["period"]])
    ranges = with_previous(span, now)
    audience = _audience(access, data)
    current, previous = (
        Visits(audience, one, (one.start,)) for one in (ranges.current, ranges.previous)
    )
    plan = Growth(current, previous)
    return answered(access.project_id, ("growth", plan), lambda: growth(plan))


def ask_online(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Who is online, to five seconds."""
    seconds = now.second // _ONLINE_STEP_SECONDS * _ONLINE_STEP_SECONDS
    plan = Online(_audience(access, data), now.replace(second=seconds, microsecond=0))
    return answered(access.project_id, ("online", plan), lambda: online(plan))


def ask_communities(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Same- and cross-division visitors of every community."""
    span = range_of(access, data, now)
    return answered(
        access.project_id,
        ("communities", span),
        lambda: all_communities(access.project_id, span),
    )


def ask_community(access: ProjectAccess, community_id: str, data: Data, now: datetime) -> Data:
    """Same- and cross-division visitors of one community, by day."""
    span = range_of(access, data, now)
    refuse_many_days(span, "from")
    plan = _by(access, {"community_id": community_id}, span, "day")
    return answered(access.project_id, ("community", plan), lambda: community_visitors(plan))


def _span(access: ProjectAccess, data: Data, now: datetime) -> Range:
    days = data.get("days", DEFAULT_DAYS)
    return parse_days(access.timezone, now, data["start_date"], data["end_date"], days)


def _whole(access: ProjectAccess, data: Data, now: datetime) -> Visits:
    span = _span(access, data, now)
    return Visits(_audience(access, data), span, (span.start,))


def _by(access: ProjectAccess, data: Data, span: Range, interval: str) -> Visits:
    starts = tuple(buckets(span, interval))
    return Visits(_audience(access, data), span, starts, by_days=interval != "hour")


def _audience(access: ProjectAccess, data: Data) -> Audience:
    return Audience(access.project_id, data.get("community_id"), data.get("division_id"))
