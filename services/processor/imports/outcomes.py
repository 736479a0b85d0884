"""Count what became of the rows of an import, and keep those that were refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.imports.store import Import
from shared.imports.parts import STORED_REFUSALS
from shared.imports.reading import Position

UNKNOWN_DAY = date.min
"""The day of rows whose time cannot be read."""
_MAX_CONTENT = 2_000
CountKey = tuple[date, str]
"""UTC day of event time, and event name."""


@dataclass(slots=True)
class Counts:
    """What became of rows."""

    imported: int = 0
    duplicates: int = 0
    refused: int = 0


class DayCounts(NamedTuple):
    """What became of the rows of a day and an event name."""

    day: date | None
    """UTC day of event time; None: it cannot be read."""
    event_name: str
    imported: int
    duplicates: int
    refused: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that became no event."""

    row: int
    line: int
    reason: str
    detail: str
    content: bytes


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a chunk."""

    counts: dict[CountKey, Counts] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def of(self, key: CountKey) -> Counts:
        """Return the counts of a day and event name."""
        return self.counts.setdefault(key, Counts())

    def total(self) -> Counts:
        """Return the counts of all rows."""
        found = self.counts.values()
        return Counts(
            sum(one.imported for one in found),
            sum(one.duplicates for one in found),
            sum(one.refused for one in found),
        )


def settle(
    cursor: Cursor, one: Import, before: Position, after: Position, outcome: Outcome
) -> str | None:
    """Record what became of the rows between two positions, within the caller's transaction.

    Returns:
        The import's state: it may have been cancelled meanwhile. None: another process has settled
        the rows, and nothing is recorded.
    """
    total = outcome.total()
    cursor.execute(
        "UPDATE imports SET rows_done = %s, lines_done = %s, bytes_done = %s, "
        "imported = imported + %s, duplicates = duplicates + %s, refused = refused + %s, "
        "attempts = 0, updated_at = now() "
        "WHERE project_id = %s AND id = %s AND bytes_done = %s "
        "AND state IN ('running', 'cancelled') RETURNING state, refused",
        (
            after.rows,
            after.lines,
            after.offset,
            total.imported,
            total.duplicates,
            total.refused,
            one.project_id,
            one.import_id,
            before.offset,
        ),
    )
    found = cursor.fetchone()
    if found is None:
        return None
    state, refused = found
    _add_counts(cursor, one, outcome.counts)
    if refused - total.refused < STORED_REFUSALS:
        _add_refusals(cursor, one, outcome.refusals)
    return str(state)


def _add_counts(cursor: Cursor, one: Import, counts: Mapping[CountKey, Counts]) -> None:
    execute_values(
        cursor,
        "INSERT INTO import_counts AS old "
        "(project_id, import_id, day, event_name, imported, duplicates, refused) VALUES %s "
        "ON CONFLICT (project_id, import_id, day, event_name) DO UPDATE SET "
        "imported = old.imported + excluded.imported, "
        "duplicates = old.duplicates + excluded.duplicates, "
        "refused = old.refused + excluded.refused",
        [
            (
                one.project_id,
                one.import_id,
                day,
                name,
                found.imported,
                found.duplicates,
                found.refused,
            )
            for (day, name), found in sorted(counts.items())
        ],
        page_size=1000,
    )


def _add_refusals(cursor: Cursor, one: Import, refusals: Collection[Refusal]) -> None:
    if not refusals:
        return
    execute_values(
        cursor,
        "INSERT INTO import_refusals (project_id, import_id, row, line, reason, detail, content) "
        "VALUES %s ON CONFLICT DO NOTHING",
        [
            (
                one.project_id,
                one.import_id,
                refusal.row,
                refusal.line,
                refusal.reason,
                _text(refusal.detail),
                _text(refusal.content[: _MAX_CONTENT * 4].decode(errors="replace")),
            )
            for refusal in refusals
        ],
        page_size=1000,
    )


def _text(text: str) -> str:
    """Return a text that PostgreSQL stores, cut."""
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")[:_MAX_CONTENT]


def day_of_us(timestamp_us: int | None) -> date:
    """Return the UTC day of a time in microseconds since 1970."""
    if timestamp_us is None:
        return UNKNOWN_DAY
    return datetime.fromtimestamp(timestamp_us // 1_000_000, timezone.utc).date()


def list_counts(connection: Connection, project_id: int, import_id: int) -> list[DayCounts]:
    """List what became of rows, by day and event name. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, event_name, imported, duplicates, refused FROM import_counts "
            "WHERE project_id = %s AND import_id = %s ORDER BY day, event_name",
            (project_id, import_id),
        )
        rows = cursor.fetchall()
    connection.commit()
    return [DayCounts(None if day == UNKNOWN_DAY else day, *rest) for day, *rest in rows]


def latest_imported(connection: Connection, project_id: int, import_id: int) -> date | None:
    """Return the last UTC day of imported events; None: there are none. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(day) FROM import_counts "
            "WHERE project_id = %s AND import_id = %s AND imported > 0",
            (project_id, import_id),
        )
        (found,) = cursor.fetchone() or (None,)
    connection.commit()
    return None if found is None else date.fromisoformat(found.isoformat())
