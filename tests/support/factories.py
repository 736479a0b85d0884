"""Makes events, for tests and benchmarks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from services.ingest.admission import accepts_everything
from services.ingest.bots import crawler_of
from services.ingest.geography import UNKNOWN_LOCATION, Location
from services.ingest.request_context import Client, RequestContext
from shared.events.batch_context import BatchContext
from shared.events.envelope import Batch, Event, KeyKind
from shared.policies.policy import Policy

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=timezone.utc)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970."""
    return round(instant.timestamp() * 1_000_000)


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


def a_batch(
    project_id: int,
    events: Sequence[Event],
    received_at: datetime = NOON,
    key_kind: KeyKind = "unknown",
) -> Batch:
    """A request with these events."""
    return Batch(
        project_id=project_id,
        received_at_us=microseconds(received_at),
        events=list(events),
        key_kind=key_kind,
    )


BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Safari/537.36"
)


def a_policy(**changes: Any) -> Policy:
    """A policy that takes everything."""
    values: dict[str, Any] = {
        "project_id": 7,
        "kind": "public",
        "is_active": True,
        "timezone": "UTC",
        "allowed_sources": (),
        "rate_limit_per_minute": 60_000,
    }
    return Policy(**{**values, **changes})


def a_request_context(
    policy: Policy | None = None,
    *,
    at: datetime = NOON,
    user_agent: str = BROWSER,
    location: Location = UNKNOWN_LOCATION,
    wants_no_tracking: bool = False,
) -> RequestContext:
    """What the steps of an event know of a request that came at noon from a browser."""
    batch = BatchContext(
        received_at_us=microseconds(at),
        oldest_us=microseconds(at - timedelta(days=30)),
        clock_offset_us=0,
        visitor_id=lambda: "visitor_1",
    )
    client = Client("203.0.113.7", crawler_of(user_agent), location, wants_no_tracking)
    policy = policy or a_policy()
    everything = accepts_everything(policy) and client.crawler is None and not wants_no_tracking
    return RequestContext(
        policy,
        batch,
        client,
        user_agent,
        b"salt",
        lambda: "visitor_1",
        lambda _: location,
        everything,
    )
