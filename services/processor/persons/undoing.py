"""Undo a merge: move the ids that joined a person, and their events, to a new person.

First the ids and their person's properties are moved, in one transaction; then events and sessions
in bounded steps, also those stored meanwhile. Counts stay as they are, and sealed days become
dirty. Days whose raw events have expired keep the merged person. The ids cannot be joined by a
public key again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timezone
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from services.processor.persons import changes, merge_log, pending_merges, store
from services.processor.persons.merge_log import LoggedMerge
from services.processor.persons.properties import Properties, from_columns, to_columns
from services.processor.sealing import dirty_days
from services.processor.sessions import splitting
from shared.errors import Conflict, NotFound, Unavailable

_ROWS_PER_STEP = 5_000
_MAX_PAUSE_SECONDS = 1.0
_MERGE_SECONDS = 120


class UndoneMerge(NamedTuple):
    """What became of a merge that was undone."""

    person_id: int
    """Whom the ids belong to now."""
    distinct_ids: list[str]
    events: int
    """Events moved by this call."""


def undo(
    connection: Connection,
    project_id: int,
    merge_id: int,
    after_step: Callable[[], object] = lambda: None,
) -> UndoneMerge:
    """Undo a merge. Commits every step; goes on where an interrupted call has ended.

    Args:
        connection: of a job or command.
        project_id: the project of the merge.
        merge_id: its id in the log.
        after_step: called after each commit, to make cached answers stale.

    Raises:
        NotFound: the log has no such merge.
        Conflict: it is undone already, or its ids have left the person.
    """
    merge = _begin(connection, project_id, merge_id)
    assert merge.split_person_id is not None
    after_step()
    moved = 0
    while True:
        started = time.monotonic()
        with connection.cursor() as cursor:
            changes.lock_exclusive(cursor, project_id)
            ids = _ids_of(cursor, project_id, merge)
            rows = _move_some(cursor, project_id, merge, ids)
            if not rows:
                cursor.execute(
                    "UPDATE person_merges SET undone_at = now() WHERE project_id = %s AND id = %s",
                    (project_id, merge_id),
                )
        connection.commit()
        after_step()
        if not rows:
            return UndoneMerge(merge.split_person_id, ids, moved)
        moved += rows
        time.sleep(min(time.monotonic() - started, _MAX_PAUSE_SECONDS))


def _begin(connection: Connection, project_id: int, merge_id: int) -> LoggedMerge:
    """Move the ids to a new person, unless an interrupted call has done so. Commits."""
    while True:
        with connection.cursor() as cursor:
            changes.lock_exclusive(cursor, project_id)
            merge = merge_log.read(cursor, project_id, merge_id)
            if merge is None:
                connection.rollback()
                raise NotFound(
                    f"Project {project_id} has no merge {merge_id}. List the merges of a person."
                )
            if merge.split_person_id is not None and not merge.is_undone:
                connection.rollback()
                return merge
            if not pending_merges.concerns(cursor, project_id, merge.remaining_id):
                number = _split(cursor, project_id, merge)
                break
        connection.rollback()
        if not pending_merges.finish_for(
            connection, project_id, merge.remaining_id, _MERGE_SECONDS
        ):
            raise Unavailable(
                "The history of the person is still being merged. Undo the merge in a few minutes."
            )
    if number is None:
        connection.rollback()
        raise Conflict(
            "The merge is undone already, or its ids have left the person since. List the merges "
            "of the person again."
        )
    connection.commit()
    return merge._replace(split_person_id=number)


def _split(cursor: Cursor, project_id: int, merge: LoggedMerge) -> int | None:
    """Move the ids and the profile; return the new person's number, None: nothing to undo."""
    source = _person_of(cursor, project_id, merge.remaining_id)
    if merge.is_undone or source is None:
        return None
    cursor.execute(
        "SELECT distinct_id FROM person_distinct_ids "
        "WHERE project_id = %s AND person_id = %s AND distinct_id = ANY (%s)",
        (project_id, source, merge.joined_ids),
    )
    ids = [one for (one,) in cursor]
    if not ids:
        return None
    [number] = store.reserve_person_numbers(cursor, project_id, 1)
    joined = merge.joined_profile or {}
    _restore_profile(cursor, project_id, source, number, joined)
    _restore_remaining(cursor, project_id, source, joined, merge.remaining_profile or {})
    _restore_cohorts(cursor, project_id, source, number, merge)
    cursor.execute(
        "UPDATE person_distinct_ids SET person_id = %s, by_secret_key = true, "
        "joined_by_public_key = false WHERE project_id = %s AND distinct_id = ANY (%s)",
        (number, project_id, ids),
    )
    cursor.execute(
        "UPDATE person_merges SET split_person_id = %s WHERE project_id = %s AND id = %s",
        (number, project_id, merge.id),
    )
    changes.append_moved_ids(cursor, project_id)
    return number


