"""What the tests of real SDKs share: the edge alone, a time to happen at, a look at the stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import pytest

from deploy.local.backends import Backends
from shared.events.envelope import Batch, Event
from tests.conftest import Installation, plain_url
from tests.support.edge import Edge, running_edge


@pytest.fixture(scope="package")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One for all tests here: they stop nothing, and each has a project of its own."""
    with running_edge(backends.database_url, tmp_path_factory.mktemp("edge")) as made:
        yield made


@pytest.fixture(scope="session")
def happened_at() -> datetime:
    """Two hours ago, to the millisecond, in a zone that is not UTC."""
    now = datetime.now(timezone(timedelta(hours=5, minutes=30)))
    return (now - timedelta(hours=2)).replace(microsecond=123_000)


@dataclass(frozen=True)
class Stored:
    """An event as PostgreSQL has it."""

    event_id: str
    person_id: int
    event_name: str
    distinct_id: str
    timestamp: datetime
    session_id: str | None
    source: str | None
    page_url: str | None
    browser: str | None
    utm_source: str | None
    groups: dict[str, str] | None
    properties: dict[str, Any]


def stored_events(installation: Installation, project_id: int) -> list[Stored]:
    """Every row of a project, once all that was sent is stored."""
    installation.wait_until_stored()
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT event_id::text, person_id, event_name, distinct_id, timestamp, session_id, "
                "source, page_url, browser, utm_source, groups, properties "
                "FROM events WHERE project_id = %s ORDER BY timestamp, id",
                [project_id],
            )
            return [Stored(*row) for row in cursor.fetchall()]
    finally:
        connection.close()


def sent_events(batches: list[Batch]) -> dict[str, Event]:
    """The events in the stream by name; each name once."""
    events = [event for batch in batches for event in batch.events]
    named = {event.event_name: event for event in events}
    assert len(named) == len(events), [event.event_name for event in events]
    return named


def properties(event: Event) -> dict[str, Any]:
    """An event's properties."""
    found: dict[str, Any] = json.loads(event.properties)
    return found


def by_name(rows: list[Stored]) -> dict[str, Stored]:
    """The rows by name; each name once."""
    named = {row.event_name: row for row in rows}
    assert len(named) == len(rows), [row.event_name for row in rows]
    return named
