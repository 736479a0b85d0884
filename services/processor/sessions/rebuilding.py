"""Build the sessions of a project anew from raw rows, by what stores them, where they differ.

A step reads the sessions of some persons that begin at an instant or later, and all events from
then on that belong to no earlier session. Earlier sessions are believed and stay as they are.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.jobs.progress import Progress, no_progress
from services.processor.persons import changes
from services.processor.sealing.dirty_days import mark_dirty
from services.processor.sessions import by_inactivity, named, store
from services.processor.sessions.joining import Session, client_sessions, inactivity_sessions
from services.processor.sessions.locking import lock_projects
from services.processor.sessions.matching import own_id
from services.processor.sessions.store import COLUMNS, EVENT_COLUMNS, Buckets

_PERSONS_PER_STEP = 1_000
_EVENTS_PER_STEP = 20_000
_MAX_PAUSE_SECONDS = 1.0
_MICROSECOND = timedelta(microseconds=1)
_PERSONS = "project_id = %(project)s AND person_id >= %(first)s AND person_id < %(end)s"
_BEGIN = f"{_PERSONS} AND started_at >= %(since)s"
_SPAN = f"{_PERSONS} AND timestamp >= %(start)s AND timestamp < %(stop)s"
# The person stands for the distinct id: while a merge is carried out, two persons have the same id.
_EVENTS = f"""
WITH earlier AS MATERIALIZED (
    SELECT person_id, started_at, ended_at, by_inactivity,
        coalesce(client_session_id, session_id) AS client_id
    FROM sessions WHERE {_PERSONS} AND started_at < %(since)s AND ended_at >= %(since)s
)
SELECT {EVENT_COLUMNS.replace("e.distinct_id", "e.person_id::text")} FROM events e
WHERE {_SPAN} AND NOT EXISTS (
    SELECT FROM earlier s WHERE s.person_id = e.person_id
        AND e.timestamp BETWEEN s.started_at AND s.ended_at
        AND CASE WHEN s.by_inactivity THEN e.session_id IS NULL ELSE e.session_id = s.client_id END
)
ORDER BY e.id
"""  # noqa: S608 (constant text)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The persons of a step, first ≤ number < end, and from when on their sessions begin."""

    project_id: int
    first: int
    end: int
    since: datetime | None

    def parameters(
        self, start: datetime | None = None, stop: datetime | None = None
    ) -> dict[str, Any]:
        """Return the parameters of the statements of this module, for events of a span."""
        since = self.since or "-infinity"
        return {
            "project": self.project_id,
            "first": self.first,
            "end": self.end,
            "since": since,
            "start": start or since,
            "stop": stop or "infinity",
            "most": _EVENTS_PER_STEP,
        }


