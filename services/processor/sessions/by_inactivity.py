"""Store the sessions of events without a client's id: joined where no long pause separates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg2.extensions import cursor as Cursor

from services.processor.sessions.joining import (
    Session,
    StoredSession,
    extend_stored,
    join_close,
)
from services.processor.sessions.store import Buckets, bucket_of, pop_sessions, upsert

_Person = tuple[int, int]
"""Project id and person number."""
_MICROSECONDS = "(extract(epoch FROM {}) * 1000000)::bigint"
_NEAR = f"""
WITH near AS MATERIALIZED (
    SELECT project_id, person_id, 'epoch'::timestamptz + earliest * interval '1 us' AS earliest,
        'epoch'::timestamptz + latest * interval '1 us' AS latest
    FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[])
        AS wanted (project_id, person_id, earliest, latest)
)
SELECT near.project_id, near.person_id, s.session_id, {_MICROSECONDS.format("s.started_at")},
    {_MICROSECONDS.format("s.ended_at")}, s.first_event_id
FROM near CROSS JOIN LATERAL (
    SELECT session_id, started_at, ended_at, first_event_id FROM sessions
    WHERE project_id = near.project_id AND person_id = near.person_id AND by_inactivity
        AND started_at > near.earliest AND started_at <= near.latest
    UNION ALL
    SELECT session_id, started_at, ended_at, first_event_id FROM (
        -- Compared as a row, so that only the index on these columns fits.
        SELECT * FROM sessions
        WHERE (project_id, person_id, started_at)
            <= (near.project_id, near.person_id, near.earliest) AND by_inactivity
        ORDER BY project_id DESC, person_id DESC, started_at DESC LIMIT 1
    ) before
    WHERE project_id = near.project_id AND person_id = near.person_id
) s
WHERE s.ended_at >= near.earliest
"""  # noqa: S608 (constant names)


def timeouts_us(cursor: Cursor, project_ids: Sequence[int]) -> dict[int, int]:
    """Return the longest pause within a session, in microseconds, by project."""
    cursor.execute(
        "SELECT wanted, coalesce(session_timeout_minutes, 60)::bigint * 60000000 "
        "FROM unnest(%s::int[]) AS wanted LEFT JOIN projects p ON p.id = wanted",
        (list(project_ids),),
    )
    return dict(cursor.fetchall())


def rejoin(cursor: Cursor, found: Sequence[Session], timeouts: Mapping[int, int]) -> Buckets:
    """Join sessions with those stored near them, and store the result.

    Args:
        cursor: of a transaction that has called ``lock_projects``.
        found: sessions by inactivity, not stored yet; those of one person do not touch.
        timeouts: the longest pause within a session, in microseconds, by project.

    Returns:
        Where the number of session starts may have changed, for ``dirty_days.mark_dirty``.
    """
    by_person: dict[_Person, list[Session]] = {}
    for session in found:
        by_person.setdefault((session.project_id, session.person_id), []).append(session)
    near = _list_near(cursor, by_person, timeouts)
    to_store: list[Session] = []
    needs_rejoin: dict[_Person, list[Session]] = {}
    for person, sessions in by_person.items():
        if len(sessions) > 1:
            sessions.sort(key=lambda session: session.started_at_us)
        stored = near.get(person, [])
        simple = extend_stored(stored, sessions, timeouts[person[0]])
        if simple is None:
            needs_rejoin[person] = sessions
        else:
            to_store += simple
    changed: Buckets = set()
    if needs_rejoin:
        keys = {(person[0], one.session_id) for person in needs_rejoin for one in near[person]}
        popped: dict[_Person, list[Session]] = {}
        for session in pop_sessions(cursor, keys):
            changed.add(bucket_of(session.project_id, session.started_at_us))
            popped.setdefault((session.project_id, session.person_id), []).append(session)
        for person, sessions in needs_rejoin.items():
            to_store += join_close([*popped[person], *sessions], timeouts[person[0]])
    return changed | upsert(cursor, sorted(to_store, key=lambda session: session.key))[0]


def _list_near(
    cursor: Cursor, by_person: Mapping[_Person, Sequence[Session]], timeouts: Mapping[int, int]
) -> dict[_Person, list[StoredSession]]:
    """List the stored sessions near new ones of the same persons.

    Sessions by inactivity of one person do not overlap, so of those that began before, only the
    last can reach so far, however many there are.
    """
    project_ids, person_ids, earliest, latest = [], [], [], []
    for (project_id, person_id), sessions in by_person.items():
        timeout = timeouts[project_id]
        project_ids.append(project_id)
        person_ids.append(person_id)
        earliest.append(min([session.first[0] for session in sessions]) - timeout)
        latest.append(max([session.ended_at_us for session in sessions]) + timeout)
    cursor.execute(_NEAR, (project_ids, person_ids, earliest, latest))
    found: dict[_Person, list[StoredSession]] = {}
    for project_id, person_id, session_id, started_us, ended_us, first in cursor.fetchall():
        stored = StoredSession(
            session_id, (started_us, bytes.fromhex(first.replace("-", ""))), ended_us
        )
        found.setdefault((project_id, person_id), []).append(stored)
    return found
