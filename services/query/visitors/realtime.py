"""The visitors of the last half hour: how many are online, who came and left, where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pyroaring import BitMap
from sqlalchemy import ColumnElement

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_columns import event_text
from services.query.sources.last_values import last_values
from services.query.visitors.query import Audience, VisitorQuery, parse_audience
from services.query.visitors.unique_visitors import visitors_by_interval
from shared.events.dimensions import PAGE_EVENTS
from shared.events.online import online_minutes
from shared.models import Event
from shared.responses import Doc, Timestamp

MINUTES = 30
_MAX_VALUES = 10
_STEP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class RealtimePlan:
    """Whose visitors, and when."""

    audience: Audience
    now: datetime
    online_minutes: int


@dataclass(frozen=True, slots=True)
class RealtimeMinute:
    """The visitors of one minute."""

    start: Timestamp
    visitors: Annotated[int, Doc("Visitors with an event in this minute.", example=7)]
    joined: Annotated[int, Doc("Those of them who were not online before.", example=2)]
    left: Annotated[int, Doc("Visitors who were online until this minute.", example=1)]


@dataclass(frozen=True, slots=True)
class RealtimeValue:
    """A value, and the visitors online who had it last."""

    value: Annotated[str | None, Doc("Null: unknown; of a source: none.", example="CA")]
    visitors: Annotated[int, Doc(example=5)]


@dataclass(frozen=True, slots=True)
class RealtimeResponse:
    """The visitors who are online, and those of the last 30 minutes."""

    count: Annotated[int, Doc("Visitors with an event in the last minutes.", example=42)]
    timestamp: Annotated[Timestamp, Doc(example="2026-10-11T12:00:00Z")]
    online_minutes: Annotated[
        int, Doc("For how many minutes after an event a visitor is online.", example=5)
    ]
    minutes: Annotated[list[RealtimeMinute], Doc("The last 30 minutes, oldest first.")]
    countries: Annotated[list[RealtimeValue], Doc("The country of each online visitor.")]
    pages: Annotated[list[RealtimeValue], Doc("The page that each online visitor viewed last.")]
    sources: Annotated[list[RealtimeValue], Doc("The site that each online visitor came from.")]


def parse_realtime(request: UntypedRequest) -> RealtimePlan:
    """Parse a request for the visitors online; answers are cached for five seconds."""
    seconds = request.now.second // _STEP_SECONDS * _STEP_SECONDS
    now = request.now.replace(second=seconds, microsecond=0)
    return RealtimePlan(parse_audience(request), now, online_minutes())


def realtime(plan: RealtimePlan) -> RealtimeResponse:
    """Return the visitors who are online, and those of the last 30 minutes."""
    window = plan.online_minutes
    before = range(MINUTES + window, 0, -1)
    starts = tuple(plan.now - timedelta(minutes=minutes) for minutes in before)
    # Beyond now, as the clocks of devices may be ahead.
    span = TimeRange(starts[0], plan.now + timedelta(minutes=window), ZoneInfo("UTC"))
    with VisitorQuery(plan.audience, span, starts).open() as context:
        visitors = visitors_by_interval(context, plan.audience)
        online = context.within(TimeRange(starts[-window], span.end, span.zone))
        is_page = Event.event_name.in_(PAGE_EVENTS)
        return RealtimeResponse(
            count=len(_united(visitors[-window:])),
            timestamp=plan.now.isoformat().replace("+00:00", "Z"),
            online_minutes=window,
            minutes=[
                _minute(starts[index], visitors[index - window : index + 1])
                for index in range(window, len(starts))
            ],
            countries=_values(online, plan.audience, "country"),
            pages=_values(online, plan.audience, "page_path", [is_page]),
            sources=_values(online, plan.audience, "referrer_domain"),
        )


REALTIME = CachedQuery("realtime", parse_realtime, realtime, RealtimeResponse)


def _minute(start: datetime, visitors: Sequence[BitMap]) -> RealtimeMinute:
    """Return a minute from its visitors and those of the minutes before in which one is online."""
    now, earlier = visitors[-1], visitors[:-1]
    return RealtimeMinute(
        start.isoformat().replace("+00:00", "Z"),
        len(now),
        joined=len(now - _united(earlier)),
        left=len(visitors[0] - _united(visitors[1:])),
    )


def _values(
    context: QueryContext,
    audience: Audience,
    name: str,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> list[RealtimeValue]:
    if audience.community_id is not None:
        conditions = [*conditions, Event.community_id == audience.community_id]
    found = last_values(context, event_text(name), _MAX_VALUES, conditions)
    return [RealtimeValue(value, visitors) for value, visitors in found]


def _united(bitmaps: Sequence[BitMap]) -> BitMap:
    return BitMap.union(BitMap(), *bitmaps)
