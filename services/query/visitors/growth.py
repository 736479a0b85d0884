"""Growth: the visitors of a period and of the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from services.query.execution.cached_query import CachedQuery
from services.query.execution.ratios import change_in_percent
from services.query.execution.responses import QueryResponse
from services.query.parsing.previous_period import with_previous
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange, parse_day_range
from services.query.visitors.query import VisitorQuery, parse_audience
from services.query.visitors.unique_visitors import visitors_by_interval
from shared.responses import Doc

PERIOD_DAYS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """Two periods that end at the same point of the clock."""

    current: VisitorQuery
    previous: TimeRange


def parse_growth(request: UntypedRequest) -> GrowthPlan:
    """Parse a request for the growth of a period."""
    days = PERIOD_DAYS[request.data["period"]]
    time_range = parse_day_range(request.timezone, request.now, None, None, days)
    current = VisitorQuery(parse_audience(request), time_range, (time_range.start,))
    previous = with_previous(time_range, request.now, by_calendar=False).previous
    return GrowthPlan(current, previous)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorGrowthResponse(QueryResponse):
    """The visitors of a period and of the one before it."""

    growth_rate: Annotated[float, Doc("In percent.", example=15.3)]
    trend: Literal["increasing", "decreasing", "stable"]
    current_period: Annotated[int, Doc(example=1000)]
    previous_period: Annotated[int, Doc(example=870)]


def growth(plan: GrowthPlan) -> VisitorGrowthResponse:
    """Return the visitors of both periods, and the change in percent.

    From nothing to something counts as 100 %; from nothing to nothing as 0.
    """
    audience = plan.current.audience
    with plan.current.open() as context:
        [current] = visitors_by_interval(context, audience)
        [previous] = visitors_by_interval(context.over(plan.previous), audience)
    change = change_in_percent(len(current), len(previous))
    rate = change if change is not None else 100.0 if current else 0.0
    return VisitorGrowthResponse(
        **context.meta.fields(),
        growth_rate=rate,
        trend="increasing" if rate > 0 else "decreasing" if rate < 0 else "stable",
        current_period=len(current),
        previous_period=len(previous),
    )


GROWTH = CachedQuery("growth", parse_growth, growth, VisitorGrowthResponse)
