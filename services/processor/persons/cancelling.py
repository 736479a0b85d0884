"""Take an id that leaves its person out of the merges that wait."""

from __future__ import annotations

from datetime import datetime

from psycopg2.extensions import cursor as Cursor

from services.processor.persons import pending_merges, store
from services.processor.persons.pending_groups import Pending
from services.processor.persons.pending_merges import NotedMerge
from services.processor.sealing import dirty_days


def cancel(cursor: Cursor, project_id: int, distinct_id: str) -> bool:
    """Cancel the pending merges that name an id.

    A merge that has begun cannot be cancelled: rows of either person may belong to the other
    already. It goes on without the id. The caller has called ``changes.lock_exclusive``.

    Returns:
        Whether a merge goes on, so that the id needs a person of its own.
    """
    cursor.execute(
        "DELETE FROM pending_merges WHERE project_id = %s AND %s IN (distinct_id, previous_id) "
        "RETURNING distinct_id, previous_id, left_person_id, identified_at, begun_at",
        (project_id, distinct_id),
    )
    found = cursor.fetchall()
    goes_on = False
    for *names, identified_at, begun_at in found:
        noted = NotedMerge(*names)
        if begun_at is not None:
            _go_on_without(cursor, project_id, distinct_id, noted)
            goes_on = True
        elif identified_at is not None:
            _make_anonymous(cursor, project_id, noted.previous_id, identified_at)
    if found:
        _rebuild_groups(cursor, project_id)
    return goes_on


def _go_on_without(cursor: Cursor, project_id: int, distinct_id: str, noted: NotedMerge) -> None:
    """Note a merge that has begun by other ids, or by the number of the person who has none."""
    cursor.execute(
        "SELECT d.person_id, min(o.distinct_id) FROM person_distinct_ids d "
        "LEFT JOIN person_distinct_ids o ON o.project_id = d.project_id "
        "AND o.person_id = d.person_id AND o.distinct_id <> d.distinct_id "
        "WHERE d.project_id = %s AND d.distinct_id = %s GROUP BY 1",
        (project_id, distinct_id),
    )
    person_id, substitute = cursor.fetchone() or (0, None)
    ids = [one for one in noted[:2] if one != distinct_id]
    left = noted.left_person_id
    if substitute is not None:
        ids = [substitute] * (2 - len(ids)) + ids
    elif ids and not left:
        ids, left = ids * 2, person_id
    if len(ids) == 2:  # otherwise no id is left on either side: the rows stay where they are
        pending_merges.add_begun(cursor, project_id, NotedMerge(ids[0], ids[1], left))


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
    pending = Pending({})
    for person, other in pending_merges.list_persons(cursor, project_id):
        if person is not None and other is not None:
            pending.join(project_id, person, other)
    pending.write(cursor)
