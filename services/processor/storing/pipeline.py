"""Store a batch exactly once, as named steps in one transaction.

The entries stay in the stream until the transaction is committed. If they are delivered again, the
ledger has the ids of the events that are stored already.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec
import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.monitoring.step_times import StepTimes
from services.processor.persons import changes, identities, properties, secret_ids
from services.processor.persons import store as person_store
from services.processor.persons.resolver import PersonResolver, PersonsChanged
from services.processor.persons.store import DayRange, PersonNumber
from services.processor.sealing import dirty_days
from services.processor.sessions.counting import add_sessions
from services.processor.storing import crash_points, event_store, user_agents
from services.processor.storing.dead_letters import DeadLetterReason, dead_letter
from services.processor.storing.partitions import Partitions
from services.processor.storing.rows import (
    EventKey,
    Incoming,
    PersonKey,
    Span,
    count_events,
    count_outcomes,
    count_waits,
    days,
    spans,
    split_repeats,
)
from shared.events.outcomes import Outcome

log = logging.getLogger(__name__)

# Errors of rows that will never be accepted: by PostgreSQL (data exceptions, constraints, program
# limits), or by the code that writes rows of events that the edge did not normalise (NUL, broken
# JSON, invalid times). Anything else (connections, deadlocks, disk) is worth another try.
_REFUSALS: tuple[type[Exception], ...] = (
    ValueError,
    OverflowError,
    msgspec.MsgspecError,
    psycopg2.DataError,
    psycopg2.IntegrityError,
    psycopg2.errors.ProgramLimitExceeded,
    psycopg2.errors.StatementTooComplex,
)


_LEAST_TO_COPY = 50
"""For fewer events the two statements around COPY cost more than it saves."""
_BATCHES_WITHOUT_COPY = 50


class _RowsRefused(Exception):
    """PostgreSQL refuses these rows, and always will."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(slots=True)
class Result:
    """The outcomes of the events that were read."""

    stored: list[Incoming] = field(default_factory=list)
    repeated: list[Incoming] = field(default_factory=list)
    """Not stored again: known to the ledger, or read twice."""
    of_deleted: list[Incoming] = field(default_factory=list)
    """Counted but not stored: older than the deletion of their persons."""
    dead: list[Incoming] = field(default_factory=list)
    """Dead letters now."""
    waiting: set[int] = field(default_factory=set)
    """Projects whose events are not stored: another transaction has locked their persons."""
    persons: dict[PersonKey, int] = field(default_factory=dict)
    """The persons of what was stored, by project and distinct id."""

    @property
    def dead_letters(self) -> int:
        """Return how many events became dead letters."""
        return len(self.dead)

    def add(self, other: Result) -> None:
        """Add the outcomes of other events."""
        self.stored += other.stored
        self.repeated += other.repeated
        self.of_deleted += other.of_deleted
        self.dead += other.dead
        self.waiting |= other.waiting
        self.persons |= other.persons


