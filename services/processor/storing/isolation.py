"""Store events that have failed before in a child process with a memory limit.

The child halves a failing batch until the failing event is alone, and makes it a dead letter. If
the child itself dies (no memory, a crash in a library), the parent divides the batch instead.
"""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

import msgspec
import psycopg2
from psycopg2.extensions import connection as Connection

from services.processor.storing.dead_letters import DeadLetterReason, dead_letter
from services.processor.storing.failures import is_temporary
from services.processor.storing.pipeline import Pipeline, Result
from services.processor.storing.rows import Incoming, flatten
from shared.events.envelope import Batch, EdgeWarning, decode, encode
from shared.runtime import database
from shared.runtime.memory import limit_growth
from shared.runtime.settings import get_settings

log = logging.getLogger(__name__)

_SECONDS_ALONE = 60
"""A single event that takes longer becomes a dead letter."""
_SECONDS_TOGETHER = 15
"""Several events that take longer are halved: one of them may hang."""
_SECONDS_IN_ALL = 300
"""What was not tried by then is tried again later, since other projects wait meanwhile."""
_SECONDS_TO_ANSWER = 5
"""PostgreSQL is too slow to judge an event by when ``SELECT 1`` takes longer."""
_LOCK_MS = 1_000
"""After that the project whose persons are locked waits, as in the processor itself."""
_LOOK_SECONDS = 0.25
"""How often it is looked whether a child has to end."""
_PASSING = 75  # EX_TEMPFAIL of sysexits.h
_STARTED = b"started\n"


class _Verdict(msgspec.Struct):
    """The outcomes of a child's events, by their positions in its input."""

    stored: list[int] = []
    persons: list[int] = []
    """The persons of what was stored, in its order; 0: unknown."""
    repeated: list[int] = []
    of_deleted: list[int] = []
    dead: list[int] = []
    waiting: list[int] = []
    """Ids of projects whose events are not stored, since a lock was not granted."""
    warnings: list[tuple[int, EdgeWarning]] = []


_Run = Callable[[Sequence[Incoming]], _Verdict | None]


def store_isolated(
    connection: Connection, events: Sequence[Incoming], stopping: threading.Event | None = None
) -> Result:
    """Store events in child processes; those that end their child become dead letters. Commits.

    Args:
        connection: of the caller, for dead letters.
        events: all of them, whatever is wrong with them.
        stopping: set when the child is to end.

    Returns:
        What became of the events. A project with an event that has no outcome waits, so that no
        event is acknowledged and lost.

    Raises:
        psycopg2.OperationalError: the database is away or busy, no child can be started, or it
            was stopped; retrying loses nothing.
    """
    result = Result()
    deadline = time.monotonic() + _SECONDS_IN_ALL
    stopping = stopping or threading.Event()

    def run(some: Sequence[Incoming]) -> _Verdict | None:
        if time.monotonic() > deadline:
            return _Verdict()  # without an outcome, their projects wait
        try:
            seconds = _SECONDS_ALONE if len(some) == 1 else _SECONDS_TOGETHER
            return _run_child(some, seconds, stopping)
        except subprocess.TimeoutExpired:
            _check_that_the_database_answers(connection)
            return None

    _store_or_divide(connection, events, result, run)
    _let_wait_what_has_no_outcome(events, result)
    return result


def _let_wait_what_has_no_outcome(events: Sequence[Incoming], result: Result) -> None:
    settled = {
        id(item)
        for items in (result.stored, result.repeated, result.of_deleted, result.dead)
        for item in items
    }
    missing = [
        item
        for item in events
        if id(item) not in settled and item.batch.project_id not in result.waiting
    ]
    if missing:
        log.error("%d events have no outcome; their projects wait", len(missing))
        result.waiting |= {item.batch.project_id for item in missing}


