"""Making one person of two: everything that was one's is the other's, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from psycopg2.extensions import cursor as Cursor

from services.processor import dirty_days, session_store
from services.processor.people import changes, store
from services.processor.people.properties import Properties, stored
from services.processor.sealing.forget import rename_person

_BUCKET = timedelta(minutes=15)


def merge(cursor: Cursor, project_id: int, gone: int, stays: int) -> None:
    """Give one person's history to another; the caller has called ``changes.hold``.

    Counts by event and name stay as they are; sealed days that knew the person are void.
    """
    _give_sessions(cursor, project_id, gone, stays)
    buckets = _give_events(cursor, project_id, gone, stays)
    cursor.execute(
        "UPDATE person_distinct_ids SET person_id = %s WHERE project_id = %s AND person_id = %s",
        (stays, project_id, gone),
    )
    _give_cohorts(cursor, project_id, gone, stays)
    _give_profile(cursor, project_id, gone, stays)
    rename_person(cursor, project_id, gone, stays)
    changes.note(cursor, project_id, gone, stays)
    dirty_days.mark(cursor, {(project_id, bucket) for bucket in buckets})


def _give_sessions(cursor: Cursor, project_id: int, gone: int, stays: int) -> None:
    """Those the client named change hands; those by inactivity may now join."""
    session_store.lock_projects(cursor, [project_id])
    inactive = session_store.take_persons_sessions(cursor, project_id, gone)
    if inactive:
        for session in inactive:
            session.person_id = stays
        session_store.rejoin(cursor, inactive, session_store.timeouts_us(cursor, [project_id]))
    cursor.execute(
        "UPDATE sessions SET person_id = %s WHERE project_id = %s AND person_id = %s",
        (stays, project_id, gone),
    )


def _give_events(cursor: Cursor, project_id: int, gone: int, stays: int) -> set[datetime]:
    """Rewrite the rows; answers the quarters of an hour they fall into."""
    cursor.execute(
        """
        WITH given AS (
            UPDATE events SET person_id = %(stays)s
            WHERE project_id = %(project)s AND person_id = %(gone)s
            RETURNING timestamp
        )
        SELECT DISTINCT date_bin(%(bucket)s, timestamp, 'epoch') FROM given
        """,
        {"stays": stays, "project": project_id, "gone": gone, "bucket": _BUCKET},
    )
    return {bucket for (bucket,) in cursor}


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
    cursor.execute(
        "DELETE FROM persons WHERE project_id = %s AND person_id = %s "
        "RETURNING created_at, identified_at, converted_at, properties, property_writes",
        (project_id, gone),
    )
    created_at, identified_at, converted_at, values, writes = cursor.fetchone() or (
        *(None, None, None),
        *({}, {}),
    )
    cursor.execute(
        "UPDATE persons SET created_at = least(created_at, %s), "
        "identified_at = least(identified_at, %s), converted_at = least(converted_at, %s) "
        "WHERE project_id = %s AND person_id = %s",
        (created_at, identified_at, converted_at, project_id, stays),
    )
    taken: Properties = stored(values, writes)
    if taken.writes:
        store.change_persons(cursor, {(project_id, stays): taken})
