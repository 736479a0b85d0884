"""What happens right now: the users of the last minutes, where they are, and the newest events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import QueryResponse
from services.query.monitoring.installation_health import HealthResponse, health_monitor
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.filters import parse_filter_text
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange, add_elapsed
from services.query.records.events import EventListPlan, EventResponse, describe_event, newest
from services.query.sources.active_persons import active_persons
from services.query.sources.last_values import last_values
from services.query.sources.live_values import LiveList, live_value
from shared.events.online import online_minutes
from shared.responses import Doc, Timestamp, to_json
from shared.runtime.settings import Settings

MINUTES = 30
MAX_VALUES = 10
MAX_EVENTS = 50
_AHEAD = timedelta(minutes=5)
_STEP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class LivePlan:
    """Whose events, and which of them are listed."""

    query: EventQuery
    """Of the last minutes, and of those ahead: the clocks of devices may be."""
    now: datetime
    limit: int
    event_name: str | None
    online_minutes: int = 5


@dataclass(frozen=True, slots=True)
class LiveMinute:
    """The users of one minute."""

    start: Timestamp
    users: int


@dataclass(frozen=True, slots=True)
class LiveValue:
    """A value, and the users who are there now with it."""

    value: Annotated[str | None, Doc("Null: unknown; of a source: none.")]
    users: int


@dataclass(frozen=True, slots=True)
class StoringState:
    """Whether received events are being stored."""

    seconds_behind: Annotated[
        float | None, Doc("Age of the oldest event that waits to be stored; null: unknown.")
    ]
    problems: Annotated[dict[str, str], Doc("Services and dependencies that do not work, and why.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFigures(QueryResponse):
    """What happens right now, as far as it depends on the project's events."""

    users_now: Annotated[int, Doc("Users with an event in the last minutes.")]
    online_minutes: Annotated[int, Doc("How many minutes that are.", example=5)]
    minutes: Annotated[list[LiveMinute], Doc("The last 30 minutes.")]
    pages: Annotated[list[LiveValue], Doc("The page that each user viewed last.")]
    sources: Annotated[list[LiveValue], Doc("The site that each user came from last.")]
    countries: Annotated[list[LiveValue], Doc("The country of each user's last event.")]
    events: Annotated[list[EventResponse], Doc("Newest first, of whatever age.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveResponse(LiveFigures):
    """What happens right now."""

    storing: StoringState


def parse_live(request: UntypedRequest) -> LivePlan:
    """Parse a request for what happens now; answers are cached for five seconds.

    Raises:
        Unprocessable: names the invalid field.
    """
    second = request.now.second // _STEP_SECONDS * _STEP_SECONDS
    now = request.now.replace(second=second, microsecond=0)
    zone = ZoneInfo(request.timezone)
    span = TimeRange(
        (now - timedelta(minutes=MINUTES)).astimezone(zone), (now + _AHEAD).astimezone(zone), zone
    )
    filters = parse_filter_text(request.data["filters"])
    query = EventQuery(request.project_id, span, filters)
    return LivePlan(query, now, request.data["limit"], request.data["event_name"], online_minutes())


def run_live(plan: LivePlan) -> LiveFigures:
    """Return the users of the last minutes, where those of now are, and the newest events."""
    query, zone = plan.query, plan.query.time_range.zone
    begin = query.time_range.start
    starts = [add_elapsed(begin, timedelta(minutes=index)) for index in range(MINUTES)]
    with open_query(query, starts) as context:
        [by_minute] = active_persons(context, [ANY_SELECTOR])
        window = plan.online_minutes
        recent = context.within(TimeRange(starts[-window], query.time_range.end, zone))
        users_now = len(BitMap.union(BitMap(), *by_minute[-window:]))
        plan_of_events = EventListPlan(
            query.project_id,
            plan.limit,
            event_name=plan.event_name,
            filters=query.filters,
            filter_range=query.time_range if query.is_filtered else None,
        )
        events = newest(context.session, plan_of_events)[: plan.limit] if plan.limit else []
        return LiveFigures(
            **context.meta.fields(),
            users_now=users_now,
            online_minutes=window,
            minutes=[
                LiveMinute(start.isoformat(), len(persons))
                for start, persons in zip(starts, by_minute, strict=True)
            ],
            pages=_values(recent, "pages"),
            sources=_values(recent, "sources"),
            countries=_values(recent, "countries"),
            events=[describe_event(*found) for found in events],
        )


LIVE = CachedQuery("live", parse_live, run_live, LiveFigures)


def live(request: UntypedRequest, settings: Settings) -> dict[str, Any]:
    """Return the JSON of what happens now, and whether events are being stored.

    Raises:
        Unprocessable: names the invalid field.
        Unavailable: too many queries of the project are running.
    """
    storing = _storing(health_monitor(settings).report())
    return LIVE.answer(request) | {"storing": to_json(storing)}


def _storing(health: HealthResponse) -> StoringState:
    parts = {**health.services, **health.dependencies}
    problems = {name: state for name, state in parts.items() if state != "ok"}
    return StoringState(health.stream.get("oldest_seconds"), problems)


def _values(context: QueryContext, name: LiveList) -> list[LiveValue]:
    value, conditions = live_value(name)
    return [LiveValue(*found) for found in last_values(context, value, MAX_VALUES, conditions)]
