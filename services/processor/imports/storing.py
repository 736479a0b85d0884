"""Store the events of an import's rows: the same steps as for events that clients send.

The ledger has the row that brought an id. So a row that is read again after a crash is told from a
row with the id of an earlier one, and both from an event that a client has sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.imports.translating import TranslatedRow
from services.processor.storing import event_store
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import EventKey, Incoming, PersonKey, utc_day

_LOOK_UP = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
"""Events are looked up by thousands of times in partitions that were never analysed: there
PostgreSQL would read a whole partition for each of them."""


class ImportPipeline(Pipeline):
    """Stores events of one import, and claims their ids for it."""

    _is_of_import = True

    def __init__(self, project_id: int, import_id: int, forgotten: frozenset[int]) -> None:
        """Set up the caches.

        Args:
            project_id: the only project that events are stored for.
            import_id: whose rows they are.
            forgotten: UTC days, since 1970, of events whose ids the ledger may have forgotten:
                those are looked for among the events.
        """
        super().__init__()
        self._project_id = project_id
        self._import_id = import_id
        self._forgotten = forgotten
        self.rows: Mapping[EventKey, TranslatedRow] = {}
        """The row of each event that is stored next."""
        self.refusals: dict[EventKey, str] = {}
        """Why PostgreSQL refused an event."""

    def _claim(self, cursor: Cursor, events: Sequence[Incoming]) -> set[EventKey]:
        ordered = sorted(events, key=lambda item: item.event.event_id)
        numbers = [str(self.rows[item.key].number) for item in ordered]
        old = [utc_day(item.event.timestamp_us) in self._forgotten for item in ordered]
        if self._enter_new(cursor, ordered, numbers, may_be_stored=any(old)):
            return set()
        if any(old):
            cursor.execute(_LOOK_UP)
        cursor.execute(
            """
            WITH wanted AS MATERIALIZED (
                SELECT *, 'epoch'::timestamptz + us * interval '1 microsecond' AS at
                FROM unnest(%(ids)s::uuid[], %(rows)s::bigint[], %(times)s::bigint[],
                    %(old)s::boolean[]) AS wanted (event_id, row, us, may_be_stored)
            ), claimed AS (
                INSERT INTO event_ledger (project_id, event_id, import_id, import_row)
                SELECT %(project)s, w.event_id, %(import)s, w.row FROM wanted w
                -- A subquery with a limit looks rows up one by one, in the partition of the time.
                WHERE NOT w.may_be_stored OR (
                    SELECT true FROM events e WHERE e.project_id = %(project)s
                        AND e.timestamp = w.at AND e.event_id = w.event_id LIMIT 1) IS NULL
                ON CONFLICT DO NOTHING
                RETURNING event_id
            )
            SELECT event_id FROM wanted EXCEPT ALL SELECT event_id FROM claimed
            """,
            {
                "project": self._project_id,
                "import": self._import_id,
                # As texts: psycopg2 takes longer to write lists.
                "ids": _array([item.event.event_id.hex() for item in ordered]),
                "rows": _array(numbers),
                "times": _array([str(item.event.timestamp_us) for item in ordered]),
                "old": _array(["t" if one else "f" for one in old]),
            },
        )
        known = {bytes.fromhex(event_id.replace("-", "")) for (event_id,) in cursor}
        return {item.key for item in ordered if item.event.event_id in known}

    def _enter_new(
        self,
        cursor: Cursor,
        ordered: Sequence[Incoming],
        numbers: Sequence[str],
        *,
        may_be_stored: bool,
    ) -> bool:
        """Enter ids in the ledger, if it knows none of them; return whether it did."""

        def enter_new() -> bool:
            project_id, import_id = str(self._project_id), str(self._import_id)
            rows = [
                (project_id, item.event.event_id.hex(), import_id, number)
                for item, number in zip(ordered, numbers, strict=True)
            ]
            columns = "project_id, event_id, import_id, import_row"
            return event_store.copy_new_into_ledger(cursor, columns, rows)

        return not may_be_stored and self._is_copied(enter_new)

    def _copy(
        self, cursor: Cursor, fresh: Sequence[Incoming], persons: Mapping[PersonKey, int]
    ) -> None:
        lines = [
            (persons[item.person_key], line)
            for item in fresh
            if (line := self.rows[item.key].copied) is not None
        ]
        if len(lines) < len(fresh):
            super()._copy(cursor, fresh, persons)
        else:
            received_at_us = fresh[0].batch.received_at_us
            event_store.copy_event_lines(cursor, self._project_id, received_at_us, lines)

    def _refuse(self, _connection: Connection, item: Incoming, detail: str) -> None:
        self.refusals[item.key] = detail


def _array(values: Sequence[str]) -> str:
    """Return an array as PostgreSQL reads it, of values without special characters."""
    return f"{{{','.join(values)}}}"


def forgotten_days(connection: Connection, project_id: int, ledger_days: int) -> frozenset[int]:
    """Return the UTC days, since 1970, of events whose ids the ledger may have forgotten. Commits.

    An event is received after it happened, so the ledger knows those of its window.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT extract(epoch FROM bucket)::bigint / 86400 FROM event_counts "
            "WHERE project_id = %s AND bucket < now() - make_interval(days => %s)",
            (project_id, ledger_days - 1),
        )
        found = frozenset(int(day) for (day,) in cursor)
    connection.commit()
    return found


def rows_stored_by(
    connection: Connection, project_id: int, import_id: int, events: Sequence[Incoming]
) -> dict[bytes, int]:
    """Return which of these events an import has stored before, with their rows. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP)
        cursor.execute(
            """
            SELECT l.event_id, l.import_row
            FROM unnest(%(ids)s::uuid[], %(times)s::bigint[]) AS wanted (event_id, us)
            JOIN event_ledger l ON l.project_id = %(project)s AND l.event_id = wanted.event_id
            WHERE l.import_id = %(import)s AND (
                SELECT true FROM events e WHERE e.project_id = %(project)s
                    AND e.timestamp = 'epoch'::timestamptz + wanted.us * interval '1 microsecond'
                    AND e.event_id = wanted.event_id LIMIT 1)
            """,
            {
                "project": project_id,
                "import": import_id,
                "ids": [item.event.event_id.hex() for item in events],
                "times": [item.event.timestamp_us for item in events],
            },
        )
        found = {bytes.fromhex(one.replace("-", "")): row for one, row in cursor}
    connection.commit()
    return found
