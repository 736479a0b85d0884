"""Read imports and change their state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json

from services.processor.imports.file_parts import remove_file
from shared.auth.first_owner import first_owner_sql
from shared.imports.mapping import Mapping as ColumnMapping
from shared.imports.mapping import from_object
from shared.imports.parts import ENDED
from shared.imports.reading import FileFormat, Position

_MAX_DAYS = 14
"""An import that waits so long after it was created is ended."""


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
    attempts: int
    """Runs that have begun since rows were last settled, and did not end by themselves."""
    size: int
    columns: list[str] | None
    position: Position


def find(connection: Connection, project_id: int, import_id: int) -> Import | None:
    """Return an import; None: there is none. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, file_format, mapping, state, problem, attempts, size, columns, "
            "rows_done, lines_done, bytes_done FROM imports WHERE project_id = %s AND id = %s",
            (project_id, import_id),
        )
        row = cursor.fetchone()
    connection.commit()
    if row is None:
        return None
    name, file_format, mapping, state, problem, attempts, size, columns, *position = row
    return Import(
        project_id,
        import_id,
        name,
        file_format,
        from_object(mapping),
        state,
        problem,
        attempts,
        size,
        columns,
        Position(*position),
    )


@dataclass(frozen=True, slots=True)
class OpenImport:
    """An import that waits for a worker."""

    project_id: int
    import_id: int
    account: int
    """Of the project's first owner, a user; without one a number of the project's own."""


_OPEN = f"""
    WITH recent AS (
      SELECT project_id, id, started_at, updated_at,
        state IN ('queued', 'running', 'waiting') AS is_open
      FROM imports WHERE finished_at IS NULL OR finished_at > now() - interval '1 day'
    ), accounts AS (
      SELECT project_id, coalesce({first_owner_sql("projects.project_id")}, -project_id) AS account
      FROM (SELECT DISTINCT project_id FROM recent) AS projects
    ), turns AS (
      SELECT account, max(updated_at) FILTER (WHERE started_at IS NOT NULL) AS last_turn
      FROM recent JOIN accounts USING (project_id) GROUP BY account
    ), first AS (
      SELECT DISTINCT ON (project_id) project_id, id, updated_at
      FROM recent WHERE is_open ORDER BY project_id, id
    )
    SELECT project_id, id, account
    FROM first JOIN accounts USING (project_id) JOIN turns USING (account)
    ORDER BY last_turn NULLS FIRST, updated_at, project_id
"""  # noqa: S608 (ours)
# Imports that have ended count for a day: otherwise an account whose imports fail at once would
# never have had a turn. Uploads count for nothing: they would put off the imports of who uploads.


def list_open(connection: Connection) -> list[OpenImport]:
    """List the first import of each project that waits for a worker. Commits.

    Those of one project follow each other; they have the same persons. First come those of the
    account that was worked for longest ago, or not at all of late, and of these what was worked on
    longest ago. So neither an import that ends its process nor an account that has many of them
    keeps others from being begun.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        found = cursor.fetchall()
    connection.commit()
    return [OpenImport(*row) for row in found]


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


def set_state(
    connection: Connection,
    one: Import,
    state: str,
    problem: str | None = None,
    *,
    attempts: int = 0,
) -> bool:
    """Set the state of an import that has not ended; return whether it had not. Commits.

    Args:
        connection: the caller's own.
        one: the import.
        state: its new state.
        problem: why it waits or failed.
        attempts: runs that have begun since rows were last settled, and did not end by themselves.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET state = %(state)s, problem = %(problem)s, "
            "attempts = %(attempts)s, updated_at = now(), "
            "started_at = CASE WHEN %(state)s = 'running' THEN coalesce(started_at, now()) "
            "ELSE started_at END, "
            "finished_at = CASE WHEN %(state)s = ANY (%(ended)s) THEN now() END "
            "WHERE project_id = %(project)s AND id = %(import)s AND NOT state = ANY (%(ended)s)",
            {
                "state": state,
                "problem": problem,
                "attempts": attempts,
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


def withdraw_attempt(connection: Connection, one: Import) -> None:
    """Let a run not count that ended for a temporary reason. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET attempts = least(attempts, %s) WHERE project_id = %s AND id = %s",
            (one.attempts, one.project_id, one.import_id),
        )
    connection.commit()


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


def queue(connection: Connection, project_id: int, import_id: int) -> None:
    """Let workers go on with an import whose parts are all there. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET state = 'queued', updated_at = now() "
            "WHERE project_id = %s AND id = %s AND state = 'uploading'",
            (project_id, import_id),
        )
    connection.commit()


def end_abandoned(connection: Connection) -> int:
    """End imports that rest or last too long, and remove their files; return how many. Commits.

    Those are uploads that do not get on, and imports that still wait days after they began, such as
    for a quota that is far too small. Until then their files take room that others need.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports SET state = 'cancelled', finished_at = now(), "
            "problem = 'No part of the file came for two hours, or not all within a day. Import it "
            "anew.' WHERE state = 'uploading' "
            "AND (updated_at < now() - interval '2 hours' "
            "OR created_at < now() - interval '1 day') "
            "RETURNING project_id, id"
        )
        found = cursor.fetchall()
        cursor.execute(
            "UPDATE imports SET state = 'failed', finished_at = now(), problem = concat("
            "'The import still waited after ', %(days)s, ' days. What it has stored stays. Raise "
            "the quota or remove what it waited for, and import the file anew: rows that are "
            "stored are not stored again. It waited for this: ', problem) "
            "WHERE state = 'waiting' AND created_at < now() - make_interval(days => %(days)s) "
            "RETURNING project_id, id",
            {"days": _MAX_DAYS},
        )
        found += cursor.fetchall()
        for project_id, import_id in found:
            remove_file(cursor, project_id, import_id)
    connection.commit()
    return len(found)