class Pipeline:
    """Runs the steps, and holds the caches that outlive a batch."""

    _is_of_import = False

    def __init__(self, times: StepTimes | None = None) -> None:
        self._partitions = Partitions()
        self._persons = PersonResolver()
        self._times = times or StepTimes()
        self._batches_until_copy = 0
        """How many batches are still entered in the ledger by INSERT, since ids came again."""

    def store(self, connection: Connection, incoming: Sequence[Incoming]) -> Result:
        """Store what is new, in one transaction if PostgreSQL accepts it.

        When it refuses, the batch is halved until the event at fault is alone: that one becomes a
        dead letter, the others are stored. Projects that merge persons are stored after the others,
        each on its own. If a lock is not granted within the ``lock_timeout`` of the connection,
        the projects that need it are left out, as ``waiting``.

        Raises:
            psycopg2.Error: the database is away or busy; retrying loses nothing.
        """
        result = Result()
        unique, result.repeated = split_repeats(incoming)
        user_agents.fill_in(unique)
        with_merges = identities.projects_to_merge(connection, unique)
        self._store_or_leave(
            connection,
            [item for item in unique if item.batch.project_id not in with_merges],
            result,
        )
        for project_id in sorted(with_merges):
            self._store_or_leave(
                connection, [item for item in unique if item.batch.project_id == project_id], result
            )
        return result

    def _store_or_leave(
        self, connection: Connection, events: list[Incoming], result: Result
    ) -> None:
        """Store events; leave out the projects for which a lock is not granted in time."""
        if not events:
            return
        try:
            self._store_or_halve(connection, events, result)
            return
        except psycopg2.errors.LockNotAvailable:
            connection.rollback()
        project_ids = {item.batch.project_id for item in events}
        if len(project_ids) == 1:
            log.warning("persons of project %d are locked; its events wait", *project_ids)
            result.waiting |= project_ids
            return
        locked = changes.list_locked(connection, project_ids)
        result.waiting |= locked
        free = project_ids - locked
        for some in [free] if locked else [{project_id} for project_id in sorted(free)]:
            self._store_or_leave(
                connection, [item for item in events if item.batch.project_id in some], result
            )

    def _store_or_halve(
        self, connection: Connection, events: list[Incoming], result: Result
    ) -> None:
        try:
            outcome = self._store_in_partitions(connection, events)
        except _RowsRefused as refused:
            connection.rollback()
            self._halve(connection, events, refused.reason, result)
        else:
            result.stored += outcome.stored
            result.of_deleted += outcome.of_deleted
            result.persons.update(outcome.persons)
            if len(outcome.stored) < len(events):
                new = {item.key for item in outcome.stored + outcome.of_deleted}
                result.repeated += [item for item in events if item.key not in new]

    def _store_in_partitions(self, connection: Connection, events: list[Incoming]) -> _Stored:
        try:
            return self._prepare_and_store(connection, events)
        except _RowsRefused as refused:
            if not isinstance(refused.reason, psycopg2.errors.CheckViolation):
                raise
            # A cached partition was dropped (by retention, or by an operator): look again.
            connection.rollback()
            self._partitions.clear()
            return self._prepare_and_store(connection, events)

    def _prepare_and_store(self, connection: Connection, events: list[Incoming]) -> _Stored:
        while True:
            try:
                # Errors while preparing are not the events' fault, whatever their kind.
                with self._times.step("prepare"):
                    ready = self._prepare(connection, events)
                return self._store_once(connection, ready)
            except PersonsChanged:
                connection.rollback()
            except _REFUSALS as reason:
                raise _RowsRefused(reason) from reason

    def _halve(
        self,
        connection: Connection,
        events: list[Incoming],
        refusal: Exception,
        result: Result,
    ) -> None:
        if len(events) == 1:
            self._refuse(connection, events[0], str(refusal))
            result.dead.append(events[0])
            return
        middle = len(events) // 2
        self._store_or_halve(connection, events[:middle], result)
        self._store_or_halve(connection, events[middle:], result)

    def _prepare(self, connection: Connection, events: list[Incoming]) -> _Ready:
        """Create what the transaction needs: day partitions, persons, joined ids."""
        self._partitions.ensure(connection, days(events))
        time_spans = spans(events)
        persons = self._persons.resolve(connection, time_spans)
        of_deleted = [item for item in events if self._persons.is_from_before_deletion(item)]
        if of_deleted:
            refused = {item.key for item in of_deleted}
            events = [item for item in events if item.key not in refused]
            time_spans = spans(events)
        if secret_ids.claim(connection, events, self._persons):
            persons = self._persons.resolve(connection, time_spans)
        if identities.link(connection, events, self._persons):
            persons = self._persons.resolve(connection, time_spans)
        return _Ready(events, of_deleted, persons, time_spans)

    def _store_once(self, connection: Connection, ready: _Ready) -> _Stored:
        """Run the transaction: ledger, events, sessions, counts. Return what was new."""
        with connection.cursor() as cursor:
            persons = self._persons.confirm(cursor, ready.persons)
            active_days = self._persons.unrecorded_days(persons, ready.spans)
            with self._times.step("ledger"):
                known = self._claim(cursor, ready.events + ready.of_deleted)
            crash_points.reach(crash_points.AFTER_LEDGER)
            fresh = _without(ready.events, known)
            if fresh:
                self._add(cursor, fresh, persons, active_days)
            fresh_of_deleted = _without(ready.of_deleted, known)
            if fresh_of_deleted:
                event_store.add_outcome_counts(
                    cursor,
                    count_outcomes(fresh_of_deleted, Outcome.PERSON_DELETED),
                    imported=self._is_of_import,
                )
        crash_points.reach(crash_points.BEFORE_COMMIT)
        with self._times.step("commit"):
            connection.commit()
        if fresh:
            self._persons.remember_days(active_days)
        return _Stored(fresh, fresh_of_deleted, persons)

    def _claim(self, cursor: Cursor, events: Sequence[Incoming]) -> set[EventKey]:
        """Enter the ids in the ledger; return those that it knew."""
        # One part of the key after the other, the last first: comparing whole keys takes longer.
        ordered = sorted(events, key=lambda item: item.batch.key_kind)
        ordered.sort(key=lambda item: item.event.event_id)
        ordered.sort(key=lambda item: item.batch.project_id)
        keys = [item.key for item in ordered]
        received_at_us = [item.batch.received_at_us for item in ordered]
        enter_new = partial(event_store.enter_new_in_ledger, cursor, keys, received_at_us)
        is_waiting = self._batches_until_copy > 0
        if (is_waiting or len(keys) >= _LEAST_TO_COPY) and self._is_copied(enter_new):
            return set()
        known = event_store.claim_in_ledger(cursor, keys, received_at_us)
        if known:
            self._batches_until_copy = _BATCHES_WITHOUT_COPY
        return known

    def _is_copied(self, enter_new: Callable[[], bool]) -> bool:
        """Enter ids in the ledger by COPY; return whether that was tried, and it knew none.

        Not soon after it knew some: more will come again, and each COPY that fails leaves rows for
        VACUUM to remove.
        """
        if self._batches_until_copy:
            self._batches_until_copy -= 1
            return False
        if enter_new():
            return True
        self._batches_until_copy = _BATCHES_WITHOUT_COPY
        return False

    def _copy(
        self, cursor: Cursor, fresh: Sequence[Incoming], persons: Mapping[PersonKey, int]
    ) -> None:
        """Append events to their partitions."""
        event_store.copy_events(cursor, fresh, persons)

    def _refuse(self, connection: Connection, item: Incoming, detail: str) -> None:
        """Make an event that PostgreSQL refuses a dead letter. Commits."""
        dead_letter(connection, item, DeadLetterReason.REFUSED, detail)

    def _add(
        self,
        cursor: Cursor,
        fresh: list[Incoming],
        persons: Mapping[PersonKey, int],
        active_days: Mapping[PersonNumber, DayRange],
    ) -> None:
        """Write rows and all counts of them; rows that many batches update come last."""
        with self._times.step("copy"):
            self._copy(cursor, fresh, persons)
        with self._times.step("sessions"):
            changed_sessions = add_sessions(cursor, fresh, persons)
        with self._times.step("persons"):
            changed = properties.person_changes(fresh, persons)
            if active_days:
                person_store.upsert_active_days(cursor, {**dict.fromkeys(changed), **active_days})
            person_store.change_persons(cursor, changed)
            of_groups = properties.group_changes(fresh)
            person_store.change_groups(cursor, of_groups)
            properties.warn(fresh, persons, changed, of_groups)
        with self._times.step("counts"):
            counts = count_events(fresh)
            event_store.add_counts(cursor, counts)
            event_store.add_outcome_counts(
                cursor,
                count_outcomes(fresh, Outcome.STORED),
                count_waits(fresh, time.time_ns() // 1_000),
                imported=self._is_of_import,
            )
            buckets = {(project_id, bucket) for (project_id, bucket, *_), _ in counts}
            dirty_days.mark_dirty(cursor, buckets | changed_sessions)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A batch before its transaction."""

    events: list[Incoming]
    of_deleted: list[Incoming]
    """Older than their persons' deletion: counted, not stored."""
    persons: Mapping[PersonKey, int]
    spans: Mapping[PersonKey, Span]


@dataclass(frozen=True, slots=True)
class _Stored:
    """The new events of a batch."""

    stored: list[Incoming]
    of_deleted: list[Incoming]
    persons: Mapping[PersonKey, int]


def _without(events: list[Incoming], known: set[EventKey]) -> list[Incoming]:
    return [item for item in events if item.key not in known] if known else events
