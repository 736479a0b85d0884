"""Store the sessions that clients named.

The first session with an id is stored under that id. Another person's, and the next one after a
day, are stored beside it: under an id of their own, with the client's id in ``client_session_id``.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor

from services.processor.sessions import store
from services.processor.sessions.joining import DAY_US, Session, SessionKey, client_sessions
from services.processor.sessions.store import (
    EVENT_COLUMNS,
    Buckets,
    bucket_of,
    lock_projects,
    pop_sessions,
    try_upsert,
    upsert,
)
from services.processor.storing.rows import to_microseconds

CLIENT_ID = "coalesce(client_session_id, session_id)"
_MAX_RECOUNTED = 20_000
"""Events of one id and person that are read again when a late event may divide them differently."""


def add_named(cursor: Cursor, sessions: Sequence[Session]) -> Buckets:
    """Store sessions whose events are stored; where an id is taken, beside the session that has it.

    Args:
        cursor: of the transaction that has stored the events.
        sessions: in order of person and time.

    Returns:
        Where the number of session starts may have changed, for ``dirty_days.mark_dirty``.
    """
    first: dict[SessionKey, Session] = {}
    beside = [one for one in sessions if first.setdefault(one.key, one) is not one]
    changed, refused = try_upsert(cursor, list(first.values()))
    beside = [*(first[key] for key in sorted(refused)), *beside]
    if beside:
        lock_projects(cursor, {session.project_id for session in beside})
        for session in beside:
            changed |= _add_beside(cursor, session)
    return changed


def _add_beside(cursor: Cursor, session: Session) -> Buckets:
    rows = _stored(cursor, session)
    if rows:
        last_id, started_us, ended_us, _ = rows[0]
        is_late = session.started_at_us < ended_us
        if not is_late and session.ended_at_us - started_us <= DAY_US:
            session.session_id = last_id
            return upsert(cursor, [session])
        divides = is_late or session.started_at_us - started_us <= DAY_US
        if divides and sum(events for *_, events in rows) <= _MAX_RECOUNTED:
            ids = [str(session.client_id)]
            return recount(cursor, session.project_id, ids, [session.person_id])
    session.session_id = _fitting(session, rows) or _own_id(session)
    return upsert(cursor, [session])


def _stored(cursor: Cursor, session: Session) -> list[tuple[str, int, int, int]]:
    """Return the person's sessions with the client's id, latest first: id, start, end, events."""
    cursor.execute(
        "SELECT session_id, started_at, ended_at, events FROM sessions "  # noqa: S608 (constant names)
        f"WHERE project_id = %s AND person_id = %s AND NOT by_inactivity AND {CLIENT_ID} = %s "
        "ORDER BY started_at DESC FOR UPDATE",
        (session.project_id, session.person_id, session.client_id),
    )
    return [
        (session_id, to_microseconds(start), to_microseconds(end), events)
        for session_id, start, end, events in cursor.fetchall()
    ]


def _fitting(session: Session, rows: Sequence[tuple[str, int, int, int]]) -> str | None:
    """Return the id of a stored session that stays within a day together with this one."""
    for session_id, started_us, ended_us, _ in rows:
        start = min(started_us, session.started_at_us)
        if max(ended_us, session.ended_at_us) - start <= DAY_US:
            return session_id
    return None


def _own_id(session: Session) -> str:
    return f"{session.client_id}~{uuid.UUID(bytes=session.first[1])}"


def move_named(cursor: Cursor, project_id: int, merged: int, target: int, most: int | None) -> None:
    """Give a merged person's sessions to the other, and join those that are one now.

    The caller has called ``lock_projects``, and marks the days of the events dirty.
    """
    cursor.execute(
        "SELECT session_id FROM sessions m WHERE project_id = %s AND person_id = %s "  # noqa: S608 (constant names)
        f"AND NOT by_inactivity AND {CLIENT_ID} IN (SELECT {CLIENT_ID} FROM sessions "
        "WHERE project_id = %s AND person_id = %s AND NOT by_inactivity) ORDER BY 1 LIMIT %s",
        (project_id, merged, project_id, target, most),
    )
    shared = [(project_id, session_id) for (session_id,) in cursor.fetchall()]
    for session in sorted(pop_sessions(cursor, shared), key=lambda one: one.started_at_us):
        session.person_id = target
        session.session_id = _fitting(session, _stored(cursor, session)) or session.session_id
        upsert(cursor, [session])
    cursor.execute(
        "UPDATE sessions SET person_id = %s WHERE project_id = %s AND session_id IN ("
        "SELECT session_id FROM sessions WHERE project_id = %s AND person_id = %s LIMIT %s)",
        (target, project_id, project_id, merged, most),
    )


def recount(
    cursor: Cursor, project_id: int, client_ids: Sequence[str], person_ids: Sequence[int]
) -> Buckets:
    """Build the sessions of clients' ids and persons anew from rows, replacing what is stored.

    Args:
        cursor: of a transaction that has called ``lock_projects``.
        project_id: their project.
        client_ids: the ids as clients sent them.
        person_ids: the persons whose events are read.

    Returns:
        Where the number of session starts may have changed, for ``dirty_days.mark_dirty``.
    """
    wanted = (project_id, list(person_ids), list(client_ids))
    cursor.execute(
        "SELECT session_id FROM sessions WHERE project_id = %s AND person_id = ANY (%s) "  # noqa: S608 (constant names)
        f"AND NOT by_inactivity AND {CLIENT_ID} = ANY (%s)",
        wanted,
    )
    keys = [(project_id, session_id) for (session_id,) in cursor.fetchall()]
    changed = {bucket_of(project_id, one.started_at_us) for one in pop_sessions(cursor, keys)}
    cursor.execute(
        f"SELECT {EVENT_COLUMNS} FROM events e WHERE project_id = %s AND person_id = ANY (%s) "  # noqa: S608 (constant names)
        "AND session_id = ANY (%s) ORDER BY id",
        wanted,
    )
    first: dict[SessionKey, Session] = {}
    found = client_sessions(*store.read_events(cursor, project_id))
    beside = [one for one in found if first.setdefault(one.key, one) is not one]
    if first:
        stored, refused = try_upsert(cursor, list(first.values()))
        changed |= stored
        beside += [first[key] for key in refused]
    for session in beside:
        session.session_id = _own_id(session)
    return changed | upsert(cursor, beside) if beside else changed
