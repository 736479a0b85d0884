"""Makes events, for tests and benchmarks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timezone

from shared.envelope import Batch, Event

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=timezone.utc)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def an_event(
    name: str = "tested",
    *,
    at: datetime = NOON,
    person: str = "somebody",
    event_id: uuid.UUID | None = None,
    source: str | None = None,
    session_id: str | None = None,
    properties: bytes = b"{}",
) -> Event:
    """One event as it travels in the stream."""
    return Event(
        event_id=(event_id or uuid.uuid4()).bytes,
        event_name=name,
        timestamp_us=microseconds(at),
        distinct_id=person,
        properties=properties,
        session_id=session_id,
        source=source,
    )


def a_batch(project_id: int, events: Sequence[Event], received_at: datetime = NOON) -> Batch:
    """A request with these events."""
    return Batch(
        project_id=project_id, received_at_us=microseconds(received_at), events=list(events)
    )
