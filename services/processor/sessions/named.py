"""Store the sessions that clients named.

The first session with an id is stored under that id. Another person's, and the next one after a
day, are stored beside it: under an id of their own, with the client's id in ``client_session_id``.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from psycopg2.extensions import cursor as Cursor

from services.processor.sessions import store
from services.processor.sessions.joining import Session, SessionKey, client_sessions, join
from services.processor.sessions.locking import append_under_lock
from services.processor.sessions.matching import (
    MAX_RECOUNTED,
    Owner,
    StoredRow,
    Window,
    assign_ids,
    own_id,
    window_of,
)
from services.processor.sessions.store import (
    EVENT_COLUMNS,
    Buckets,
    bucket_of,
    pop_sessions,
    upsert,
)
from services.processor.storing.rows import to_datetime, to_microseconds

CLIENT_ID = "coalesce(client_session_id, session_id)"
_SHARED_IDS = f"""SELECT DISTINCT m.id FROM (
        SELECT {CLIENT_ID} AS id FROM sessions
        WHERE project_id = %(project)s AND person_id = %(merged)s AND NOT by_inactivity) m
    WHERE EXISTS (SELECT FROM sessions t WHERE t.project_id = %(project)s AND t.session_id = m.id
            AND t.person_id = %(target)s AND t.client_session_id IS NULL AND NOT t.by_inactivity)
        OR EXISTS (SELECT FROM sessions t WHERE t.project_id = %(project)s
            AND t.person_id = %(target)s AND t.client_session_id = m.id AND NOT t.by_inactivity)"""  # noqa: S608 (constant names)
"""The ids of clients that name sessions of both persons of a merge.

Two look-ups for each id of the merged person, who has fewer rows; the target's are not read.
"""


def add_named(
    cursor: Cursor, sessions: Sequence[Session], exclusive: Collection[int] = ()
) -> Buckets:
    """Store the sessions of stored events; where an id is taken, under one made from it.

    Args:
        cursor: of the transaction that has stored the events.
        sessions: in order of person and time.
        exclusive: projects whose sessions the transaction changes otherwise, too: they are locked
            for that before any row of a session is.

    Returns:
        Where the number of session starts may have changed, for ``dirty_days.mark_dirty``.
    """
    first: dict[SessionKey, Session] = {}
    beside = [one for one in sessions if first.setdefault(one.key, one) is not one]
    locked = {*(session.project_id for session in beside), *exclusive}
    changed, refused = append_under_lock(cursor, list(first.values()), locked)
    beside = [*(first[key] for key in sorted(refused)), *beside]
    return changed | _add_beside(cursor, beside) if beside else changed


def _add_beside(cursor: Cursor, sessions: Sequence[Session], *, keeps_id: bool = False) -> Buckets:
    """Store sessions of ids that are taken, with few statements however many they are.

    Args:
        cursor: of a transaction that has called ``lock_projects``.
        sessions: each owner's in order of time.
        keeps_id: a session that continues none is stored under the id that it has.
    """
    owners: dict[Owner, list[Session]] = {}
    for session in sessions:
        owner = (session.project_id, str(session.client_id), session.person_id)
        owners.setdefault(owner, []).append(session)
    stored = _stored(cursor, owners)
    placed: list[Session] = []
    windows: list[Window] = []
    for owner, theirs in owners.items():
        rows = stored.get(owner, [])
        window = window_of(owner, rows, theirs)
        if window is not None:
            windows.append(window)
        else:
            assign_ids(rows, theirs, keeps_id=keeps_id)
            placed += theirs
    return _store(cursor, placed) | _recount_windows(cursor, windows)


def _stored(
    cursor: Cursor, owners: Mapping[Owner, Sequence[Session]]
) -> dict[Owner, list[StoredRow]]:
    """Return the owners' sessions that may meet the new ones, in order of time."""
    cursor.execute(
        "SELECT o.project_id, o.client_id, o.person_id, s.* "  # noqa: S608 (constant names)
        "FROM unnest(%s::int[], %s::text[], %s::int[], %s::timestamptz[]) "
        "AS o (project_id, client_id, person_id, first) CROSS JOIN LATERAL ("
        "SELECT session_id, started_at, ended_at, events FROM sessions "
        "WHERE project_id = o.project_id AND person_id = o.person_id AND NOT by_inactivity "
        f"AND {CLIENT_ID} = o.client_id AND ended_at >= o.first - interval '1 day' "
        "ORDER BY started_at FOR UPDATE) s",
        (
            [project_id for project_id, _, _ in owners],
            [client_id for _, client_id, _ in owners],
            [person_id for *_, person_id in owners],
            [to_datetime(theirs[0].started_at_us) for theirs in owners.values()],
        ),
    )
    found: dict[Owner, list[StoredRow]] = {}
    for project_id, client_id, person_id, session_id, start, end, events in cursor.fetchall():
        row = StoredRow(session_id, to_microseconds(start), to_microseconds(end), events)
        found.setdefault((project_id, client_id, person_id), []).append(row)
    return found


def _store(cursor: Cursor, sessions: Iterable[Session]) -> Buckets:
    """Store sessions; those whose id another one has get an id that none has."""
    by_key: dict[SessionKey, Session] = {}
    for session in sessions:
        same = by_key.get(session.key)
        if same is not None and same.person_id == session.person_id:
            by_key[session.key] = join(same, session)
            continue
        if same is not None:
            session.session_id = f"{session.client_id}~{uuid.uuid4()}"
        by_key[session.key] = session
    if not by_key:
        return set()
    changed, refused = upsert(cursor, list(by_key.values()))
    others = [by_key[key] for key in sorted(refused)]
    for session in others:
        # A client may have sent the id that we would have given.
        session.session_id = f"{session.client_id}~{uuid.uuid4()}"
    return changed | upsert(cursor, others)[0] if others else changed


