"""Storing a batch exactly once, as named steps in one transaction.

Whatever happens between the steps, the entries stay in the stream until the transaction is
committed; when they come again, the ledger tells which events are stored already.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.monitoring.step_times import StepTimes
from services.processor.persons import identities, properties
from services.processor.persons import store as person_store
from services.processor.persons.resolver import Persons, PersonsChanged
from services.processor.persons.store import Days, PersonNumber
from services.processor.sealing import dirty_days
from services.processor.sessions import store as session_store
from services.processor.storing import crash_points, event_store, user_agents
from services.processor.storing.partitions import Partitions
from services.processor.storing.rows import (
    EventKey,
    Incoming,
    PersonKey,
    Span,
    count,
    count_receipts,
    days,
    first_of_each,
    spans,
)
from shared.events.envelope import Batch, encode
from shared.events.outcomes import Outcome

log = logging.getLogger(__name__)

# What is said of rows that will never be taken, by PostgreSQL (data exceptions, broken constraints,
# programs' limits) or by what makes rows of events that no edge of ours has normalised (NUL, broken
# JSON, times that are none). Anything else (connections, deadlocks, disk) is worth another try.
_REFUSALS: tuple[type[Exception], ...] = (
    ValueError,
    OverflowError,
    msgspec.MsgspecError,
    psycopg2.DataError,
    psycopg2.IntegrityError,
    psycopg2.errors.ProgramLimitExceeded,
    psycopg2.errors.StatementTooComplex,
)


class _Refused(Exception):
    """These rows are not taken, and never will be."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class DeadReason(StrEnum):
    """Why an event became a dead letter."""

    REFUSED = "refused_by_database"
    UNDECODABLE = "undecodable"


@dataclass(slots=True)
class Result:
    """What became of the events that were read."""

    stored: list[Incoming] = field(default_factory=list)
    known: list[Incoming] = field(default_factory=list)
    """Not stored: the ledger had them, or they were read twice."""
    dead: int = 0


class Pipeline:
    """The steps, and what they remember between batches."""

    def __init__(self, times: StepTimes | None = None) -> None:
        self._partitions = Partitions()
        self._persons = Persons()
        self._times = times or StepTimes()

    def store(self, connection: Connection, incoming: Sequence[Incoming]) -> Result:
        """Store what is new, in one transaction if PostgreSQL takes it.

        When it refuses, the batch is halved until the event at fault stands alone: that one
        becomes a dead letter, its neighbours are stored.

        Raises:
            psycopg2.Error: the database is away or busy; nothing is lost by trying again.
        """
        result = Result()
        unique, result.known = first_of_each(incoming)
        user_agents.describe(unique)
        self._store_or_halve(connection, unique, result)
        return result

    def _store_or_halve(
        self, connection: Connection, events: list[Incoming], result: Result
    ) -> None:
        try:
            outcome = self._store_in_partitions(connection, events)
        except _Refused as refused:
            connection.rollback()
            self._halve(connection, events, refused.reason, result)
        else:
            result.stored += outcome.stored
            if len(outcome.stored) < len(events):
                new = {item.key for item in outcome.stored + outcome.forgotten}
                result.known += [item for item in events if item.key not in new]

    def _store_in_partitions(self, connection: Connection, events: list[Incoming]) -> _Stored:
        try:
            return self._prepare_and_store(connection, events)
        except _Refused as refused:
            if not isinstance(refused.reason, psycopg2.errors.CheckViolation):
                raise
            # A partition that was there is gone (retention, an operator): look again.
            connection.rollback()
            self._partitions.forget()
            return self._prepare_and_store(connection, events)

    def _prepare_and_store(self, connection: Connection, events: list[Incoming]) -> _Stored:
        while True:
            try:
                # What goes wrong while preparing is not the events' fault, whatever its kind.
                with self._times.step("prepare"):
                    ready = self._prepare(connection, events)
                return self._store_once(connection, ready)
            except PersonsChanged:
                connection.rollback()
            except _REFUSALS as reason:
                raise _Refused(reason) from reason

    def _halve(
        self,
        connection: Connection,
        events: list[Incoming],
        refusal: Exception,
        result: Result,
    ) -> None:
        if len(events) == 1:
            _bury(connection, events[0], refusal)
            result.dead += 1
            return
        middle = len(events) // 2
        self._store_or_halve(connection, events[:middle], result)
        self._store_or_halve(connection, events[middle:], result)

    def _prepare(self, connection: Connection, events: list[Incoming]) -> _Ready:
        """What has to be there before the transaction: day partitions, persons, joined ids."""
        self._partitions.ensure(connection, days(events))
        when = spans(events)
        persons = self._persons.resolve(connection, when)
        forgotten = [item for item in events if self._persons.is_forgotten(item)]
        if forgotten:
            over = {item.key for item in forgotten}
            events = [item for item in events if item.key not in over]
            when = spans(events)
        if identities.link(connection, events, self._persons):
            persons = self._persons.resolve(connection, when)
        return _Ready(events, forgotten, persons, when)

    def _store_once(self, connection: Connection, ready: _Ready) -> _Stored:
        """The transaction: ledger, events, sessions, counts. Answers what was new."""
        with connection.cursor() as cursor:
            persons = self._persons.confirm(cursor, ready.persons)
            unseen = self._persons.unseen(persons, ready.spans)
            with self._times.step("ledger"):
                known = _claim(cursor, ready.events + ready.forgotten)
            crash_points.reach(crash_points.AFTER_LEDGER)
            fresh = [item for item in ready.events if item.key not in known]
            if fresh:
                self._add(cursor, fresh, persons, unseen)
            over = [item for item in ready.forgotten if item.key not in known]
            if over:
                event_store.add_intake(cursor, count_receipts(over, Outcome.PERSON_DELETED))
        crash_points.reach(crash_points.BEFORE_COMMIT)
        with self._times.step("commit"):
            connection.commit()
        if fresh:
            self._persons.saw(unseen)
        return _Stored(fresh, over)

    def _add(
        self,
        cursor: Cursor,
        fresh: list[Incoming],
        persons: Mapping[PersonKey, int],
        unseen: Mapping[PersonNumber, Days],
    ) -> None:
        """Rows, and all that is counted of them; what many batches change at once comes last."""
        with self._times.step("copy"):
            event_store.copy_events(cursor, fresh, persons)
        with self._times.step("sessions"):
            changed_sessions = session_store.add_sessions(cursor, fresh, persons)
        with self._times.step("persons"):
            changed = properties.of_persons(fresh, persons)
            if unseen:
                person_store.see(cursor, {**dict.fromkeys(changed), **unseen})
            person_store.change_persons(cursor, changed)
            person_store.change_groups(cursor, properties.of_groups(fresh))
        with self._times.step("counts"):
            counts = count(fresh)
            event_store.add_counts(cursor, counts)
            event_store.add_intake(cursor, count_receipts(fresh, Outcome.STORED))
            buckets = {(project_id, bucket) for (project_id, bucket, *_), _ in counts}
            dirty_days.mark(cursor, buckets | changed_sessions)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A batch before its transaction."""

    events: list[Incoming]
    forgotten: list[Incoming]
    """Of before their persons were deleted: they are counted, and not stored."""
    persons: Mapping[PersonKey, int]
    spans: Mapping[PersonKey, Span]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What was new in a batch."""

    stored: list[Incoming]
    forgotten: list[Incoming]


