"""Everything that is stored of one person, for the person who asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from psycopg2.extensions import connection as Connection

from shared.errors import NotFound

_ROWS_AT_ONCE = 2_000


def export_person(connection: Connection, project_id: int, distinct_id: str) -> Iterator[str]:
    """JSON lines: the person with all their ids, then their events from the oldest on. Commits.

    Rows are fetched in steps, so that memory does not grow with the person's history.

    Raises:
        NotFound: nobody in the project is known by this id.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM person_distinct_ids WHERE project_id = %s AND distinct_id = %s",
            (project_id, distinct_id),
        )
        found = cursor.fetchone()
        if found is None:
            connection.commit()
            raise NotFound(f"Nobody in project {project_id} is known as {distinct_id!r}.")
        (person_id,) = found
        cursor.execute(
            "SELECT to_jsonb(p) || jsonb_build_object('distinct_ids', (SELECT "
            "jsonb_agg(distinct_id ORDER BY distinct_id) FROM person_distinct_ids d "
            "WHERE d.project_id = p.project_id AND d.person_id = p.person_id)) "
            "FROM persons p WHERE project_id = %s AND person_id = %s",
            (project_id, person_id),
        )
        yield _line("person", (cursor.fetchone() or ({},))[0])
    with connection.cursor("person_export") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(
            "SELECT to_jsonb(e) - 'id' FROM events e WHERE project_id = %s AND person_id = %s "
            "ORDER BY timestamp, id",
            (project_id, person_id),
        )
        for (event,) in cursor:
            yield _line("event", event)
    connection.commit()


def _line(kind: str, content: dict[str, object]) -> str:
    return json.dumps({"kind": kind, **content}, ensure_ascii=False)
