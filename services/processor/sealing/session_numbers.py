"""Number the sessions of a day's rows, however they began."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from psycopg2.extensions import cursor as Cursor

from shared.events.session_lookup import LAST_BEFORE, Array, InactivitySessions, sessions_of


def number_sessions(
    cursor: Cursor,
    day: tuple[int, datetime, datetime],
    rows: tuple[Array, Array, Array],
    missing: int,
) -> Array:
    """Return a number of each row's session; -1: it has none.

    Args:
        cursor: of the transaction that has read the rows.
        day: the project, and the start and end of the day.
        rows: of each row the person, the time in microseconds since 1970, and the number of the
            session that the client named.
        missing: the number of the rows of which the client named none; it is above the others.
    """
    project_id, start, end = day
    persons, times, named = rows
    unnamed = np.flatnonzero(named == missing)
    numbers = named.astype(np.int64)
    if not len(unnamed):
        return numbers

    def begun_before(wanted: list[int]) -> InactivitySessions:
        statement = LAST_BEFORE.format(
            persons="%(persons)s", project="%(project)s", start="%(start)s"
        )
        cursor.execute(statement, {"persons": wanted, "project": project_id, "start": start})
        return _fetch(cursor)

    cursor.execute(
        "SELECT person_id, (extract(epoch FROM started_at) * 1000000)::bigint,"
        " (extract(epoch FROM ended_at) * 1000000)::bigint FROM sessions"
        " WHERE project_id = %s AND by_inactivity AND started_at >= %s AND started_at < %s",
        (project_id, start, end),
    )
    found = sessions_of(persons[unnamed], times[unnamed], _fetch(cursor), begun_before)
    numbers[unnamed] = np.where(found < 0, -1, missing + found)
    return numbers


def _fetch(cursor: Cursor) -> InactivitySessions:
    rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    return InactivitySessions(rows[:, 0], rows[:, 1], rows[:, 2])
