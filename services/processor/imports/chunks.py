"""Store a chunk of rows, and record what became of each, exactly once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from services.processor.imports import outcomes
from services.processor.imports.outcomes import Outcome, Refusal, day_of_us
from services.processor.imports.store import Import
from services.processor.imports.storing import ImportPipeline, forgotten_days, rows_stored_by
from services.processor.imports.translating import TranslatedRow
from services.processor.storing import crash_points
from services.processor.storing.dead_letters import DeadLetterReason
from services.processor.storing.pipeline import Result
from services.processor.storing.rows import DAY_US, EventKey, Incoming, incoming, utc_day
from shared.events.envelope import Batch, Event
from shared.events.outcomes import Outcome as EventOutcome
from shared.imports.reading import Position

_LOCKED_SECONDS = 1.0
_PERSON_DELETED = "The event is older than the deletion of its person, so it is not stored again."


class Stopped(Exception):
    """Raised when an import cannot go on now, or ever."""

    def __init__(self, state: str, problem: str | None = None) -> None:
        super().__init__(problem)
        self.state = state
        self.problem = problem


class ChunkImporter:
    """Adds chunks of one import, in the order of the file."""

    def __init__(self, connection: Connection, one: Import, ledger_days: int) -> None:
        """Set up the caches.

        Args:
            connection: the caller's own.
            one: the import.
            ledger_days: for which the ledger knows the ids that clients have sent.
        """
        self._connection = connection
        self._import = one
        forgotten = forgotten_days(connection, one.project_id, ledger_days)
        self._pipeline = ImportPipeline(one.project_id, one.import_id, forgotten)

    def add(self, chunk: list[TranslatedRow], before: Position, now_us: int) -> Position:
        """Store the events of rows; return the position after them. Commits.

        Args:
            chunk: the rows, with what becomes of them; perhaps only blank lines.
            before: the position before the first one.
            now_us: the time of receipt, in microseconds since 1970.

        Raises:
            Stopped: the import was stopped, or another process goes on with it.
            psycopg2.Error: the database is away or busy; the next run tries the rows again.
        """
        outcome = Outcome()
        rows: dict[EventKey, TranslatedRow] = {}
        self._store(self._events(chunk, rows, outcome, now_us), rows, outcome)
        last = chunk[-1]
        after = Position(last.number, last.line_end, last.end)
        crash_points.reach(crash_points.IMPORT_BEFORE_SETTLING)
        with self._connection.cursor() as cursor:
            state = outcomes.settle(cursor, self._import, before, after, outcome)
        self._connection.commit()
        crash_points.reach(crash_points.IMPORT_AFTER_SETTLING)
        if state != "running":
            raise Stopped("cancelled")
        return after

    def _events(
        self,
        chunk: list[TranslatedRow],
        rows: dict[EventKey, TranslatedRow],
        outcome: Outcome,
        now_us: int,
    ) -> list[Incoming]:
        """Return the events; note rows that become none, and which row each event is of."""
        made: list[tuple[TranslatedRow, Event]] = []
        for row in chunk:
            if row.event is not None:
                made.append((row, row.event))
            elif row.refused is not None:
                outcome.of(row.refused.key).refused += 1
                outcome.refusals.append(row.refused.refusal)
        # Neither key sent them: their ids are known to both, and they may link what a public key
        # may.
        batch = Batch(
            self._import.project_id,
            now_us,
            [event for _, event in made],
            protocol="import",
        )
        first: list[Incoming] = []
        for row, event in made:
            item = incoming(event, batch)
            if item.key in rows:
                outcome.of(_count_key(event)).duplicates += 1
            else:
                rows[item.key] = row
                first.append(item)
        return first

    def _store(
        self, events: list[Incoming], rows: dict[EventKey, TranslatedRow], outcome: Outcome
    ) -> None:
        """Store events, and add what became of them to the outcome."""
        pipeline = self._pipeline
        pipeline.rows = rows
        pipeline.refusals.clear()
        result = self._store_all(events)
        stored = Counter(
            [(utc_day(item.event.timestamp_us), item.event.event_name) for item in result.stored]
        )
        for (day, name), number in stored.items():
            outcome.of((day_of_us(day * DAY_US), name)).imported += number
        before = self._stored_before(result.repeated)
        for item in result.repeated:
            counts = outcome.of(_count_key(item.event))
            if before.get(item.event.event_id) == rows[item.key].number:
                counts.imported += 1
            else:
                counts.duplicates += 1
        refused = [
            (item, EventOutcome.PERSON_DELETED.value, _PERSON_DELETED) for item in result.of_deleted
        ]
        refused += [
            (item, DeadLetterReason.REFUSED.value, pipeline.refusals[item.key])
            for item in result.dead
        ]
        for item, reason, detail in refused:
            outcome.of(_count_key(item.event)).refused += 1
            outcome.refusals.append(_refusal(rows[item.key], reason, detail))

    def _store_all(self, events: list[Incoming]) -> Result:
        """Store events, however long their persons are locked."""
        total = Result()
        while events:
            result = self._pipeline.store(self._connection, events)
            total.add(result)
            if self._import.project_id not in result.waiting:
                break
            settled = (*result.stored, *result.of_deleted, *result.repeated, *result.dead)
            done = {item.key for item in settled}
            events = [item for item in events if item.key not in done]
            time.sleep(_LOCKED_SECONDS)
        return total

    def _stored_before(self, repeated: Sequence[Incoming]) -> dict[bytes, int]:
        """Return the rows by which this import has stored events in a run that was cut off."""
        if not repeated:
            return {}
        one = self._import
        return rows_stored_by(self._connection, one.project_id, one.import_id, repeated)


def _refusal(row: TranslatedRow, reason: str, detail: str) -> Refusal:
    return Refusal(row.number, row.line, reason, detail, row.raw)


def _count_key(event: Event) -> outcomes.CountKey:
    return day_of_us(event.timestamp_us), event.event_name
