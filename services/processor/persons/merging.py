"""Making one person of two: everything that was one's is the other's, in one transaction."""

from __future__ import annotations

from psycopg2.extensions import cursor as Cursor

from services.processor.persons import changes, store
from services.processor.persons.properties import Properties, stored
from services.processor.persons.store import Profile
from services.processor.sealing import dirty_days
from services.processor.sealing.person_removal import rename_person
from services.processor.sessions import store as session_store

_MANY = 1_000


def merge(cursor: Cursor, project_id: int, person: Profile, previous: Profile) -> int:
    """Give the shorter history to the longer one's person; the caller has called ``changes.hold``.

    Counts by event and name stay as they are; sealed days that knew the person who goes are void.

    Returns:
        The number of the person who stays.
    """
    # Who signs up was met a moment ago under the new id: then no row has to be rewritten.
    lengths = [_length(cursor, project_id, one) for one in (person, previous)]
    gone, stays = (previous, person) if lengths[1] <= lengths[0] else (person, previous)
    _give_sessions(cursor, project_id, gone.person_id, stays.person_id)
    if min(lengths):
        _give_events(cursor, project_id, gone, stays.person_id)
    _void_unknown_days(cursor, project_id, gone, stays)
    _give_cohorts(cursor, project_id, gone.person_id, stays.person_id)
    _give_profile(cursor, project_id, gone.person_id, stays.person_id)
    changes.note(cursor, project_id, gone.person_id, stays.person_id)
    return stays.person_id


def _length(cursor: Cursor, project_id: int, person: Profile) -> int:
    """How many events a person has; many are as good as more."""
    if person.lifetime is None:
        return 0
    cursor.execute(
        "SELECT count(*) FROM (SELECT 1 FROM events WHERE project_id = %s AND person_id = %s "
        "AND timestamp >= %s AND timestamp < %s LIMIT %s) AS events",
        (project_id, person.person_id, *person.lifetime, _MANY),
    )
    (length,) = cursor.fetchone() or (0,)
    return int(length)


def _give_sessions(cursor: Cursor, project_id: int, gone: int, stays: int) -> None:
    """Those the client named change hands; those by inactivity may now join."""
    session_store.lock_projects(cursor, [project_id])
    inactive = session_store.take_persons_sessions(cursor, project_id, gone)
    if inactive:
        for session in inactive:
            session.person_id = stays
        timeouts = session_store.timeouts_us(cursor, [project_id])
        dirty_days.mark(cursor, session_store.rejoin(cursor, inactive, timeouts))
    cursor.execute(
        "UPDATE sessions SET person_id = %s WHERE project_id = %s AND person_id = %s",
        (stays, project_id, gone),
    )


def _give_events(cursor: Cursor, project_id: int, gone: Profile, stays: int) -> None:
    """Rewrite the rows, and void the seals of their days."""
    if gone.lifetime is None:
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
        (stays, project_id, gone.person_id, *gone.lifetime),
    )
    dirty_days.mark(cursor, {(project_id, quarter) for (quarter,) in cursor.fetchall()})


def _void_unknown_days(cursor: Cursor, project_id: int, gone: Profile, stays: Profile) -> None:
    """Sealed days count who was known by their end: who stays may now have been known earlier."""
    since = gone.identified_at
    if since is None or stays.lifetime is None:
        return
    until = min(stays.identified_at or stays.lifetime[1], stays.lifetime[1])
    if since < until:
        quarters = store.quarters(cursor, project_id, [(stays.person_id, since, until)])
        dirty_days.mark(cursor, {(project_id, quarter) for quarter in quarters})


def _give_cohorts(cursor: Cursor, project_id: int, gone: int, stays: int) -> None:
    cursor.execute(
        """
        WITH left_behind AS (
            DELETE FROM cohort_members WHERE project_id = %(project)s AND person_id = %(gone)s
            RETURNING cohort_id
        )
        INSERT INTO cohort_members (project_id, cohort_id, person_id)
        SELECT %(project)s, cohort_id, %(stays)s FROM left_behind ON CONFLICT DO NOTHING
        """,
        {"project": project_id, "gone": gone, "stays": stays},
    )


def _give_profile(cursor: Cursor, project_id: int, gone: int, stays: int) -> None:
    """Ids, properties, what is known of when, and bits in days whose rows are gone."""
    cursor.execute(
        "UPDATE person_distinct_ids SET person_id = %s WHERE project_id = %s AND person_id = %s",
        (stays, project_id, gone),
    )
    cursor.execute(
        "DELETE FROM persons WHERE project_id = %s AND person_id = %s RETURNING created_at, "
        "identified_at, converted_at, first_seen_on, last_seen_on, properties, property_writes",
        (project_id, gone),
    )
    created_at, identified_at, converted_at, first, last, values, writes = cursor.fetchone() or (
        *(None, None, None, None, None),
        *({}, {}),
    )
    cursor.execute(
        "UPDATE persons SET created_at = least(created_at, %s), "
        "identified_at = least(identified_at, %s), converted_at = least(converted_at, %s), "
        "first_seen_on = least(first_seen_on, %s), last_seen_on = greatest(last_seen_on, %s) "
        "WHERE project_id = %s AND person_id = %s",
        (created_at, identified_at, converted_at, first, last, project_id, stays),
    )
    taken: Properties = stored(values, writes)
    if taken.writes:
        store.change_persons(cursor, {(project_id, stays): taken})
    if created_at is not None:
        rename_person(cursor, project_id, gone, stays, created_at)
