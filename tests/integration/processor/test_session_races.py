"""Sessions of odd events, however they are divided into batches and among processors."""

from __future__ import annotations

import random
import threading
import uuid
from datetime import date, timedelta
from queue import Empty, SimpleQueue
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.persons import pending_merges
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Event, PersonChange
from tests.conftest import make_project, plain_url
from tests.integration.processor.test_sessions import by_hand, stored
from tests.support.factories import a_batch, an_event
from tests.support.odd_events import MERGED, Week

_ROUNDS = 12


def odd_events(chance: random.Random) -> list[Event]:
    """Invent a week of events in which persons use ids of sessions again, and two are merged."""
    week = Week(ZoneInfo("Asia/Kathmandu"), date(2026, 11, 15))
    week.add(chance, 450)
    for person in MERGED:
        own = [row.at for row in week.rows if row.person == person]
        week.identify(person, own[len(own) // 2] + timedelta(seconds=3))
    events = []
    for row in week.rows:
        event = an_event(row.name, at=row.at, person=row.distinct_id, session_id=row.session)
        event.event_id, event.page_url = uuid.uuid4().bytes, row.page
        if row.name == "$identify":
            previous_id = row.properties["$anon_distinct_id"]
            event.person = PersonChange(link="identify", previous_id=previous_id)
        events.append(event)
    return events


def divided(events: list[Event], chance: random.Random) -> list[list[Event]]:
    batches, left = [], list(events)
    while left:
        size = chance.choice([1, 3, 10, 30, 60, 200])
        batches.append(left[:size])
        left = left[size:]
    if chance.random() < 0.5:
        chance.shuffle(batches)
    return batches


def store_with(
    backends: Backends, processors: int, project_id: int, batches: list[list[Event]]
) -> None:
    """Store batches by several threads, each as a processor does; what fails is tried again."""
    waiting: SimpleQueue[list[Event]] = SimpleQueue()
    for batch in batches:
        waiting.put(batch)

    def process() -> None:
        connection, pipeline = psycopg2.connect(plain_url(backends.database_url)), Pipeline()
        with connection:
            while True:
                try:
                    batch = waiting.get_nowait()
                except Empty:
                    break
                try:
                    pipeline.store(connection, list(flatten([a_batch(project_id, batch)])))
                except psycopg2.Error:
                    connection.rollback()
                    waiting.put(batch)
        connection.close()

    threads = [threading.Thread(target=process) for _ in range(processors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("processors", [1, 3])
def test_however_events_are_divided_the_sessions_are_those_counted_by_hand(
    backends: Backends, database: Connection, processors: int
) -> None:
    same = {f"anonymous-{person}": f"account-{person}" for person in MERGED}
    for seed in range(_ROUNDS):
        chance = random.Random(seed)
        project_id = make_project(database, "UTC")
        batches = divided(odd_events(chance), chance)
        store_with(backends, processors, project_id, batches)
        pending_merges.finish(database, seconds=30, project_id=project_id)
        expected = by_hand([event for batch in batches for event in batch], same)
        # Which of two events at the same time comes first is not defined among processors.
        assert [(row[0], *row[2:5]) for row in stored(database, project_id)] == [
            (row[0], *row[2:5]) for row in expected
        ], f"seed {seed}"
