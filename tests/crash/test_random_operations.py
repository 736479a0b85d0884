"""Whatever happens in whatever order, what is stored is what a small model says."""

from __future__ import annotations

import multiprocessing
import signal
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

import psycopg2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.maintenance import retention
from services.processor.persons.deletion import delete_person
from services.processor.sealing.run import seal_due
from services.processor.storing import crash_points
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.errors import NotFound
from shared.events.envelope import Event, PersonChange
from tests.conftest import make_project, plain_url
from tests.support.factories import NOON, a_batch, an_event

IDS = st.sampled_from(["ann", "bob", "v1", "v2"])
DAYS = st.integers(0, 3)
POINTS = st.sampled_from([crash_points.AFTER_LEDGER, crash_points.BEFORE_COMMIT])


class Model:
    """What ought to be stored: events by id, and which ids are one person."""

    def __init__(self) -> None:
        self.seen: set[uuid.UUID] = set()
        self.stored: dict[uuid.UUID, Event] = {}
        self.people: dict[str, set[str]] = {}
        self.known: set[str] = set()
        self.deleted: set[str] = set()

    def store(self, event: Event) -> None:
        """A link counts whenever it comes; the event itself once, and never for the deleted."""
        if event.distinct_id in self.deleted:
            self.seen.add(uuid.UUID(bytes=event.event_id))
            return
        own = self.people.setdefault(event.distinct_id, {event.distinct_id})
        said = event.person
        if said and said.link and said.previous_id and said.previous_id not in self.deleted:
            other = self.people.setdefault(said.previous_id, {said.previous_id})
            refused = other & self.known and (said.link == "identify" or own & self.known)
            if other is not own and not refused:
                own |= other
                self.people.update(dict.fromkeys(own, own))
        if said and said.link == "identify":
            self.known.add(event.distinct_id)
        if (event_id := uuid.UUID(bytes=event.event_id)) not in self.seen:
            self.seen.add(event_id)
            self.stored[event_id] = event

    def delete(self, distinct_id: str) -> None:
        """All the person's ids, and all their events."""
        gone = self.people.pop(distinct_id)
        for one in gone:
            self.people.pop(one, None)
        self.deleted |= gone
        self.known -= gone
        self.stored = {k: v for k, v in self.stored.items() if v.distinct_id not in gone}


def _store_and_die(url: str, project_id: int, event: Event, point: str) -> None:
    crash_points._configured_point, crash_points._countdown = point, 1
    Pipeline().store(psycopg2.connect(url), list(flatten([a_batch(project_id, [event])])))


class Storing(RuleBasedStateMachine):
    """Steps that are taken in any order; ``backends`` and ``database`` are set by the test."""

    backends: ClassVar[Backends]
    database: ClassVar[Connection]

    @initialize()
    def begin(self) -> None:
        self.database.rollback()
        self.model = Model()
        self.sent: list[Event] = []
        self.project_id = make_project(self.database, "UTC")
        self.pipelines = [Pipeline(), Pipeline()]
        self.is_expired = False

    def send(self, event: Event, worker: int = 0) -> None:
        batch = a_batch(self.project_id, [event])
        self.pipelines[worker % 2].store(self.database, list(flatten([batch])))
        self.model.store(event)

    @rule(person=IDS, day=DAYS, minute=st.integers(0, 200), worker=st.integers(0, 1))
    def event(self, person: str, day: int, minute: int, worker: int) -> None:
        """Early, late, out of order: as it comes."""
        at = NOON + timedelta(days=day + 2 * self.is_expired, minutes=minute)
        self.sent.append(an_event(f"event {minute % 3}", at=at, person=person))
        self.send(self.sent[-1], worker)

    @rule(place=st.integers(0, 50), worker=st.integers(0, 1))
    def resend(self, place: int, worker: int) -> None:
        if self.sent and not self.is_expired:
            self.send(self.sent[place % len(self.sent)], worker)

    @rule(person=IDS, other=IDS, link=st.sampled_from(["identify", "alias"]), day=DAYS)
    def link(self, person: str, other: str, link: Any, day: int) -> None:
        event = an_event("$link", at=NOON + timedelta(days=day + 2), person=person)
        event.person = PersonChange(link=link, previous_id=other if other != person else None)
        self.sent.append(event)
        self.send(event)

    @rule(person=IDS, day=DAYS, point=POINTS)
    def killed_while_storing(self, person: str, day: int, point: str) -> None:
        """It dies; another one, or the same again, does it anew."""
        event = an_event("killed", at=NOON + timedelta(days=day + 2), person=person)
        url = plain_url(self.backends.database_url)
        fork = multiprocessing.get_context("fork")
        child = fork.Process(target=_store_and_die, args=(url, self.project_id, event, point))
        child.start()
        child.join(20)
        assert child.exitcode == -signal.SIGKILL
        self.sent.append(event)
        self.send(event)

    @rule()
    def restart(self) -> None:
        self.pipelines = [Pipeline(), Pipeline()]

    @rule(person=IDS)
    def delete(self, person: str) -> None:
        try:
            delete_person(self.database, self.project_id, person)
        except NotFound:
            self.database.rollback()
            assert person not in self.model.people
        else:
            self.model.delete(person)

    @rule()
    def expire(self) -> None:
        """The first two days go."""
        if self.is_expired:
            return
        self.is_expired = True
        now = NOON + timedelta(days=12)
        with self.database.cursor() as cursor:
            cursor.execute(
                "UPDATE projects SET retention_days = 10 WHERE id = %s", (self.project_id,)
            )
        self.database.commit()
        seal_due(self.database, now, project_id=self.project_id)
        retention.remove_expired(self.database, now, project_id=self.project_id)
        first_kept = (NOON + timedelta(days=2)).replace(hour=0).timestamp() * 1e6
        self.model.stored = {
            key: event
            for key, event in self.model.stored.items()
            if event.timestamp_us >= first_kept
        }

    @invariant()
    def the_same_is_stored(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.database.cursor() as cursor:
            cursor.execute(
                "SELECT event_id, e.distinct_id, event_name, e.person_id, d.person_id"
                " FROM events e LEFT JOIN person_distinct_ids d USING (project_id, distinct_id)"
                " WHERE project_id = %s",
                (self.project_id,),
            )
            rows = cursor.fetchall()
            cursor.execute(
                "SELECT array_agg(distinct_id ORDER BY distinct_id) FROM person_distinct_ids"
                " WHERE project_id = %s GROUP BY person_id",
                (self.project_id,),
            )
            people = sorted(ids for (ids,) in cursor)
            cursor.execute(
                "SELECT event_name, sum(events)::int FROM event_counts WHERE project_id = %s"
                " GROUP BY 1",
                (self.project_id,),
            )
            counted = Counter(dict(cursor.fetchall()))
        self.database.rollback()
        assert sorted(str(row[0]) for row in rows) == sorted(map(str, self.model.stored))
        assert all(row[3] == row[4] for row in rows)
        assert people == sorted(sorted(ids) for ids in _groups(self.model.people))
        if not self.is_expired:  # afterwards the counts hold what the rows no longer do
            assert counted == Counter(e.event_name for e in self.model.stored.values())


def test_what_is_stored_is_what_the_model_says(backends: Backends, database: Connection) -> None:
    Storing.backends, Storing.database = backends, database
    Storing.TestCase.settings = settings(
        max_examples=25,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    Storing.TestCase().runTest()


def _groups(people: dict[str, set[str]]) -> list[set[str]]:
    return list({id(ids): ids for ids in people.values()}.values())