def _claim(cursor: Cursor, events: Sequence[Incoming]) -> set[EventKey]:
    """Enter their ids in the ledger; answers those that it knew."""
    ordered = sorted(events, key=lambda item: item.key)
    return event_store.claim_in_ledger(
        cursor,
        [item.key for item in ordered],
        [item.batch.received_at_us for item in ordered],
    )


def bury_undecodable(connection: Connection, entry_id: bytes, raw: bytes, error: Exception) -> None:
    """Keep a stream entry that is no batch. It belongs to no project: project id 0. Commits."""
    number, _, sequence = entry_id.partition(b"-")
    event_id = int(number).to_bytes(8, "big") + int(sequence or 0).to_bytes(8, "big")
    with connection.cursor() as cursor:
        event_store.add_dead_letter(
            cursor,
            project_id=0,
            event_id=event_id,
            event_name=None,
            reason=DeadReason.UNDECODABLE,
            detail=str(error)[:1000],
            envelope=raw,
            received_at_us=int(time.time() * 1_000_000),
        )
    connection.commit()


def _bury(connection: Connection, item: Incoming, refusal: Exception) -> None:
    """Keep an event that PostgreSQL refuses. Commits."""
    log.warning("event of project %d refused: %s", item.batch.project_id, refusal)
    alone = Batch(
        project_id=item.batch.project_id,
        received_at_us=item.batch.received_at_us,
        events=[item.event],
        user_agent=item.batch.user_agent,
        protocol=item.batch.protocol,
    )
    with connection.cursor() as cursor:
        is_new = event_store.add_dead_letter(
            cursor,
            project_id=item.batch.project_id,
            event_id=item.event.event_id,
            event_name=item.event.event_name.replace("\x00", "")[:100],
            reason=DeadReason.REFUSED,
            detail=str(refusal).replace("\x00", "")[:1000],
            envelope=encode(alone),
            received_at_us=item.batch.received_at_us,
        )
        if is_new:
            event_store.add_intake(cursor, count_receipts([item], Outcome.DEAD))
        crash_points.reach(crash_points.IN_DEAD_LETTER)
    connection.commit()