def count_shared(cursor: Cursor, project_id: int, merged: int, target: int, most: int) -> int:
    """Return how many ids of clients name sessions of both persons; ``most`` if there are more."""
    values = {"project": project_id, "merged": merged, "target": target, "most": most}
    cursor.execute(f"SELECT count(*) FROM ({_SHARED_IDS} LIMIT %(most)s) AS found", values)  # noqa: S608 (constant names)
    (found,) = cursor.fetchone() or (0,)
    return int(found)


def move_shared(
    cursor: Cursor, project_id: int, merged: int, target: int, most: int | None
) -> tuple[int, Buckets]:
    """Give sessions to the other person whose ids both have, and join those that are one now.

    The caller has called ``lock_projects``, and moved all events of the merged person, so that they
    can be counted again where they divide differently.

    Args:
        cursor: of the transaction.
        project_id: the project of both.
        merged: the person whose sessions are moved.
        target: the other person.
        most: how many ids of clients at most; None: all.

    Returns:
        The number of sessions that were moved, and where the number of session starts may have
        changed, for ``dirty_days.mark_dirty``.
    """
    values = {"project": project_id, "merged": merged, "target": target, "most": most}
    cursor.execute(
        "SELECT session_id FROM sessions WHERE project_id = %(project)s AND person_id = %(merged)s "  # noqa: S608 (constant names)
        f"AND NOT by_inactivity AND {CLIENT_ID} IN ({_SHARED_IDS} LIMIT %(most)s)",
        values,
    )
    keys = [(project_id, session_id) for (session_id,) in cursor.fetchall()]
    popped = sorted(pop_sessions(cursor, keys), key=lambda one: one.started_at_us)
    for session in popped:
        session.person_id = target
    changed = {bucket_of(project_id, session.started_at_us) for session in popped}
    return len(popped), changed | store_again(cursor, popped)


def move_named(cursor: Cursor, project_id: int, merged: int, target: int, most: int | None) -> None:
    """Give sessions to the other person whose ids that one does not have: ``most``, or all.

    The caller has called ``lock_projects``.
    """
    cursor.execute(
        "UPDATE sessions SET person_id = %(target)s WHERE project_id = %(project)s "  # noqa: S608 (constant names)
        "AND session_id IN (SELECT session_id FROM sessions WHERE project_id = %(project)s "
        f"AND person_id = %(merged)s AND NOT by_inactivity AND {CLIENT_ID} NOT IN ({_SHARED_IDS}) "
        "LIMIT %(most)s)",
        {"project": project_id, "merged": merged, "target": target, "most": most},
    )


def store_again(cursor: Cursor, sessions: Sequence[Session]) -> Buckets:
    """Store sessions whose rows the transaction has removed, under the ids that they have.

    Args:
        cursor: of a transaction that has called ``lock_projects``.
        sessions: each owner's in order of time.

    Returns:
        Where the number of session starts may have changed, for ``dirty_days.mark_dirty``.
    """
    return _add_beside(cursor, sessions, keeps_id=True) if sessions else set()


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
    return changed | _store_counted(cursor, project_id)


def _recount_windows(cursor: Cursor, windows: Sequence[Window]) -> Buckets:
    """Count the sessions of windows again, so many at a time that their events fit in memory."""
    changed: Buckets = set()
    for project_id, of_project in groupby(windows, key=lambda window: window.owner[0]):
        some: list[Window] = []
        for window in of_project:
            if some and sum(one.events for one in some) + window.events > MAX_RECOUNTED:
                changed |= _recount_some(cursor, project_id, some)
                some = []
            some.append(window)
        changed |= _recount_some(cursor, project_id, some)
    return changed


def _recount_some(cursor: Cursor, project_id: int, windows: Sequence[Window]) -> Buckets:
    keys = [(project_id, row.session_id) for window in windows for row in window.replaced]
    changed = {bucket_of(project_id, one.started_at_us) for one in pop_sessions(cursor, keys)}
    firsts = [to_datetime(window.first_us) for window in windows]
    lasts = [to_datetime(window.last_us) for window in windows]
    # The range of all windows is given too: the partitions of other days are not even planned.
    cursor.execute(
        f"SELECT {EVENT_COLUMNS} FROM events e JOIN unnest("  # noqa: S608 (constant names)
        "%s::text[], %s::int[], %s::timestamptz[], %s::timestamptz[]) "
        "AS w (client_id, person_id, first, last) ON e.person_id = w.person_id "
        "AND e.session_id = w.client_id AND e.timestamp BETWEEN w.first AND w.last "
        "WHERE e.project_id = %s AND e.timestamp BETWEEN %s AND %s ORDER BY e.id",
        (
            [window.owner[1] for window in windows],
            [window.owner[2] for window in windows],
            firsts,
            lasts,
            project_id,
            min(firsts),
            max(lasts),
        ),
    )
    return changed | _store_counted(cursor, project_id)


def _store_counted(cursor: Cursor, project_id: int) -> Buckets:
    """Store the sessions of the events that a statement has selected."""
    first: dict[SessionKey, Session] = {}
    found = client_sessions(*store.read_events(cursor, project_id))
    beside = [one for one in found if first.setdefault(one.key, one) is not one]
    changed: Buckets = set()
    if first:
        changed, refused = upsert(cursor, list(first.values()))
        beside += [first[key] for key in sorted(refused)]
    for session in beside:
        session.session_id = own_id(session)
    return changed | _store(cursor, beside)