def _move_some(cursor: Cursor, project_id: int, merge: LoggedMerge, ids: list[str]) -> int:
    """Move events of the ids in one step; return how many."""
    source = _person_of(cursor, project_id, merge.remaining_id)
    if source is None or merge.split_person_id in (None, source) or not ids:
        return 0
    move = splitting.Move(project_id, source, merge.split_person_id, ids)
    rows, buckets = splitting.move_some(cursor, move, _ROWS_PER_STEP)
    dirty_days.mark_dirty(cursor, buckets)
    return rows


def _restore_profile(
    cursor: Cursor, project_id: int, source: int, number: int, before: dict[str, Any]
) -> None:
    """Create the person as it was before the merge."""
    cursor.execute(
        """
        INSERT INTO persons (project_id, person_id, created_at, identified_at, converted_at,
            identified_by_public_key, first_seen_on, last_seen_on, properties, property_writes,
            secret_properties)
        SELECT project_id, %s, %s, %s, %s, %s, first_seen_on, last_seen_on, %s, %s, %s
        FROM persons WHERE project_id = %s AND person_id = %s
        """,
        (
            number,
            before.get("created_at") or datetime.now(timezone.utc),
            before.get("identified_at"),
            before.get("converted_at"),
            before.get("identified_by_public_key", False),
            Json(before.get("properties") or {}),
            Json(before.get("property_writes") or {}),
            Json(before.get("secret_properties") or []),
            project_id,
            source,
        ),
    )


def _restore_remaining(
    cursor: Cursor,
    project_id: int,
    source: int,
    joined: dict[str, Any],
    remaining: dict[str, Any],
) -> None:
    """Give the person who remains back what the merge has changed, unless it was changed since."""
    cursor.execute(
        "SELECT properties, property_writes, secret_properties, created_at, identified_at, "
        "converted_at, identified_by_public_key FROM persons "
        "WHERE project_id = %s AND person_id = %s FOR NO KEY UPDATE",
        (project_id, source),
    )
    *columns, created_at, identified_at, converted_at, by_public_key = cursor.fetchone() or ()
    properties = from_columns(*columns)
    _restore_properties(properties, _properties_of(joined), _properties_of(remaining))
    restored = {
        name: _earlier_value(now, joined.get(name), remaining.get(name)) if remaining else now
        for name, now in (
            ("created_at", created_at),
            ("identified_at", identified_at),
            ("converted_at", converted_at),
        )
    }
    if restored["identified_at"] != identified_at:
        by_public_key = remaining.get("identified_by_public_key", False)
    cursor.execute(
        "UPDATE persons SET properties = %s, property_writes = %s, secret_properties = %s, "
        "created_at = %s, identified_at = %s, converted_at = %s, identified_by_public_key = %s "
        "WHERE project_id = %s AND person_id = %s",
        (*to_columns(properties), *restored.values(), by_public_key, project_id, source),
    )
    if restored["identified_at"] != identified_at:
        _mark_anonymous_days(cursor, project_id, source, identified_at, restored["identified_at"])


