"""Every worked example of docs/metrics.md: its events give the answer that it shows.

An example is a ``csv events`` block and any number of requests (``http``) with their answers
(``json``). The events are stored as a processor stores them. Every request is sent twice: while
raw rows answer, and after all days were sealed. Both answers must be the one shown.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.sealing.day import seal_day
from services.query.app import create_app
from shared.auth.login_sessions import get_login_sessions
from shared.events.envelope import Event, PersonChange
from tests.conftest import ROOT, make_project
from tests.docs.markdown import Block, blocks, difference
from tests.support.factories import an_event
from tests.support.reader import make_user
from tests.support.sealing import store

_COLUMNS = frozenset(
    {
        *("session_id", "source", "page_url", "referrer", "country", "community_id"),
        "division_id",
    }
)


@dataclass
class Example:
    """Events, and questions about them with their answers."""

    events: Block
    questions: list[tuple[Block, Block]] = field(default_factory=list)


def examples() -> list[Example]:
    """The worked examples, in the order of the document."""
    found: list[Example] = []
    question: Block | None = None
    for block in blocks(ROOT / "docs" / "metrics.md"):
        if block.language == "csv":
            found.append(Example(block))
        elif block.language == "http":
            question = block
        elif block.language == "json" and question is not None:
            found[-1].questions.append((question, block))
            question = None
    return found


def read_events(block: Block, zone: ZoneInfo) -> list[Event]:
    """The events of an example. Times without an offset are local times of the project."""
    rows = csv.DictReader(block.text.splitlines(), skipinitialspace=True)
    return [read_event({name: value.strip() for name, value in row.items()}, zone) for row in rows]


def read_event(row: dict[str, str], zone: ZoneInfo) -> Event:
    """One line of an example."""
    at = datetime.fromisoformat(row.pop("time"))
    at = at.replace(tzinfo=zone) if at.tzinfo is None else at
    event = an_event(
        row.pop("event"), at=at.astimezone(timezone.utc), person=row.pop("distinct_id")
    )
    previous = row.pop("previous_id", "")
    if event.event_name == "$identify":
        event.person = PersonChange(link="identify", previous_id=previous or None)
    event.sample_weight = float(row.pop("sample_weight", "") or 1)
    properties: dict[str, Any] = {}
    for name, value in row.items():
        if not value:
            continue
        if name in _COLUMNS:
            setattr(event, name, value)
        else:
            properties[name] = float(value) if value.replace(".", "", 1).isdigit() else value
    event.properties = json.dumps(properties).encode()
    return event


def ask(client: Any, block: Block, project_id: int) -> Any:
    """Send the request of an ``http`` block; answers the decoded body."""
    head, _, body = block.text.partition("\n\n")
    method, _, path = head.strip().partition(" ")
    response = client.open(
        path.replace("PROJECT", str(project_id)),
        method=method,
        json=json.loads(body) if body.strip() else None,
    )
    assert response.status_code == 200, f"{block}: {response.get_data(as_text=True)}"
    return response.get_json()


@pytest.mark.parametrize("example", examples(), ids=lambda example: str(example.events.line))
def test_the_worked_example_is_true(
    backends: Backends, database: Connection, example: Example
) -> None:
    zone = ZoneInfo(example.events.option("zone") or "UTC")
    project_id = make_project(database, zone.key)
    events = read_events(example.events, zone)
    store(database, project_id, events)
    assert example.questions, f"{example.events} is followed by no question"
    for sealed in (False, True):
        if sealed:
            for day in sorted({local_day(event, zone) for event in events}):
                assert seal_day(database, project_id, day, zone).is_clean
            with Redis.from_url(backends.environment["REDIS_URL"]) as cache:
                cache.flushdb()  # or the answers of before would be given again
        user = make_user(database, project_id)
        client = create_app().test_client()
        token = get_login_sessions().open(user).access_token
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        for question, answer in example.questions:
            found = ask(client, question, project_id)
            different = difference(json.loads(answer.text), found)
            state = "sealed days" if sealed else "raw rows"
            assert different is None, f"{answer}, from {state}: {different}\n{found}"


def local_day(event: Event, zone: ZoneInfo) -> date:
    """The project's day that an event falls on."""
    return datetime.fromtimestamp(event.timestamp_us / 1_000_000, zone).date()
