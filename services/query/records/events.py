"""The newest events, page by page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from services.query.execution.read_session import read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.sources.person_identity import PERSON
from shared.errors import Unprocessable
from shared.models import Event, PersonDistinctId


@dataclass(frozen=True, slots=True)
class EventListPlan:
    """Which events, and after which one to go on."""

    project_id: int
    limit: int
    cursor: str | None = None
    event_name: str | None = None
    source: str | None = None
    person_id: int | None = None
    distinct_id: str | None = None
    session_id: str | None = None
    device_id: str | None = None
    time_range: TimeRange | None = None
    """Missing: of all time."""


def recent_events(query: EventListPlan) -> dict[str, Any]:
    """Newest first by event time; ``next_cursor`` goes on where the page ends."""
    with read_only_session() as session:
        events = newest(session, query)
    page = events[: query.limit]
    more = len(events) > query.limit
    return {
        "items": [shape(event) for event in page],
        "next_cursor": _cursor(page[-1]) if more else None,
    }


def newest(session: Session, query: EventListPlan) -> list[Event]:
    """Up to one event more than the limit, so that the caller knows whether there are more."""
    statement = select(Event).where(Event.project_id == query.project_id)
    if query.event_name is not None:
        statement = statement.where(Event.event_name == query.event_name)
    if query.source is not None:
        statement = statement.where(Event.source == query.source)
    if query.person_id is not None:
        statement = statement.where(PERSON.in_((query.person_id,)))
    if query.session_id is not None:
        statement = statement.where(Event.session_id == query.session_id)
    if query.device_id is not None:
        statement = statement.where(Event.device_id == query.device_id)
    if query.distinct_id is not None:
        # By the person first: persons have an index over events, their ids have none.
        statement = statement.where(
            PERSON.in_(
                select(PersonDistinctId.person_id).where(
                    PersonDistinctId.project_id == query.project_id,
                    PersonDistinctId.distinct_id == query.distinct_id,
                )
            ),
            Event.distinct_id == query.distinct_id,
        )
    if query.time_range is not None:
        statement = statement.where(
            Event.timestamp >= query.time_range.start, Event.timestamp < query.time_range.end
        )
    if query.cursor is not None:
        after, last_id = _read_cursor(query.cursor)
        statement = statement.where(
            Event.timestamp <= after, tuple_(Event.timestamp, Event.id) < tuple_(after, last_id)
        )
    statement = statement.order_by(Event.timestamp.desc(), Event.id.desc())
    return list(session.scalars(statement.limit(query.limit + 1)))


def shape(event: Event) -> dict[str, Any]:
    """An event as it is answered."""
    return {
        "id": event.id,
        "event_id": str(event.event_id),
        "event_name": event.event_name,
        "event_type": event.event_name,
        "timestamp": event.timestamp.isoformat(),
        "received_at": event.received_at.isoformat(),
        "distinct_id": event.distinct_id,
        "session_id": event.session_id,
        "source": event.source,
        "page_url": event.page_url,
        "device_id": event.device_id,
        "app_version": event.app_version,
        "os_name": event.os_name,
        "os_version": event.os_version,
        "properties": event.properties,
    }


def _cursor(event: Event) -> str:
    microseconds = round(event.timestamp.timestamp() * 1_000_000)
    return base64.urlsafe_b64encode(f"{microseconds}.{event.id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        microseconds, _, last_id = plain.partition(".")
        if not 0 < int(last_id) < 2**63:
            raise ValueError("no event id")
        return datetime.fromtimestamp(int(microseconds) / 1_000_000, timezone.utc), int(last_id)
    except (ValueError, OverflowError, OSError, binascii.Error) as error:
        raise Unprocessable(
            "The cursor is not one of ours; use next_cursor as it came.",
            errors={"cursor": ["Not valid."]},
        ) from error