def _restore_cohorts(
    cursor: Cursor, project_id: int, source: int, number: int, merge: LoggedMerge
) -> None:
    """Give both persons the cohorts of before the merge, of those not counted again since."""
    joined = (merge.joined_profile or {}).get("cohorts")
    remaining = (merge.remaining_profile or {}).get("cohorts")
    if joined is None or remaining is None:  # logged before cohorts were
        return
    cursor.execute(
        """
        WITH unchanged AS (
            SELECT id FROM cohorts WHERE project_id = %(project)s AND id = ANY (%(joined)s)
                AND (counted_at IS NULL OR counted_at <= %(merged_at)s)
        ), left_behind AS (
            DELETE FROM cohort_members WHERE project_id = %(project)s AND person_id = %(source)s
                AND cohort_id IN (SELECT id FROM unchanged) AND cohort_id <> ALL (%(remaining)s)
            RETURNING cohort_id
        ), restored AS (
            INSERT INTO cohort_members (project_id, cohort_id, person_id)
            SELECT %(project)s, id, %(number)s FROM unchanged RETURNING cohort_id
        )
        UPDATE cohorts SET size = size + 1 WHERE project_id = %(project)s AND id IN (
            SELECT cohort_id FROM restored EXCEPT SELECT cohort_id FROM left_behind
        )
        """,
        {
            "project": project_id,
            "source": source,
            "number": number,
            "joined": joined,
            "remaining": remaining,
            "merged_at": merge.merged_at,
        },
    )


def _properties_of(profile: dict[str, Any]) -> Properties:
    return from_columns(
        profile.get("properties") or {},
        profile.get("property_writes") or {},
        profile.get("secret_properties") or (),
    )


def _restore_properties(now: Properties, joined: Properties, remaining: Properties) -> None:
    before = deepcopy(remaining)
    joined.is_later = False
    remaining.merge(joined)  # what the merge has made of both
    for name, merged in remaining.writes.items():
        if now.writes.get(name) != merged:
            continue
        now.remove(name)
        if name in before.writes:
            now.writes[name] = before.writes[name]
        if name in before.values:
            now.values[name] = before.values[name]


def _earlier_value(
    now: datetime | None, joined: str | None, remaining: str | None
) -> datetime | None:
    """Return a time as it was before the merge, if it still is the one that the joined person had.

    The merge has chosen the earlier of two.
    """
    before = datetime.fromisoformat(remaining) if remaining else None
    if joined is None or now != datetime.fromisoformat(joined):
        return now
    return now if before is not None and before < now else before


def _mark_anonymous_days(
    cursor: Cursor, project_id: int, source: int, since: datetime, until: datetime | None
) -> None:
    """Mark days dirty that counted the person as identified."""
    profile = store.profiles_by_number(cursor, project_id, [source])[source]
    if profile.lifetime is None:
        return
    end = min(until or profile.lifetime[1], profile.lifetime[1])
    if since < end:
        quarters = store.quarters(cursor, project_id, [(source, since, end)])
        dirty_days.mark_dirty(cursor, {(project_id, quarter) for quarter in quarters})


def _person_of(cursor: Cursor, project_id: int, distinct_id: str) -> int | None:
    cursor.execute(
        "SELECT person_id FROM person_distinct_ids WHERE project_id = %s AND distinct_id = %s",
        (project_id, distinct_id),
    )
    found = cursor.fetchone()
    return None if found is None else int(found[0])


def _ids_of(cursor: Cursor, project_id: int, merge: LoggedMerge) -> list[str]:
    """Return the ids that the merge brought and that the new person has."""
    cursor.execute(
        "SELECT distinct_id FROM person_distinct_ids WHERE project_id = %s AND person_id = %s "
        "AND distinct_id = ANY (%s) ORDER BY 1",
        (project_id, merge.split_person_id, merge.joined_ids),
    )
    return [one for (one,) in cursor]
