"""Export all stored data of one person, for example for a request of that person."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator

from psycopg2.extensions import connection as Connection
from redis import Redis

from shared.errors import NotFound, PayloadTooLarge
from shared.runtime.person_exports import export_key

_ROWS_PER_FETCH = 2_000
_TTL_SECONDS = 24 * 3600
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
    connection: Connection, redis: Redis, project_id: int, distinct_id: str, name: str
) -> int:
    """Export a person into Redis, gzipped, for a day under a name; return the number of lines.

    Raises:
        NotFound: no person of the project has this id.
        PayloadTooLarge: the export is larger than Redis should hold; the command line has no limit.
    """
    lines = 0
    with tempfile.TemporaryFile() as file:
        with gzip.open(file, "wt", encoding="utf-8") as output:
            for line in export_person(connection, project_id, distinct_id):
                output.write(line + "\n")
                lines += 1
        if file.tell() > _MAX_BYTES:
            raise PayloadTooLarge(
                f"The export of {distinct_id!r} is too large to store. Write it to a file: "
                f"tidemark export_person --project {project_id} --distinct-id … --output …"
            )
        file.seek(0)
        redis.set(export_key(name), file.read(), ex=_TTL_SECONDS)
    return lines


def _line(kind: str, content: dict[str, object]) -> str:
    return json.dumps({"kind": kind, **content}, ensure_ascii=False)