def _store_or_divide(
    connection: Connection, events: Sequence[Incoming], result: Result, run: _Run
) -> None:
    """Store events; divide what fails by projects, and what fails of one project last.

    So nobody waits until the failing events of another project are found one by one.
    """
    parts, failing = deque([events]), []
    while parts:
        part = parts.popleft()
        verdict = run(part)
        if verdict is not None:
            _add(part, verdict, result)
        elif len(projects := sorted({item.batch.project_id for item in part})) > 1:
            first = set(projects[: len(projects) // 2])
            parts.append([item for item in part if item.batch.project_id in first])
            parts.append([item for item in part if item.batch.project_id not in first])
        else:
            failing.append(part)
    for part in failing:
        _halve(connection, part, result, run)


def _halve(connection: Connection, events: Sequence[Incoming], result: Result, run: _Run) -> None:
    """Store the halves of events that fail together; one that fails alone is a dead letter."""
    if len(events) == 1:
        dead_letter(
            connection,
            events[0],
            DeadLetterReason.FAILED,
            "The process that stored it ended without a message, or took too long.",
        )
        result.dead.append(events[0])
        return
    middle = len(events) // 2
    for half in (events[:middle], events[middle:]):
        verdict = run(half)
        if verdict is None:
            _halve(connection, half, result, run)
        else:
            _add(half, verdict, result)


def _add(events: Sequence[Incoming], verdict: _Verdict, result: Result) -> None:
    """Add what became of events to the result."""
    stored = [events[position] for position in verdict.stored]
    result.stored += stored
    keys = [item.person_key for item in stored]
    result.persons |= {
        key: person for key, person in zip(keys, verdict.persons, strict=True) if person
    }
    result.repeated += [events[position] for position in verdict.repeated]
    result.of_deleted += [events[position] for position in verdict.of_deleted]
    result.dead += [events[position] for position in verdict.dead]
    result.waiting |= set(verdict.waiting)
    for position, warning in verdict.warnings:
        if warning not in events[position].batch.warnings:
            events[position].batch.warnings.append(warning)


def _check_that_the_database_answers(connection: Connection) -> None:
    """Raise unless a child that took too long was held up by its events alone.

    Raises:
        psycopg2.Error: PostgreSQL is away or slow; the events are not to blame.
    """
    asked_at = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.rollback()
    if time.monotonic() - asked_at > _SECONDS_TO_ANSWER:
        raise psycopg2.OperationalError("the database is too slow to store events in isolation")


def _run_child(
    events: Sequence[Incoming], seconds: float, stopping: threading.Event
) -> _Verdict | None:
    """Store events in a child process; return None if it died.

    Raises:
        subprocess.TimeoutExpired: it took longer, and was ended.
        psycopg2.OperationalError: the events cannot be stored at the moment, or it was stopped.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "services.processor.storing.isolation"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    output = _output_of(child, _encode(events), seconds, stopping)
    if child.returncode == _PASSING or not output.startswith(_STARTED):
        raise psycopg2.OperationalError("events cannot be stored in isolation at the moment")
    if child.returncode != 0:
        log.error("a process that stored %d events ended with %d", len(events), child.returncode)
        return None
    return msgspec.json.decode(output.removeprefix(_STARTED), type=_Verdict)


def _output_of(
    child: subprocess.Popen[bytes], given: bytes, seconds: float, stopping: threading.Event
) -> bytes:
    """Return what a child says; it is ended when it takes longer, or when ``stopping`` is set.

    Raises:
        subprocess.TimeoutExpired, psycopg2.OperationalError: as ``_run_child``.
    """
    deadline, sent = time.monotonic() + seconds, False
    while True:
        try:
            output, _ = child.communicate(None if sent else given, timeout=_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            sent = True
            if not stopping.is_set() and time.monotonic() < deadline:
                continue
            child.kill()
            child.communicate()
            if stopping.is_set():
                raise psycopg2.OperationalError("storing in isolation was stopped") from None
            raise
        return output


def _encode(events: Sequence[Incoming]) -> bytes:
    """Encode the events in their batches, in order, without what the edge says of a batch."""
    parts: list[bytes] = []
    for _, items in groupby(events, key=lambda item: id(item.batch)):
        some = list(items)
        parts.append(encode(_batch_of(some)))
    return msgspec.msgpack.encode(parts)


def _batch_of(events: Sequence[Incoming]) -> Batch:
    batch = events[0].batch
    return Batch(
        project_id=batch.project_id,
        received_at_us=batch.received_at_us,
        events=[item.event for item in events],
        user_agent=batch.user_agent,
        protocol=batch.protocol,
        key_kind=batch.key_kind,
    )


class _Child:
    """The work of the child process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pipeline = Pipeline()
        self.result = Result()

    def store(self, events: Sequence[Incoming]) -> None:
        """Store events; halve what fails."""
        try:
            self.result.add(self._pipeline.store(self._connection, events))
            return
        except Exception as error:
            if is_temporary(error):
                raise
            detail = f"{type(error).__name__}: {error}"
        # Outside the handler, whose exception holds on to what the events took.
        self._connection.rollback()
        self._pipeline = Pipeline()
        gc.collect()
        if len(events) == 1:
            dead_letter(self._connection, events[0], DeadLetterReason.FAILED, detail)
            self.result.dead.append(events[0])
            return
        middle = len(events) // 2
        self.store(events[:middle])
        self.store(events[middle:])


def _main() -> int:
    connection = database.connect(
        get_settings().database_url,
        "isolation",
        options=f"-c synchronous_commit=on -c lock_timeout={_LOCK_MS}",
    )
    raw = sys.stdin.buffer.read()
    sys.stdout.buffer.write(_STARTED)
    sys.stdout.buffer.flush()
    limit_growth(get_settings().processor_isolation_memory_mb)
    batches = [decode(one) for one in msgspec.msgpack.decode(raw, type=list[bytes])]
    events = list(flatten(batches))
    child = _Child(connection)
    try:
        child.store(events)
    except Exception as error:
        if is_temporary(error):
            return _PASSING
        raise
    positions: dict[Any, int] = {id(item): position for position, item in enumerate(events)}
    first = {id(item.batch): position for position, item in reversed(list(enumerate(events)))}
    result = child.result
    verdict = _Verdict(
        stored=[positions[id(item)] for item in result.stored],
        persons=[result.persons.get(item.person_key, 0) for item in result.stored],
        repeated=[positions[id(item)] for item in result.repeated],
        of_deleted=[positions[id(item)] for item in result.of_deleted],
        dead=[positions[id(item)] for item in result.dead],
        waiting=sorted(result.waiting),
        warnings=[(first[id(batch)], warning) for batch in batches for warning in batch.warnings],
    )
    sys.stdout.buffer.write(msgspec.json.encode(verdict))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
