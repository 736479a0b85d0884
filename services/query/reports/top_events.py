"""The most frequent events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.ratios import share
from services.query.execution.responses import QueryResponse, ResponseMeta, Share
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.sources.event_counts import count_by_name
from shared.responses import Doc


@dataclass(frozen=True, slots=True)
class TopEventsPlan:
    """Which events, and how many of their names."""

    query: EventQuery
    limit: int


def parse_top_events(request: UntypedRequest) -> TopEventsPlan:
    """Parse a request for the most frequent events.

    Raises:
        Unprocessable: names the invalid field.
    """
    return TopEventsPlan(request.event_query_of_url(), request.data["limit"])


@dataclass(frozen=True, slots=True)
class TopEvent:
    """An event name, its count, and its share of all events."""

    event_name: str
    count: int
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class TopEventsResponse(QueryResponse):
    """The most frequent event names."""

    items: list[TopEvent]
    total_events: int


@dataclass(frozen=True, slots=True)
class EventCountItem:
    """An event name and its count."""

    event_type: Annotated[str, Doc("The same as event_name.", example="button_click")]
    event_name: Annotated[str, Doc(example="button_click")]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCountsResponse(QueryResponse):
    """Event names and their counts, most frequent first."""

    items: list[EventCountItem]
    total_events: int


def run_top_events(plan: TopEventsPlan) -> TopEventsResponse:
    """Return event names with their counts and their share of all events."""
    counts, meta = _count(plan)
    total = sum(events for _, events in counts)
    return TopEventsResponse(
        **meta,
        items=[
            TopEvent(name, events, share(events, total)) for name, events in counts[: plan.limit]
        ],
        total_events=total,
    )


def run_event_counts(plan: TopEventsPlan) -> EventCountsResponse:
    """Return the most frequent events with their name under ``event_type`` too."""
    counts, meta = _count(plan)
    return EventCountsResponse(
        **meta,
        items=[EventCountItem(name, name, events) for name, events in counts[: plan.limit]],
        total_events=sum(events for _, events in counts),
    )


def _count(plan: TopEventsPlan) -> tuple[list[tuple[str, int]], ResponseMeta]:
    """Return every event name with its count, most frequent first."""
    with open_query(plan.query) as context:
        counts = count_by_name(context)
    return counts, context.meta.fields()


TOP_EVENTS = CachedQuery("top events", parse_top_events, run_top_events, TopEventsResponse)
EVENT_COUNTS = CachedQuery("event counts", parse_top_events, run_event_counts, EventCountsResponse)
