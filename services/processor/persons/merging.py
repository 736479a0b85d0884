"""Merge two persons: move the rows of one to the other, at once or in bounded steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg2.extensions import cursor as Cursor

from services.processor.persons import changes, store
from services.processor.persons.properties import Properties, from_columns
from services.processor.persons.store import Profile
from services.processor.sealing import dirty_days
from services.processor.sealing.person_removal import Lifetime, replace_person
from services.processor.sessions import by_inactivity, named
from services.processor.sessions import store as session_store
from services.processor.sessions.locking import lock_projects

ROWS_PER_MERGE = 25
"""The fixed cost of a merge, as a number of rows."""
_FIRST_COUNT = 1_000


class _MergedProfile(NamedTuple):
    """The row of the person who is merged; all None when there is none."""

    created_at: datetime | None = None
    identified_at: datetime | None = None
    converted_at: datetime | None = None
    first_seen_on: date | None = None
    last_seen_on: date | None = None
    values: dict[str, Any] | None = None
    writes: dict[str, Any] | None = None
    secret: list[str] | None = None
    identified_by_public_key: bool = False


class Plan(NamedTuple):
    """The direction of a merge, and the number of rows that it moves."""

    merged: Profile
    target: Profile
    rows: int
    """Events and ids of the merged person; counted up to a limit if there was one."""


Directions = dict[tuple[int, ...], int]
"""Who of two persons is merged, by project and the numbers of both, the smaller first."""


def plan(
    cursor: Cursor, project_id: int, person: Profile, previous: Profile, max_rows: int | None = None
) -> Plan:
    """Plan a merge: the person with fewer rows is merged into the other.

    Each move of a row at least doubles the rows of its person, so no row is moved more than
    log2(rows) times.

    Only about as many rows are counted as the smaller of the two has.

    Args:
        cursor: of a transaction.
        project_id: the project of both.
        person: the first person.
        previous: the second person, who is merged if both have equally many rows.
        max_rows: the number of rows to count at most; a result above it is not exact.
    """
    limit = _FIRST_COUNT
    while True:
        if max_rows is not None:
            limit = min(limit, max_rows + 1)
        sizes = [_size(cursor, project_id, one, limit) for one in (person, previous)]
        if min(sizes) < limit or (max_rows is not None and limit > max_rows):
            break
        limit *= 4
    # Somebody who signs up usually has no events under the new id yet: no event is rewritten then.
    if sizes[1] <= sizes[0]:
        return Plan(previous, person, sizes[1])
    return Plan(person, previous, sizes[0])


def plan_step(
    cursor: Cursor,
    project_id: int,
    persons: tuple[Profile, Profile],
    max_rows: int,
    directions: Directions,
) -> Plan:
    """Plan a step of a merge: the histories of both are counted before the first one only.

    Args:
        cursor: of a transaction.
        project_id: the project of both.
        persons: both, as for ``plan``.
        max_rows: the number of rows of a step; a result above it is not exact.
        directions: of the steps before; this one's is added.
    """
    person, previous = persons
    pair = (project_id, *sorted((person.person_id, previous.person_id)))
    if pair not in directions:
        planned = plan(cursor, project_id, person, previous)
        directions[pair] = planned.merged.person_id
        return planned
    is_first = directions[pair] == person.person_id
    merged, target = (person, previous) if is_first else (previous, person)
    return Plan(merged, target, _size(cursor, project_id, merged, max_rows + 1))


def merge(cursor: Cursor, project_id: int, merged: Profile, target: Profile) -> int:
    """Move all rows of one person to the other.

    The caller has called ``changes.lock_exclusive``. Event counts stay as they are; sealed days
    that contain the merged person become dirty.

    Returns:
        The number of the person who remains.
    """
    _move_events(cursor, project_id, merged, target.person_id)
    _move_sessions(cursor, project_id, merged.person_id, target.person_id)
    _mark_identified_days(cursor, project_id, merged, target)
    _move_cohorts(cursor, project_id, merged.person_id, target.person_id)
    _move_profile(cursor, project_id, merged.person_id, target.person_id)
    changes.append(cursor, project_id, merged.person_id, target.person_id)
    return target.person_id


def move_some(
    cursor: Cursor, project_id: int, merged: Profile, target: Profile, max_rows: int
) -> int:
    """Move at most ``max_rows`` events and sessions, as a step towards merging two persons.

    The caller has called ``changes.lock_exclusive``. Both persons remain, and stay consistent with
    their rows: ids and properties are moved by ``merge`` in the last step.

    Returns:
        The number of events that were moved, and of sessions once no event is left.
    """
    cursor.execute(
        "UPDATE persons SET first_seen_on = least(first_seen_on, %s), "
        "last_seen_on = greatest(last_seen_on, %s) WHERE project_id = %s AND person_id = %s",
        (merged.first_seen_on, merged.last_seen_on, project_id, target.person_id),
    )
    _move_sessions(cursor, project_id, merged.person_id, target.person_id, max_rows)
    moved = _move_some_events(cursor, project_id, merged, target, max_rows)
    # With fewer than that none is left: a person who goes on with the app ends the merge, too.
    if moved < max_rows:
        persons = merged.person_id, target.person_id
        moved += _move_shared_sessions(cursor, project_id, *persons, max_rows - moved)
    return moved


def _move_some_events(
    cursor: Cursor, project_id: int, merged: Profile, target: Profile, max_rows: int
) -> int:
    """Move at most ``max_rows`` events; return their number."""
    if merged.lifetime is None:
        return 0
    cursor.execute(
        "SELECT tableoid::regclass::text, array_agg(ctid::text) FROM ("
        "SELECT tableoid, ctid FROM events WHERE project_id = %s AND person_id = %s "
        "AND timestamp >= %s AND timestamp < %s LIMIT %s) AS chosen GROUP BY 1 ORDER BY 1",
        (project_id, merged.person_id, *merged.lifetime, max_rows),
    )
    quarters: set[tuple[int, datetime]] = set()
    moved = 0
    for partition, rows in cursor.fetchall():
        cursor.execute(
            f"WITH given AS (UPDATE {partition} SET person_id = %s "  # noqa: S608 (from regclass)
            "WHERE ctid = ANY (%s::tid[]) AND project_id = %s AND person_id = %s "
            "RETURNING timestamp) "
            "SELECT DISTINCT date_bin('15 minutes', timestamp, 'epoch') FROM given",
            (target.person_id, rows, project_id, merged.person_id),
        )
        quarters |= {(project_id, quarter) for (quarter,) in cursor}
        moved += len(rows)
    dirty_days.mark_dirty(cursor, quarters)
    return moved


def _move_shared_sessions(
    cursor: Cursor, project_id: int, merged: int, target: int, max_ids: int | None = None
) -> int:
    """Move sessions of at most so many ids that both persons have; return how many were moved.

    Their events have been moved.
    """
    moved, changed = named.move_shared(cursor, project_id, merged, target, max_ids)
    dirty_days.mark_dirty(cursor, changed)
    return moved


def is_larger(cursor: Cursor, project_id: int, plan: Plan, max_rows: int) -> bool:
    """Whether a merge changes more rows of events, ids or sessions of both than ``max_rows``."""
    persons = plan.merged.person_id, plan.target.person_id
    return (
        plan.rows > max_rows
        or named.count_shared(cursor, project_id, *persons, max_rows + 1) > max_rows
    )


def _size(cursor: Cursor, project_id: int, person: Profile, limit: int) -> int:
    """Count a person's events and ids, up to a limit."""
    cursor.execute(
        "SELECT count(*) FROM (SELECT 1 FROM person_distinct_ids "
        "WHERE project_id = %s AND person_id = %s LIMIT %s) AS ids",
        (project_id, person.person_id, limit),
    )
    (ids,) = cursor.fetchone() or (0,)
    if person.lifetime is None or ids >= limit:
        return int(ids)
    cursor.execute(
        "SELECT count(*) FROM (SELECT 1 FROM events WHERE project_id = %s AND person_id = %s "
        "AND timestamp >= %s AND timestamp < %s LIMIT %s) AS events",
        (project_id, person.person_id, *person.lifetime, limit - ids),
    )
    (events,) = cursor.fetchone() or (0,)
    return int(ids + events)


