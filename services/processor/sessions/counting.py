"""Count new events into their sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg2.extensions import cursor as Cursor

from services.processor.sessions import named
from services.processor.sessions.by_inactivity import rejoin, timeouts_us
from services.processor.sessions.joining import (
    SYSTEM_EVENTS,
    client_sessions,
    inactivity_sessions,
)
from services.processor.sessions.locking import lock_projects
from services.processor.sessions.store import Buckets
from services.processor.storing.rows import Incoming


def add_sessions(
    cursor: Cursor,
    events: Sequence[Incoming],
    persons: Mapping[tuple[int, str], int],
) -> Buckets:
    """Count events into their sessions.

    Args:
        cursor: of the transaction that has stored the events.
        events: the new events.
        persons: person numbers by project id and distinct id.

    Returns:
        Where the number of session starts may have changed, for ``dirty_days.mark_dirty``.
    """
    unnamed = [
        item
        for item in events
        if item.event.session_id is None and item.event.event_name not in SYSTEM_EVENTS
    ]
    project_ids = sorted({item.batch.project_id for item in unnamed})
    found = client_sessions(events, persons)
    changed: Buckets = set()
    if found:
        changed = named.add_named(cursor, found, project_ids)
    elif unnamed:
        lock_projects(cursor, project_ids)
    if unnamed:
        timeouts = timeouts_us(cursor, project_ids)
        changed |= rejoin(cursor, inactivity_sessions(unnamed, persons, timeouts), timeouts)
    return changed
