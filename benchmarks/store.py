"""Measure storing, batch by batch, without HTTP and without the stream: ``make bench-store``.

It starts servers of its own in a temporary folder and stores batches of 2,000 events on one
connection, as a processor does: sessions by the client's id, sessions by inactivity, users who log
in as they play, many projects (with as many persons altogether). ``BATCHES=40`` of each kind; the
median batch is printed.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import psycopg2
from alembic import command
from alembic.config import Config
from psycopg2.extensions import connection as Connection

from deploy.local.backends import running_backends
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Batch, Event, PersonChange

_EVENTS = 2_000
_PER_REQUEST = 50
_PERSONS = 20_000
_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{}.0.0.0 Safari/537.36",
)
_PROPERTIES = b'{"level":7,"mode":"ranked","duration":182.5,"won":true,"items":["a","b"]}'


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of batch."""

    title: str
    projects: int = 1
    sessions: bool = True
    identifies: float = 0.0
    """Share of events that are a login, nearly always one that is settled already."""


_KINDS = (
    Kind("sessions by the client's id"),
    Kind("sessions by inactivity", sessions=False),
    Kind("1 % are logins", identifies=0.01),
    Kind("200 projects", projects=200),
)


def main() -> None:
    """Store, and print."""
    batches = int(os.environ.get("BATCHES", "40"))
    with tempfile.TemporaryDirectory() as folder, running_backends(Path(folder)) as servers:
        os.environ.update(servers.environment, SECRET_KEY=os.urandom(32).hex())
        command.upgrade(Config("alembic.ini"), "head")
        url = servers.database_url.replace("+psycopg2", "", 1)
        connection = psycopg2.connect(url, options="-c timezone=UTC")
        for number, kind in enumerate(_KINDS):
            first = 1 + number * 1000
            timing = measure(connection, kind, first, batches)
            print(
                f"{kind.title:<30} {_EVENTS / timing.median:>7,.0f} events/s, "
                f"{timing.median * 1e3:6.1f} ms a batch, "
                f"{timing.python * 1e6 / _EVENTS:5.1f} µs of Python "
                "an event",
                flush=True,
            )
        connection.close()


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds per batch of one kind."""

    median: float
    """Without the first quarter of the batches."""
    mean: float
    """Of all batches."""
    python: float
    """CPU time of this process; median."""


def measure(connection: Connection, kind: Kind, first: int, batches: int) -> Timing:
    """Store batches with a pipeline of their own."""
    pipeline = Pipeline()
    elapsed, processor = [], []
    for requests in _requests(kind, first, batches):
        incoming = list(flatten(requests))
        start, start_here = time.perf_counter(), time.process_time()
        result = pipeline.store(connection, incoming)
        elapsed.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_here)
        assert len(result.stored) == _EVENTS
    warm = batches // 4
    return Timing(
        statistics.median(elapsed[warm:]),
        statistics.mean(elapsed),
        statistics.median(processor[warm:]),
    )


def _requests(kind: Kind, first: int, batches: int) -> Iterator[list[Batch]]:
    chance = random.Random(kind.title)
    now = int(datetime.now(timezone.utc).timestamp() * 1e6)
    for _ in range(batches):
        requests = []
        size = _PER_REQUEST if kind.projects == 1 else _EVENTS // kind.projects
        for number in range(_EVENTS // size):
            now += 1_000
            events = [_event(kind, chance, now + index) for index in range(size)]
            agent = chance.choice(_AGENTS).format(chance.randrange(60, 140))
            requests.append(
                Batch(first + number % kind.projects, now, events, agent, batch_id=os.urandom(16))
            )
        yield requests


def _event(kind: Kind, chance: random.Random, now: int) -> Event:
    # As many persons altogether, however many projects they are in.
    person = chance.randrange(_PERSONS // kind.projects)
    event = Event(
        uuid.UUID(int=chance.getrandbits(128), version=4).bytes,
        chance.choice(("level_started", "level_completed", "$pageview", "item_bought")),
        now,
        f"person-{person}",
        _PROPERTIES,
        session_id=f"session-{person}-{now // 60_000_000}" if kind.sessions else None,
        source="web",
        page_url="https://example.org/play?level=7",
        app_version="1.4.2",
    )
    if chance.random() < kind.identifies:
        event.event_name = "$identify"
        event.person = PersonChange("identify", f"visitor-{person}", b'{"plan":"free"}')
    return event


if __name__ == "__main__":
    main()
