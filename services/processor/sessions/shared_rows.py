"""Sessions that an earlier version stored for several persons with one client's id.

Sessions of today belong to one person each; those rows stay as they were until one of the persons
is deleted.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor

from services.processor.sessions.joining import SYSTEM_EVENTS
from services.processor.sessions.locking import lock_projects
from services.processor.sessions.named import recount
from services.processor.sessions.store import Buckets


class SharedRow(NamedTuple):
    """A session that is another person's, and has events of this one."""

    session_id: str
    started_at: datetime
    ended_at: datetime


def list_shared(
    cursor: Cursor, project_id: int, person_id: int, lifetime: tuple[datetime, datetime]
) -> list[SharedRow]:
    """Return the sessions of others that count events of a person, who has none beside them."""
    cursor.execute(
        """
        SELECT DISTINCT s.session_id, s.started_at, s.ended_at
        FROM events e JOIN sessions s USING (project_id, session_id)
        WHERE e.project_id = %(project)s AND e.person_id = %(person)s
            AND e.timestamp >= %(start)s AND e.timestamp < %(end)s
            AND e.event_name <> ALL (%(system)s) AND s.person_id <> %(person)s
            AND NOT s.by_inactivity AND s.client_session_id IS NULL
            AND NOT EXISTS (
                SELECT FROM sessions own WHERE own.project_id = s.project_id
                    AND own.person_id = %(person)s AND own.client_session_id = s.session_id
            )
        """,
        {
            "project": project_id,
            "person": person_id,
            "start": lifetime[0],
            "end": lifetime[1],
            "system": sorted(SYSTEM_EVENTS),
        },
    )
    return [SharedRow(*row) for row in cursor.fetchall()]


def recount_shared(cursor: Cursor, project_id: int, shared: list[SharedRow]) -> Buckets:
    """Count shared sessions anew, each person's on its own, after a person's events were removed.

    Returns:
        Where the number of session starts may have changed, for ``dirty_days.mark_dirty``.
    """
    if not shared:
        return set()
    ids = sorted(row.session_id for row in shared)
    cursor.execute(
        "SELECT DISTINCT person_id FROM events WHERE project_id = %s AND session_id = ANY (%s)"
        " AND timestamp BETWEEN %s AND %s",
        (
            project_id,
            ids,
            min(row.started_at for row in shared),
            max(row.ended_at for row in shared),
        ),
    )
    persons = [person_id for (person_id,) in cursor.fetchall()]
    cursor.execute(
        "SELECT person_id FROM sessions WHERE project_id = %s AND session_id = ANY (%s)",
        (project_id, ids),
    )
    owners = [person_id for (person_id,) in cursor.fetchall()]
    lock_projects(cursor, [project_id])
    return recount(cursor, project_id, ids, sorted({*persons, *owners}))
