"""The newest events, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, Text, cast, or_, select, tuple_
from sqlalchemy.orm import Session

from services.query.execution.cached_query import CachedQuery
from services.query.execution.expired_days import expired_parts
from services.query.execution.read_session import read_only_session
from services.query.execution.responses import ExpiredParts
from services.query.parsing.filters import NO_FILTER, Group, parse_filter_text
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange, all_time
from services.query.sources.conditions import in_range, matches_filter
from services.query.sources.event_columns import PERSON, SESSION
from services.query.sources.postgres import contains
from shared.models import Event, PersonDistinctId, SessionRow
from shared.responses import Doc, Timestamp
from shared.web.pagination import decode_cursor, encode_cursor

Position = tuple[datetime, int]
"""Timestamp and id of an event."""


@dataclass(frozen=True, slots=True)
class EventListPlan:
    """Which events, and which page of them."""

    project_id: int
    limit: int
    after: Position | None = None
    """The last event of the previous page."""
    event_name: str | None = None
    source: str | None = None
    person_id: int | None = None
    distinct_id: str | None = None
    session_id: str | None = None
    device_id: str | None = None
    time_range: TimeRange | None = None
    """None: of all time."""
    filters: Group = NO_FILTER
    filter_range: TimeRange | None = None
    """With ``filters``: the range whose sessions they test; it is never None then."""
    search: str | None = None
    """A text in the name, the ids, the page or the properties."""


def parse_event_list(request: UntypedRequest) -> EventListPlan:
    """Parse a request for a page of events; without a range they are of all time.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    has_range = any(data.get(name) is not None for name in ("period", "days", "start", "end"))
    time_range = request.time_range() if has_range else None
    filters = parse_filter_text(data.get("filters"))
    return EventListPlan(
        request.project_id,
        data["limit"],
        parse_event_cursor(data["cursor"]),
        data["event_name"] or data["event_type"],
        data["source"],
        distinct_id=data["distinct_id"],
        session_id=data["session_id"],
        device_id=data["device_id"],
        time_range=time_range,
        filters=filters,
        filter_range=(time_range or all_time(request.timezone)) if filters.parts else None,
        search=data.get("search"),
    )