def rebuild_sessions(
    connection: Connection,
    project_id: int,
    since: datetime | None,
    *,
    progress: Progress = no_progress,
) -> int:
    """Rebuild the sessions of a project that begin at an instant or later. Commits every step.

    Storing waits during a step, and goes on between two of them.

    Args:
        connection: of the caller's own.
        project_id: the project.
        since: no raw row from here on may have expired; None: from the beginning.
        progress: called after every step.

    Returns:
        How many sessions were wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT last_person_id FROM person_counters WHERE project_id = %s", (project_id,)
        )
        (persons,) = cursor.fetchone() or (0,)
    connection.commit()
    wrong = 0
    for first in range(1, persons + 1, _PERSONS_PER_STEP):
        last = min(first + _PERSONS_PER_STEP - 1, persons)
        for scope in _divide(connection, _Scope(project_id, first, last + 1, since)):
            started = time.monotonic()
            wrong += _rebuild(connection, scope)
            time.sleep(min(time.monotonic() - started, _MAX_PAUSE_SECONDS))
        progress(last, persons, f"sessions up to person {last}")
    return wrong


def _divide(connection: Connection, scope: _Scope) -> Iterator[_Scope]:
    """Divide a scope into such with as many events as a step may have, or of one person."""
    with connection.cursor() as cursor:
        is_large = _cut(cursor, scope, scope.since) is not None
    connection.commit()
    if is_large and scope.end - scope.first > 1:
        middle = (scope.first + scope.end) // 2
        yield from _divide(connection, replace(scope, end=middle))
        yield from _divide(connection, replace(scope, first=middle))
    else:
        yield scope


def _cut(cursor: Cursor, scope: _Scope, start: datetime | None) -> datetime | None:
    """Return until when there are as many events as a step may have; None: there are no more."""
    cursor.execute(
        f"SELECT timestamp FROM events WHERE {_SPAN} ORDER BY timestamp OFFSET %(most)s LIMIT 1",  # noqa: S608 (constant text)
        scope.parameters(start),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    at: datetime = row[0]
    # However many there are at one time, they are read together.
    return at if start is None or at > start else at + _MICROSECOND


def _rebuild(connection: Connection, scope: _Scope) -> int:
    with connection.cursor() as cursor:
        changes.lock_exclusive(cursor, scope.project_id)
        lock_projects(cursor, [scope.project_id])
        wrong, buckets = _replace(cursor, scope)
        mark_dirty(cursor, buckets)
    if wrong:
        connection.commit()
    else:
        connection.rollback()
    return wrong


def _replace(cursor: Cursor, scope: _Scope) -> tuple[int, Buckets]:
    """Replace the sessions of a scope; return how many were wrong, and what changed."""
    stored = _stored(cursor, scope)
    start, stop = scope.since, _cut(cursor, scope, scope.since)
    sessions = _counted(cursor, scope, start, stop)
    if stop is None and not _differences(stored, sessions):
        return 0, set()
    store.pop_sessions(cursor, [one.key for one in stored])
    changed = {store.bucket_of(scope.project_id, one.started_at_us) for one in stored}
    unused = sorted(stored, key=lambda one: one.started_at_us)
    while True:
        _give_ids(cursor, unused, sessions)
        changed |= _store(cursor, scope, sessions)
        if stop is None:
            return _differences(stored, _stored(cursor, scope)), changed
        start, stop = stop, _cut(cursor, scope, stop)
        sessions = _counted(cursor, scope, start, stop)


def _stored(cursor: Cursor, scope: _Scope) -> list[Session]:
    cursor.execute(
        f"SELECT {', '.join(COLUMNS)} FROM sessions WHERE {_BEGIN}",  # noqa: S608 (constant text)
        scope.parameters(),
    )
    return [store.session_of(row) for row in cursor.fetchall()]


def _counted(
    cursor: Cursor, scope: _Scope, start: datetime | None, stop: datetime | None
) -> list[Session]:
    """Return the sessions of the events of a span."""
    cursor.execute(_EVENTS, scope.parameters(start, stop))
    items, persons = store.read_events(cursor, scope.project_id)
    timeouts = by_inactivity.timeouts_us(cursor, [scope.project_id])
    return [
        *client_sessions(items, persons),
        *inactivity_sessions(items, persons, timeouts),
    ]


def _store(cursor: Cursor, scope: _Scope, sessions: Sequence[Session]) -> Buckets:
    timeouts = by_inactivity.timeouts_us(cursor, [scope.project_id])
    without_id = [one for one in sessions if one.by_inactivity]
    changed = named.store_again(cursor, [one for one in sessions if not one.by_inactivity])
    return changed | by_inactivity.rejoin(cursor, without_id, timeouts)


def _differences(some: Sequence[Session], others: Sequence[Session]) -> int:
    """Return how many sessions one of the two does not have."""
    one, other = Counter(map(_content, some)), Counter(map(_content, others))
    return max((one - other).total(), (other - one).total())


def _content(session: Session) -> tuple[Any, ...]:
    """Return what makes two sessions equal: all but the id."""
    attributes = session.attributes
    if session.first_event is not None:
        attributes = store.attributes_of(session.first_event)
    return (
        session.person_id,
        session.client_id,
        session.first,
        session.ended_at_us,
        session.events,
        session.pageviews,
        session.entry,
        session.exit,
        attributes,
    )


def _give_ids(cursor: Cursor, unused: list[Session], sessions: Sequence[Session]) -> None:
    """Give each session the id of the removed one of the same time, or an id that none has.

    Args:
        cursor: of the transaction that has removed them.
        unused: the removed ones in order of time; those whose ids are given are taken out.
        sessions: the new ones.
    """
    known: dict[tuple[int, str | None], list[Session]] = {}
    for one in unused:
        known.setdefault((one.person_id, one.client_id), []).append(one)
    new: list[Session] = []
    taken: set[str] = set()
    for session in sessions:
        same = known.get((session.person_id, session.client_id), [])
        found = next((one for one in same if _meet(one, session)), None)
        if found is None:
            new.append(session)
            continue
        same.remove(found)
        session.session_id = found.session_id
        taken.add(found.session_id)
    unused[:] = [one for one in unused if one.session_id not in taken]
    if new:
        cursor.execute(
            "SELECT session_id FROM sessions WHERE project_id = %s AND session_id = ANY (%s)",
            (new[0].project_id, [session.session_id for session in new]),
        )
        taken |= {session_id for (session_id,) in cursor}
    for session in new:
        if session.session_id in taken:
            # Rows do not say which kind of key sent them, as usual ids of secret keys do.
            session.session_id = (
                f"~rebuilt~{session.person_id}{session.session_id}"
                if session.by_inactivity
                else own_id(session)
            )
        taken.add(session.session_id)


def _meet(one: Session, other: Session) -> bool:
    return one.started_at_us <= other.ended_at_us and other.started_at_us <= one.ended_at_us
