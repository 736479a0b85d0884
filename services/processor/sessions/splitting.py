"""Move the events of some distinct ids from one person to another, and build sessions anew."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor

from services.processor.sessions import by_inactivity, named, store
from services.processor.sessions.joining import inactivity_sessions
from services.processor.sessions.locking import lock_projects
from services.processor.sessions.store import EVENT_COLUMNS, Buckets

_WITHIN = (
    "project_id = %s AND person_id = %s AND session_id IS NULL AND timestamp BETWEEN %s AND %s"
)
_QUARTER = "date_bin('15 minutes', e.timestamp, 'epoch')"


class Move(NamedTuple):
    """Whose events are moved to whom."""

    project_id: int
    source: int
    target: int
    distinct_ids: list[str]


class _Window(NamedTuple):
    """The time range of a session by inactivity; without an id, of events without a session."""

    session_id: str | None
    first: datetime
    last: datetime


def move_some(cursor: Cursor, move: Move, most: int) -> tuple[int, Buckets]:
    """Move about so many events; return how many, and the quarter hours that changed.

    The caller has called ``changes.lock_exclusive``. A session by inactivity is taken apart whole,
    so a step may move more than ``most``.
    """
    rows, buckets = _move_named(cursor, move, most)
    lock_projects(cursor, [move.project_id])
    after: datetime | None = None
    while rows < most and (window := _next_window(cursor, move, after)) is not None:
        moved, changed = _move_window(cursor, move, window)
        rows, buckets, after = rows + moved, buckets | changed, window.last
    return rows, buckets


def _move_named(cursor: Cursor, move: Move, most: int) -> tuple[int, Buckets]:
    """Move events with a client's session id; recount sessions of which nothing is left to move.

    A session may have many more events than a step, so it is not read again at each of them.
    """
    cursor.execute(
        f"""
        WITH chosen AS MATERIALIZED (
            SELECT tableoid, ctid, timestamp FROM events WHERE project_id = %(project)s
                AND person_id = %(source)s AND distinct_id = ANY (%(ids)s)
                AND session_id IS NOT NULL LIMIT %(most)s
        )
        UPDATE events e SET person_id = %(target)s FROM chosen c
        WHERE e.tableoid = c.tableoid AND e.ctid = c.ctid AND e.timestamp = c.timestamp
            AND e.project_id = %(project)s AND e.person_id = %(source)s
        RETURNING e.session_id, {_QUARTER}
        """,  # noqa: S608 (constant text)
        {
            "project": move.project_id,
            "source": move.source,
            "target": move.target,
            "ids": move.distinct_ids,
            "most": most,
        },
    )
    found = cursor.fetchall()
    buckets: Buckets = {(move.project_id, quarter) for _, quarter in found}
    cursor.execute(
        """
        SELECT moved.session_id FROM unnest(%s::text[]) AS moved (session_id) WHERE NOT EXISTS (
            SELECT FROM events e WHERE e.project_id = %s AND e.person_id = %s
                AND e.distinct_id = ANY (%s) AND e.session_id = moved.session_id
        ) ORDER BY 1
        """,
        (
            sorted({session_id for session_id, _ in found}),
            move.project_id,
            move.source,
            move.distinct_ids,
        ),
    )
    if moved := [session_id for (session_id,) in cursor.fetchall()]:
        lock_projects(cursor, [move.project_id])
        buckets |= named.recount(cursor, move.project_id, moved, [move.source, move.target])
    return len(found), buckets


def _next_window(cursor: Cursor, move: Move, after: datetime | None) -> _Window | None:
    """Return the next session by inactivity with an event to be moved."""
    cursor.execute(
        "SELECT timestamp FROM events WHERE project_id = %s AND person_id = %s "
        "AND distinct_id = ANY (%s) AND session_id IS NULL "
        "AND (%s::timestamptz IS NULL OR timestamp > %s) ORDER BY timestamp LIMIT 1",
        (move.project_id, move.source, move.distinct_ids, after, after),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    (at,) = row
    cursor.execute(
        "SELECT session_id, started_at, ended_at FROM sessions WHERE project_id = %s "
        "AND person_id = %s AND by_inactivity AND started_at <= %s AND ended_at >= %s "
        "ORDER BY started_at DESC LIMIT 1",
        (move.project_id, move.source, at, at),
    )
    session = cursor.fetchone()
    return _Window(None, at, at) if session is None else _Window(*session)


def _move_window(cursor: Cursor, move: Move, window: _Window) -> tuple[int, Buckets]:
    """Move what lies in one session by inactivity, and build both persons' sessions of it."""
    project_id, span = move.project_id, (window.first, window.last)
    own = (project_id, move.source, *span, move.distinct_ids)
    cursor.execute(
        f"WITH moved AS (UPDATE events SET person_id = %s WHERE {_WITHIN} "  # noqa: S608 (constant text)
        f"AND distinct_id = ANY (%s) RETURNING *) SELECT {EVENT_COLUMNS} FROM ("
        f"SELECT * FROM moved UNION ALL SELECT * FROM events WHERE {_WITHIN} "
        "AND distinct_id <> ALL (%s)) e ORDER BY e.id",
        (move.target, *own, *own),
    )
    items, persons = store.read_events(cursor, project_id)
    moved = [item for item in items if persons[item.person_key] == move.target]
    buckets = {store.bucket_of(project_id, item.event.timestamp_us) for item in moved}
    if window.session_id is None:
        return len(moved), buckets
    [before] = store.pop_sessions(cursor, [(project_id, window.session_id)])
    buckets.add(store.bucket_of(project_id, before.started_at_us))
    timeouts = by_inactivity.timeouts_us(cursor, [project_id])
    sessions = inactivity_sessions(items, persons, timeouts)
    for session in sessions:
        # Rows do not say which kind of key sent them, as the usual name of a session does.
        is_same = session.first == before.first
        session.session_id = before.session_id if is_same else f"~split{session.session_id}"
    return len(moved), buckets | by_inactivity.rejoin(cursor, sessions, timeouts)
