"""Read imports and their files, and record what became of their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json, execute_values

from shared.events.local_days import day_of, midnight
from shared.imports.mapping import Mapping as ColumnMapping
from shared.imports.mapping import from_object
from shared.imports.parts import ENDED, PART_BYTES, STORED_REFUSALS, parts_of
from shared.imports.reading import FileFormat, Position

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


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands in the database."""

    project_id: int
    import_id: int
    name: str
    file_format: FileFormat
    mapping: ColumnMapping
    state: str
    problem: str | None
    size: int
    columns: list[str] | None
    position: Position


@dataclass(frozen=True, slots=True)
class ProjectRules:
    """What a project's settings say to an import."""

    retained_since: datetime | None
    """Events before are removed already, or would be within the hour; None: none is."""
    daily_quota: int | None
    monthly_quota: int | None
    is_deleted: bool


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


def find(connection: Connection, project_id: int, import_id: int) -> Import | None:
    """Return an import; None: there is none. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, file_format, mapping, state, problem, size, columns, rows_done, "
            "lines_done, bytes_done FROM imports WHERE project_id = %s AND id = %s",
            (project_id, import_id),
        )
        row = cursor.fetchone()
    connection.commit()
    if row is None:
        return None
    name, file_format, mapping, state, problem, size, columns, *position = row
    return Import(
        project_id,
        import_id,
        name,
        file_format,
        from_object(mapping),
        state,
        problem,
        size,
        columns,
        Position(*position),
    )


def list_open(connection: Connection) -> list[tuple[int, int]]:
    """List imports that wait for a worker: projects take turns, the oldest of each first. Commits.

    Those of one project follow each other; they have the same persons.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, min(id) FROM imports "
            "WHERE state IN ('queued', 'running', 'waiting') GROUP BY 1 ORDER BY min(updated_at), 1"
        )
        found = cursor.fetchall()
    connection.commit()
    return [(project_id, import_id) for project_id, import_id in found]


@dataclass(frozen=True, slots=True)
class NewImport:
    """A file that is to be imported."""

    name: str
    file_format: FileFormat
    mapping: Mapping[str, Any]
    size: int


def add(connection: Connection, project_id: int, new: NewImport) -> int:
    """Add an import whose parts follow; return its id. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imports (project_id, name, file_format, mapping, size) "
            "VALUES (%s, %s, %s, %s, %s) RETURNING id",
            (project_id, new.name, new.file_format, Json(new.mapping), new.size),
        )
        (import_id,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(import_id)


def add_part(
    connection: Connection, project_id: int, import_id: int, part: int, content: bytes
) -> None:
    """Hold a part of a file. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO import_parts (project_id, import_id, part, content) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (project_id, import_id, part) "
            "DO UPDATE SET content = excluded.content",
            (project_id, import_id, part, psycopg2.Binary(content)),
        )
    connection.commit()


def is_complete(connection: Connection, one: Import) -> bool:
    """Return whether every part of the file is there. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(octet_length(content)), 0) FROM import_parts "
            "WHERE project_id = %s AND import_id = %s",
            (one.project_id, one.import_id),
        )
        found = cursor.fetchone()
    connection.commit()
    return found == (parts_of(one.size), one.size)


def read_file(connection: Connection, one: Import, offset: int) -> Iterator[bytes]:
    """Yield the file from a byte on, a part at a time. Commits."""
    part, skip = divmod(offset, PART_BYTES)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT content FROM import_parts "
                "WHERE project_id = %s AND import_id = %s AND part = %s",
                (one.project_id, one.import_id, part),
            )
            found = cursor.fetchone()
        connection.commit()
        if found is None:
            return
        content = bytes(found[0])
        if skip < len(content):
            yield content[skip:] if skip else content
        part, skip = part + 1, 0


def rules_of(connection: Connection, project_id: int, now: datetime) -> ProjectRules | None:
    """Return what a project's settings say; None: there is no such project. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT timezone, retention_days, daily_quota, monthly_quota, deleted_at IS NOT NULL, "
            "(SELECT max(ends_at) FROM sealed_days s "
            " WHERE s.project_id = p.id AND s.expired_at IS NOT NULL) "
            "FROM projects p WHERE id = %s",
            (project_id,),
        )
        row = cursor.fetchone()
    connection.commit()
    if row is None:
        return None
    zone_name, retention_days, daily, monthly, is_deleted, expired_until = row
    since = [expired_until] if expired_until else []
    if retention_days is not None:
        try:
            zone = ZoneInfo(zone_name)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        soon = now + timedelta(hours=1)
        since.append(midnight(day_of(soon, zone) - timedelta(days=retention_days), zone))
    return ProjectRules(max(since, default=None), daily, monthly, is_deleted)


def accepted_since(connection: Connection, project_id: int, since: datetime) -> int:
    """Return how many events of the project were accepted since a time. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(events), 0) FROM intake_counts WHERE project_id = %s "
            "AND bucket >= %s AND outcome IN ('stored', 'duplicate', 'dead_lettered')",
            (project_id, since),
        )
        (found,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(found)


def set_state(connection: Connection, one: Import, state: str, problem: str | None = None) -> bool:
    """Set the state of an import that has not ended; return whether it had not. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET state = %(state)s, problem = %(problem)s, updated_at = now(), "
            "started_at = CASE WHEN %(state)s = 'running' THEN coalesce(started_at, now()) "
            "ELSE started_at END, "
            "finished_at = CASE WHEN %(state)s = ANY (%(ended)s) THEN now() END "
            "WHERE project_id = %(project)s AND id = %(import)s AND NOT state = ANY (%(ended)s)",
            {
                "state": state,
                "problem": problem,
                "project": one.project_id,
                "import": one.import_id,
                "ended": list(ENDED),
            },
        )
        changed = cursor.rowcount == 1
        if changed and state in ENDED:
            remove_file(cursor, one.project_id, one.import_id)
    connection.commit()
    return changed


def set_columns(
    connection: Connection, one: Import, columns: Collection[str], position: Position
) -> None:
    """Record the header of a CSV file, and that it was read. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET columns = %s, lines_done = %s, bytes_done = %s "
            "WHERE project_id = %s AND id = %s AND columns IS NULL",
            (
                Json(list(columns)),
                position.lines,
                position.offset,
                one.project_id,
                one.import_id,
            ),
        )
    connection.commit()


def remove_file(cursor: Cursor, project_id: int, import_id: int) -> None:
    """Remove the file of an import, within the caller's transaction."""
    cursor.execute(
        "DELETE FROM import_parts WHERE project_id = %s AND import_id = %s",
        (project_id, import_id),
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
        "updated_at = now() "
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


def queue(connection: Connection, project_id: int, import_id: int) -> None:
    """Let workers go on with an import whose parts are all there. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET state = 'queued', updated_at = now() "
            "WHERE project_id = %s AND id = %s AND state = 'uploading'",
            (project_id, import_id),
        )
    connection.commit()


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


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(timezone.utc)


def cancel_abandoned(connection: Connection) -> int:
    """Cancel uploads that rest for a day, and remove their files; return how many. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET state = 'cancelled', finished_at = now(), "
            "problem = 'Its upload was not finished within a day.' "
            "WHERE state = 'uploading' AND updated_at < now() - interval '1 day' "
            "RETURNING project_id, id"
        )
        found = cursor.fetchall()
        for project_id, import_id in found:
            remove_file(cursor, project_id, import_id)
    connection.commit()
    return len(found)