def _move_sessions(
    cursor: Cursor, project_id: int, merged: int, target: int, max_rows: int | None = None
) -> None:
    """Move sessions the client named; rejoin those by inactivity with the target's."""
    lock_projects(cursor, [project_id])
    inactive = session_store.pop_inactivity_sessions(cursor, project_id, merged, max_rows)
    if inactive:
        for session in inactive:
            session.person_id = target
        timeouts = by_inactivity.timeouts_us(cursor, [project_id])
        dirty_days.mark_dirty(cursor, by_inactivity.rejoin(cursor, inactive, timeouts))
    if max_rows is None:
        _move_shared_sessions(cursor, project_id, merged, target)
    named.move_named(cursor, project_id, merged, target, max_rows)


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
        ), joined AS (
            INSERT INTO cohort_members (project_id, cohort_id, person_id)
            SELECT %(project)s, cohort_id, %(target)s FROM left_behind
            ON CONFLICT DO NOTHING RETURNING cohort_id
        )
        UPDATE cohorts SET size = size - 1 WHERE project_id = %(project)s AND id IN (
            SELECT cohort_id FROM left_behind EXCEPT SELECT cohort_id FROM joined
        )
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
        "identified_at, converted_at, first_seen_on, last_seen_on, properties, property_writes, "
        "secret_properties, identified_by_public_key",
        (project_id, merged),
    )
    row = _MergedProfile(*(cursor.fetchone() or ()))
    cursor.execute(
        "UPDATE persons SET created_at = least(created_at, %s), "
        "identified_at = least(identified_at, %s), converted_at = least(converted_at, %s), "
        "first_seen_on = least(first_seen_on, %s), last_seen_on = greatest(last_seen_on, %s), "
        "identified_by_public_key = %s AND (identified_at IS NULL OR identified_by_public_key) "
        "WHERE project_id = %s AND person_id = %s",
        (
            *row[:5],
            row.identified_at is None or row.identified_by_public_key,
            project_id,
            target,
        ),
    )
    properties: Properties = from_columns(row.values or {}, row.writes or {}, row.secret or ())
    properties.is_later = False
    if properties.writes:
        store.change_persons(cursor, {(project_id, target): properties})
    if row.created_at and row.first_seen_on and row.last_seen_on:
        lifetime = Lifetime(row.first_seen_on, row.last_seen_on, row.created_at)
        replace_person(cursor, project_id, merged, target, lifetime)
