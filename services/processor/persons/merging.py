"""Merge two persons: everything that belongs to one becomes the other's, in one transaction."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg2.extensions import cursor as Cursor

from services.processor.persons import changes, store
from services.processor.persons.properties import Properties, from_columns
from services.processor.persons.store import Profile
from services.processor.sealing import dirty_days
from services.processor.sealing.person_removal import replace_person
from services.processor.sessions import store as session_store

_MAX_COUNTED = 1_000


class _MergedProfile(NamedTuple):
    """The row of the person who is merged; all None when there is none."""

    created_at: datetime | None = None
    identified_at: datetime | None = None
    converted_at: datetime | None = None
    first_seen_on: date | None = None
    last_seen_on: date | None = None
    values: dict[str, Any] | None = None
    writes: dict[str, Any] | None = None


def merge(cursor: Cursor, project_id: int, person: Profile, previous: Profile) -> int:
    """Move the shorter history to the person with the longer one.

    The caller has called ``changes.lock_exclusive``. Event counts stay as they are; sealed days
    that contain the merged person become dirty.

    Returns:
        The number of the person who remains.
    """
    # Somebody who signs up usually has no events under the new id yet: no row is rewritten then.
    lengths = [_length(cursor, project_id, one) for one in (person, previous)]
    merged, target = (previous, person) if lengths[1] <= lengths[0] else (person, previous)
    _move_sessions(cursor, project_id, merged.person_id, target.person_id)
    if min(lengths):
        _move_events(cursor, project_id, merged, target.person_id)
    _mark_identified_days(cursor, project_id, merged, target)
    _move_cohorts(cursor, project_id, merged.person_id, target.person_id)
    _move_profile(cursor, project_id, merged.person_id, target.person_id)
    changes.append(cursor, project_id, merged.person_id, target.person_id)
    return target.person_id


def _length(cursor: Cursor, project_id: int, person: Profile) -> int:
    """Count a person's events, up to ``_MAX_COUNTED``."""
    if person.lifetime is None:
        return 0
    cursor.execute(
        "SELECT count(*) FROM (SELECT 1 FROM events WHERE project_id = %s AND person_id = %s "
        "AND timestamp >= %s AND timestamp < %s LIMIT %s) AS events",
        (project_id, person.person_id, *person.lifetime, _MAX_COUNTED),
    )
    (length,) = cursor.fetchone() or (0,)
    return int(length)


def _move_sessions(cursor: Cursor, project_id: int, merged: int, target: int) -> None:
    """Move sessions the client named; rejoin those by inactivity with the target's."""
    session_store.lock_projects(cursor, [project_id])
    inactive = session_store.pop_inactivity_sessions(cursor, project_id, merged)
    if inactive:
        for session in inactive:
            session.person_id = target
        timeouts = session_store.timeouts_us(cursor, [project_id])
        dirty_days.mark_dirty(cursor, session_store.rejoin(cursor, inactive, timeouts))
    cursor.execute(
        "UPDATE sessions SET person_id = %s WHERE project_id = %s AND person_id = %s",
        (target, project_id, merged),
    )


def _move_events(cursor: Cursor, project_id: int, merged: Profile, target: int) -> None:
    """Rewrite the person of the rows, and mark their days dirty."""
    if merged.lifetime is None:
        return
    cursor.execute(
        """
        WITH given AS (
            UPDATE events SET person_id = %s
            WHERE project_id = %s AND person_id = %s AND timestamp >= %s AND timestamp < %s
            RETURNING timestamp
        )
        SELECT DISTINCT date_bin('15 minutes', timestamp, 'epoch') FROM given
        """,
        (target, project_id, merged.person_id, *merged.lifetime),
    )
    dirty_days.mark_dirty(cursor, {(project_id, quarter) for (quarter,) in cursor.fetchall()})


def _mark_identified_days(
    cursor: Cursor, project_id: int, merged: Profile, target: Profile
) -> None:
    """Mark days dirty on which the target now counts as identified earlier than before."""
    since = merged.identified_at
    if since is None or target.lifetime is None:
        return
    until = min(target.identified_at or target.lifetime[1], target.lifetime[1])
    if since < until:
        quarters = store.quarters(cursor, project_id, [(target.person_id, since, until)])
        dirty_days.mark_dirty(cursor, {(project_id, quarter) for quarter in quarters})


def _move_cohorts(cursor: Cursor, project_id: int, merged: int, target: int) -> None:
    cursor.execute(
        """
        WITH left_behind AS (
            DELETE FROM cohort_members WHERE project_id = %(project)s AND person_id = %(merged)s
            RETURNING cohort_id
        )
        INSERT INTO cohort_members (project_id, cohort_id, person_id)
        SELECT %(project)s, cohort_id, %(target)s FROM left_behind ON CONFLICT DO NOTHING
        """,
        {"project": project_id, "merged": merged, "target": target},
    )


def _move_profile(cursor: Cursor, project_id: int, merged: int, target: int) -> None:
    """Move ids, properties, times and the bits in days whose rows have expired."""
    cursor.execute(
        "UPDATE person_distinct_ids SET person_id = %s WHERE project_id = %s AND person_id = %s",
        (target, project_id, merged),
    )
    cursor.execute(
        "DELETE FROM persons WHERE project_id = %s AND person_id = %s RETURNING created_at, "
        "identified_at, converted_at, first_seen_on, last_seen_on, properties, property_writes",
        (project_id, merged),
    )
    row = _MergedProfile(*(cursor.fetchone() or ()))
    cursor.execute(
        "UPDATE persons SET created_at = least(created_at, %s), "
        "identified_at = least(identified_at, %s), converted_at = least(converted_at, %s), "
        "first_seen_on = least(first_seen_on, %s), last_seen_on = greatest(last_seen_on, %s) "
        "WHERE project_id = %s AND person_id = %s",
        (*row[:5], project_id, target),
    )
    properties: Properties = from_columns(row.values or {}, row.writes or {})
    if properties.writes:
        store.change_persons(cursor, {(project_id, target): properties})
    if row.created_at is not None:
        replace_person(cursor, project_id, merged, target, row.created_at)
