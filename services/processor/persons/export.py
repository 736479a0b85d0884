"""Export all stored data of one person, for example for a request of that person."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator
from typing import IO

from psycopg2.extensions import connection as Connection
from redis import Redis

from shared.errors import NotFound, PayloadTooLarge
from shared.runtime import export_budget

_ROWS_PER_FETCH = 2_000
_PART_BYTES = 1 << 20
_MAX_BYTES = 256 * 1024 * 1024

_ROWS = {
    "session": "SELECT to_jsonb(s) FROM sessions s WHERE project_id = %s AND person_id = %s "
    "ORDER BY started_at, session_id",
    "event": "SELECT to_jsonb(e) - 'id' FROM events e WHERE project_id = %s AND person_id = %s "
    "ORDER BY timestamp, id",
}


def export_person(connection: Connection, project_id: int, distinct_id: str) -> Iterator[str]:
    """Yield JSON lines: the person with all ids, then sessions, then events, oldest first. Commits.

    Rows are fetched in steps, so that memory does not grow with the person's history.

    Raises:
        NotFound: no person of the project has this id.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM person_distinct_ids WHERE project_id = %s AND distinct_id = %s",
            (project_id, distinct_id),
        )
        found = cursor.fetchone()
        if found is None:
            connection.commit()
            raise NotFound(f"No person of project {project_id} has the id {distinct_id!r}.")
        (person_id,) = found
        cursor.execute(
            "SELECT to_jsonb(p) || jsonb_build_object('distinct_ids', (SELECT "
            "jsonb_agg(distinct_id ORDER BY distinct_id) FROM person_distinct_ids d "
            "WHERE d.project_id = p.project_id AND d.person_id = p.person_id)) "
            "FROM persons p WHERE project_id = %s AND person_id = %s",
            (project_id, person_id),
        )
        yield _line("person", (cursor.fetchone() or ({},))[0])
    for kind, statement in _ROWS.items():
        with connection.cursor(f"person_export_{kind}") as cursor:
            cursor.itersize = _ROWS_PER_FETCH
            cursor.execute(statement, (project_id, person_id))
            for (row,) in cursor:
                yield _line(kind, row)
    connection.commit()


def store_export(
    connection: Connection, redis: Redis, project_id: int, distinct_id: str, job_id: str
) -> int:
    """Export a person and store the result, gzipped, for a day; return the number of lines.

    An earlier result of the same job is replaced. Commits.

    Args:
        connection: of the caller.
        redis: where the project's exports of the day are counted.
        project_id: the person's project.
        distinct_id: any id of the person.
        job_id: under which the result is downloaded.

    Raises:
        NotFound: no person of the project has this id.
        PayloadTooLarge: the export is larger than one may be, or than what is left of the
            project's day; the command line has no limit.
    """
    lines = 0
    with tempfile.TemporaryFile() as file:
        with gzip.open(file, "wt", encoding="utf-8") as output:
            for line in export_person(connection, project_id, distinct_id):
                output.write(line + "\n")
                lines += 1
        size = file.tell()
        if size > _MAX_BYTES:
            raise PayloadTooLarge(
                f"The export of {distinct_id!r} is too large to store. Write it to a file: "
                f"tidemark export_person --project {project_id} --distinct-id … --output …"
            )
        export_budget.count_bytes(redis, project_id, size)
        file.seek(0)
        _store(connection, project_id, distinct_id, job_id, file)
    return lines


def _store(
    connection: Connection, project_id: int, distinct_id: str, job_id: str, file: IO[bytes]
) -> None:
    with connection.cursor() as cursor:
        # Deleting the person waits for this lock, so it finds the parts too.
        cursor.execute(
            "SELECT p.person_id FROM persons p JOIN person_distinct_ids d USING (project_id, "
            "person_id) WHERE d.project_id = %s AND d.distinct_id = %s FOR KEY SHARE OF p",
            (project_id, distinct_id),
        )
        found = cursor.fetchone()
        if found is None:
            connection.rollback()
            raise NotFound(f"The person with the id {distinct_id!r} was deleted meanwhile.")
        cursor.execute(
            "DELETE FROM person_export_parts WHERE project_id = %s AND job_id = %s",
            (project_id, job_id),
        )
        for part, content in enumerate(iter(lambda: file.read(_PART_BYTES), b"")):
            cursor.execute(
                "INSERT INTO person_export_parts "
                "(project_id, job_id, part, person_id, content, created_at) "
                "VALUES (%s, %s, %s, %s, %s, now())",
                (project_id, job_id, part, found[0], content),
            )
    connection.commit()


def remove_expired_exports(connection: Connection) -> int:
    """Delete the parts of exports that are more than a day old; return how many. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM person_export_parts WHERE created_at < now() - interval '1 day'"
        )
        removed = cursor.rowcount
    connection.commit()
    return removed


def _line(kind: str, content: dict[str, object]) -> str:
    return json.dumps({"kind": kind, **content}, ensure_ascii=False)