def parse_event_cursor(cursor: str | None) -> Position | None:
    """Parse the cursor of a list of events.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    if cursor is None:
        return None
    timestamp, event_id = decode_cursor(cursor, datetime, int)
    return timestamp, event_id


@dataclass(frozen=True, slots=True)
class EventResponse:
    """A stored event."""

    id: int
    event_id: Annotated[str, Doc(format="uuid")]
    event_name: str
    event_type: Annotated[str, Doc("The same as event_name.")]
    timestamp: Timestamp
    received_at: Timestamp
    distinct_id: str
    session_id: Annotated[str | None, Doc("Of its session, however that began.")]
    source: str | None
    page_url: str | None
    referrer: str | None
    device_id: str | None
    app_version: str | None
    os_name: str | None
    os_version: str | None
    browser: str | None
    device_type: str | None
    country: str | None
    region: str | None
    city: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    community_id: str | None
    division_id: str | None
    ip: Annotated[
        str | None, Doc("The client's address or its hash, if the project's `ip_mode` stores it.")
    ]
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventListResponse:
    """A page of events, newest first."""

    items: list[EventResponse]
    next_cursor: str | None
    expired: ExpiredParts = msgspec.UNSET


def list_events(plan: EventListPlan) -> EventListResponse:
    """List events, newest first by event time."""
    with read_only_session() as session:
        events = newest(session, plan)
        expired = expired_parts(session, plan.project_id, plan.time_range or all_time("UTC"))
    page = [event for event, _ in events[: plan.limit]]
    has_more = len(events) > plan.limit
    next_cursor = encode_cursor(page[-1].timestamp, page[-1].id) if has_more else None
    return EventListResponse(
        [describe_event(*found) for found in events[: plan.limit]], next_cursor, expired
    )


EVENT_LIST = CachedQuery("events", parse_event_list, list_events, EventListResponse)


def newest(session: Session, plan: EventListPlan) -> list[tuple[Event, str | None]]:
    """Return the page's events with their sessions.

    If there is one more event it is returned too, which tells that pages follow.
    """
    statement = select(Event, SESSION).where(Event.project_id == plan.project_id)
    if plan.event_name is not None:
        statement = statement.where(Event.event_name == plan.event_name)
    if plan.source is not None:
        statement = statement.where(Event.source == plan.source)
    if plan.person_id is not None:
        statement = statement.where(PERSON.in_((plan.person_id,)))
    if plan.session_id is not None:
        statement = statement.where(*_in_session(session, plan.project_id, plan.session_id))
    if plan.device_id is not None:
        statement = statement.where(Event.device_id == plan.device_id)
    if plan.distinct_id is not None:
        # By person first: events have an index by person, and none by distinct id.
        persons = select(PersonDistinctId.person_id).where(
            PersonDistinctId.project_id == plan.project_id,
            PersonDistinctId.distinct_id == plan.distinct_id,
        )
        statement = statement.where(PERSON.in_(persons), Event.distinct_id == plan.distinct_id)
    if plan.time_range is not None:
        statement = statement.where(*in_range(plan.project_id, plan.time_range))
    statement = statement.where(*_matches_search(plan))
    if plan.after is not None:
        # The first condition, which follows from the second, lets partitions be skipped.
        statement = statement.where(
            Event.timestamp <= plan.after[0],
            tuple_(Event.timestamp, Event.id) < tuple_(*plan.after),
        )
    statement = statement.order_by(Event.timestamp.desc(), Event.id.desc())
    return [(event, own) for event, own in session.execute(statement.limit(plan.limit + 1))]


def _in_session(session: Session, project_id: int, session_id: str) -> list[ColumnElement[bool]]:
    """Return the conditions for the events of a session."""
    row = session.get(SessionRow, (project_id, session_id))
    if row is None or not (row.by_inactivity or row.client_session_id):
        return [Event.session_id == session_id, SESSION.in_((session_id,))]
    # The person and the times follow from the session, and have an index.
    return [
        PERSON.in_((row.person_id,)),
        Event.timestamp.between(row.started_at, row.ended_at),
        Event.session_id.is_not_distinct_from(row.client_session_id),
    ]


def _matches_search(plan: EventListPlan) -> list[ColumnElement[bool]]:
    """Return the conditions for the filters and the text of a plan."""
    found = []
    if plan.filter_range is not None:
        found.append(matches_filter(plan.filters, plan.project_id, plan.filter_range))
    if plan.search is not None:
        columns = (Event.event_name, Event.distinct_id, SESSION, Event.page_url)
        texts = [*columns, cast(Event.properties, Text)]
        found.append(or_(*(contains(text, plan.search) for text in texts)))
    return found


def describe_event(event: Event, session_id: str | None) -> EventResponse:
    """Return an event and its session as a response."""
    return EventResponse(
        id=event.id,
        event_id=str(event.event_id),
        event_name=event.event_name,
        event_type=event.event_name,
        timestamp=event.timestamp.isoformat(),
        received_at=event.received_at.isoformat(),
        distinct_id=event.distinct_id,
        session_id=session_id,
        source=event.source,
        page_url=event.page_url,
        referrer=event.referrer,
        device_id=event.device_id,
        app_version=event.app_version,
        os_name=event.os_name,
        os_version=event.os_version,
        browser=event.browser,
        device_type=event.device_type,
        country=event.country,
        region=event.region,
        city=event.city,
        utm_source=event.utm_source,
        utm_medium=event.utm_medium,
        utm_campaign=event.utm_campaign,
        utm_term=event.utm_term,
        utm_content=event.utm_content,
        community_id=event.community_id,
        division_id=event.division_id,
        ip=event.ip,
        properties=event.properties,
    )
