"""Cancel pending merges of an id that leaves its person."""

from __future__ import annotations

from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from services.processor.persons import store
from services.processor.persons.pending_merges import Pending
from services.processor.sealing import dirty_days


def cancel(cursor: Cursor, project_id: int, distinct_id: str) -> None:
    """Cancel the pending merges that name an id.

    The caller has called ``changes.lock_exclusive``.
    """
    cursor.execute(
        "DELETE FROM pending_merges WHERE project_id = %s AND %s IN (distinct_id, previous_id) "
        "RETURNING previous_id, identified_at",
        (project_id, distinct_id),
    )
    cancelled = cursor.fetchall()
    for previous_id, identified_at in cancelled:
        if identified_at is not None:
            _make_anonymous(cursor, project_id, previous_id, identified_at)
    if cancelled:
        _rebuild_groups(cursor, project_id)


def _make_anonymous(
    cursor: Cursor, project_id: int, distinct_id: str, identified_at: datetime
) -> None:
    """Take back that a merge identified a person; the server may then link the id elsewhere."""
    profile = store.profiles(cursor, [(project_id, distinct_id)]).get((project_id, distinct_id))
    if profile is None or profile.identified_at != identified_at:
        return  # identified by another call, too
    cursor.execute(
        "UPDATE persons SET identified_at = NULL WHERE project_id = %s AND person_id = %s",
        (project_id, profile.person_id),
    )
    if profile.lifetime is not None and identified_at < profile.lifetime[1]:
        span = (profile.person_id, identified_at, profile.lifetime[1])
        quarters = store.quarters(cursor, project_id, [span])
        dirty_days.mark_dirty(cursor, {(project_id, quarter) for quarter in quarters})


def _rebuild_groups(cursor: Cursor, project_id: int) -> None:
    """Build the groups of a project anew: a person does not leave a group otherwise."""
    cursor.execute("DELETE FROM pending_persons WHERE project_id = %s", (project_id,))
    cursor.execute(
        "SELECT distinct_id, previous_id FROM pending_merges WHERE project_id = %s", (project_id,)
    )
    pairs = cursor.fetchall()
    profiles = store.profiles(cursor, sorted({(project_id, one) for ids in pairs for one in ids}))
    pending = Pending({})
    for ids in pairs:
        person, other = (profiles.get((project_id, one)) for one in ids)
        if person is not None and other is not None:
            pending.join(project_id, person, other)
    pending.write(cursor)
