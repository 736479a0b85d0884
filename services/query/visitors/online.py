"""The number of visitors who are online."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from services.query.execution.cached_query import CachedQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange
from services.query.visitors.query import Audience, VisitorQuery, parse_audience
from services.query.visitors.unique_visitors import visitors_by_interval
from shared.events.online import ONLINE_FOR
from shared.responses import Doc, Timestamp

_STEP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class OnlinePlan:
    """Whose visitors, and when."""

    audience: Audience
    now: datetime


def parse_online(request: UntypedRequest) -> OnlinePlan:
    """Parse a request for the number of online visitors; answers are cached for five seconds."""
    seconds = request.now.second // _STEP_SECONDS * _STEP_SECONDS
    return OnlinePlan(parse_audience(request), request.now.replace(second=seconds, microsecond=0))


@dataclass(frozen=True, slots=True)
class OnlineVisitorsResponse:
    """The number of visitors with an event within the last five minutes."""

    count: Annotated[int, Doc(example=42)]
    timestamp: Annotated[Timestamp, Doc(example="2026-10-11T12:00:00Z")]


def online(plan: OnlinePlan) -> OnlineVisitorsResponse:
    """Return the number of visitors with an event within the last five minutes."""
    # Beyond now, as the clocks of devices may be ahead.
    start, end = plan.now - ONLINE_FOR, plan.now + ONLINE_FOR
    query = VisitorQuery(plan.audience, TimeRange(start, end, ZoneInfo("UTC")), (start,))
    with query.open() as context:
        [persons] = visitors_by_interval(context, plan.audience)
    return OnlineVisitorsResponse(len(persons), plan.now.isoformat().replace("+00:00", "Z"))


ONLINE = CachedQuery("online", parse_online, online, OnlineVisitorsResponse)
