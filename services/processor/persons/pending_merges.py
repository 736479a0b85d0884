"""Note merges of persons that are too large for a batch, and carry them out in steps.

Until such a merge is done, both persons have their own ids, and new events of each id are stored
for its own person. Events that have been moved already belong to the person who remains.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.jobs.attempts import Work, attempt
from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.persons import changes, merging, store
from services.processor.persons.store import Profile
from shared.runtime.advisory_locks import AdvisoryLock

_ROWS_PER_STEP = 5_000
_LOCK_TIMEOUT = "2s"
_MAX_PAUSE_SECONDS = 1.0
_IS_NOTED = "project_id = %s AND distinct_id = %s AND previous_id = %s AND left_person_id = %s"


class NotedMerge(NamedTuple):
    """A pending merge, by an id of each person."""

    distinct_id: str
    previous_id: str
    left_person_id: int = 0
    """A person whose last id left after the merge had begun; 0: none. It merges with the person of
    ``distinct_id``, which is ``previous_id`` too."""


def add(
    cursor: Cursor,
    project_id: int,
    distinct_id: str,
    previous_id: str,
    identified_at: datetime | None = None,
) -> None:
    """Note that the persons of two ids are to be merged. They need not be noted twice.

    Args:
        cursor: of a transaction.
        project_id: the project of both.
        distinct_id: an id of the one person.
        previous_id: an id of the other.
        identified_at: when the call identified the other person, who was not identified before.
    """
    cursor.execute(
        "INSERT INTO pending_merges "
        "(project_id, distinct_id, previous_id, requested_at, identified_at) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (project_id, distinct_id, previous_id, datetime.now(timezone.utc), identified_at),
    )


def add_begun(cursor: Cursor, project_id: int, noted: NotedMerge) -> None:
    """Note a merge that has begun, under ids that differ from those it began with."""
    cursor.execute(
        "INSERT INTO pending_merges "
        "(project_id, distinct_id, previous_id, left_person_id, requested_at, begun_at) "
        "VALUES (%s, %s, %s, %s, now(), now()) "
        "ON CONFLICT (project_id, distinct_id, previous_id, left_person_id) "
        "DO UPDATE SET begun_at = excluded.begun_at",
        (project_id, *noted),
    )


def list_persons(cursor: Cursor, project_id: int) -> list[tuple[Profile | None, Profile | None]]:
    """List the persons of all pending merges of a project; None: deleted."""
    cursor.execute(
        "SELECT distinct_id, previous_id, left_person_id FROM pending_merges WHERE project_id = %s",
        (project_id,),
    )
    return _persons_of(cursor, project_id, [NotedMerge(*row) for row in cursor.fetchall()])


def _persons_of(
    cursor: Cursor, project_id: int, merges: Sequence[NotedMerge]
) -> list[tuple[Profile | None, Profile | None]]:
    ids = sorted({(project_id, one) for merge in merges for one in merge[:2]})
    by_id = store.profiles(cursor, ids)
    numbers = sorted({merge.left_person_id for merge in merges if merge.left_person_id})
    by_number = store.profiles_by_number(cursor, project_id, numbers) if numbers else {}
    return [
        (
            by_id.get((project_id, merge.distinct_id)),
            by_number.get(merge.left_person_id)
            if merge.left_person_id
            else by_id.get((project_id, merge.previous_id)),
        )
        for merge in merges
    ]


def finish(
    connection: Connection,
    *,
    seconds: float,
    project_id: int | None = None,
    progress: Progress = no_progress,
    after_step: Callable[[int], object] = lambda _project_id: None,
) -> dict[int, int]:
    """Carry out pending merges, a step of each project in turn. Commits every step.

    After each step it pauses for as long as the step took, so that the processors get their turn.

    Args:
        connection: of a job.
        seconds: when to stop; what is left is for the next call.
        project_id: only this one; None: all.
        progress: called after every step.
        after_step: called with the project's id after a step's commit.

    Returns:
        Merges done, by project id.
    """
    done: dict[int, int] = {}
    failed: set[int] = set()
    directions: merging.Directions = {}
    begun = datetime.now(timezone.utc)
    _correct_times(connection, begun)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (waiting := _waiting(connection, project_id, begun)):
        steps = 0
        for one in waiting:
            started = time.monotonic()
            finished = None
            with (
                try_lock(connection, AdvisoryLock.MERGES, one) as held,
                attempt(connection, one, Work.MERGE, forgets=one not in failed) as tried,
            ):
                if held:
                    # After a failure one by one, until the merge that fails has been found.
                    most = 1 if one in failed else None
                    finished = _take_step(connection, one, most, directions=directions)
            if tried.failed:
                failed.add(one)
                _postpone_first(connection, one)
            if finished is not None:
                steps += 1
                after_step(one)
                done[one] = done.get(one, 0) + finished
            progress(sum(done.values()), sum(done.values()) + len(waiting), f"project {one}")
            time.sleep(min(time.monotonic() - started, _MAX_PAUSE_SECONDS))
        if not steps:
            time.sleep(0.1)  # another process carries out the merges
    return done


def finish_for(connection: Connection, project_id: int, distinct_id: str, seconds: float) -> bool:
    """Carry out the pending merges of one person. Commits every step.

    Returns:
        Whether all of them are done; False: the time is up.
    """
    deadline = time.monotonic() + seconds
    directions: merging.Directions = {}
    while is_pending(connection, project_id, distinct_id):
        if time.monotonic() > deadline:
            return False
        started = time.monotonic()
        with try_lock(connection, AdvisoryLock.MERGES, project_id) as held:
            if held:
                _take_step(connection, project_id, None, distinct_id, directions)
        time.sleep(max(0.1, min(time.monotonic() - started, _MAX_PAUSE_SECONDS)))
    return True


def is_pending(connection: Connection, project_id: int, distinct_id: str) -> bool:
    """Return whether a merge of the person who has this id is pending. Commits."""
    with connection.cursor() as cursor:
        found = concerns(cursor, project_id, distinct_id)
    connection.commit()
    return found


def concerns(cursor: Cursor, project_id: int, distinct_id: str) -> bool:
    """Return whether a merge of the person who has this id is pending."""
    return _next(cursor, project_id, distinct_id) is not None


def _next(cursor: Cursor, project_id: int, distinct_id: str | None = None) -> NotedMerge | None:
    """Return the oldest pending merge of a project, or any of one person."""
    if distinct_id is None:
        cursor.execute(
            "SELECT distinct_id, previous_id, left_person_id FROM pending_merges "
            "WHERE project_id = %s "
            "ORDER BY requested_at, distinct_id, previous_id, left_person_id LIMIT 1",
            (project_id,),
        )
    else:
        cursor.execute(
            """
            WITH ids AS (
                SELECT o.distinct_id FROM person_distinct_ids d
                JOIN person_distinct_ids o USING (project_id, person_id)
                WHERE d.project_id = %(project)s AND d.distinct_id = %(id)s
            )
            (SELECT m.distinct_id, m.previous_id, m.left_person_id
                FROM ids JOIN pending_merges m
                ON m.project_id = %(project)s AND m.distinct_id = ids.distinct_id LIMIT 1)
            UNION ALL
            (SELECT m.distinct_id, m.previous_id, m.left_person_id
                FROM ids JOIN pending_merges m
                ON m.project_id = %(project)s AND m.previous_id = ids.distinct_id LIMIT 1)
            LIMIT 1
            """,
            {"project": project_id, "id": distinct_id},
        )
    found = cursor.fetchone()
    return None if found is None else NotedMerge(*found)


def _waiting(connection: Connection, project_id: int | None, before: datetime) -> list[int]:
    """List projects with merges requested before a time, the one waiting longest first. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE hops (project_id) AS (
                (SELECT min(project_id) FROM pending_merges)
                UNION ALL
                SELECT (SELECT min(m.project_id) FROM pending_merges m
                        WHERE m.project_id > hops.project_id)
                FROM hops WHERE hops.project_id IS NOT NULL
            )
            SELECT hops.project_id FROM hops CROSS JOIN LATERAL (
                SELECT requested_at FROM pending_merges m WHERE m.project_id = hops.project_id
                ORDER BY requested_at LIMIT 1
            ) oldest
            WHERE oldest.requested_at < %(before)s
                AND (%(project)s::int IS NULL OR hops.project_id = %(project)s)
            ORDER BY oldest.requested_at
            """,
            {"project": project_id, "before": before},
        )
        found = [one for (one,) in cursor.fetchall()]
    connection.commit()
    return found


def _correct_times(connection: Connection, now: datetime) -> None:
    """Date back what was noted by a clock that was ahead, or it would wait for that time. Commits.

    What another process works on is left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pending_merges SET requested_at = %(before)s WHERE ctid = ANY (ARRAY("
            "SELECT ctid FROM pending_merges WHERE requested_at > %(now)s FOR UPDATE SKIP LOCKED))",
            {"now": now, "before": now - timedelta(microseconds=1)},
        )
    connection.commit()


def _postpone_first(connection: Connection, project_id: int) -> None:
    """Put the oldest merge behind the others until the next run, since one failed. Commits."""
    with connection.cursor() as cursor:
        noted = _next(cursor, project_id)
        if noted is not None:
            cursor.execute(
                f"UPDATE pending_merges SET requested_at = %s WHERE {_IS_NOTED}",  # noqa: S608 (constant text)
                (datetime.now(timezone.utc), project_id, *noted),
            )
    connection.commit()


def _take_step(
    connection: Connection,
    project_id: int,
    most: int | None = None,
    distinct_id: str | None = None,
    directions: merging.Directions | None = None,
) -> int | None:
    """Take one step; return the merges that it finished, None if others hold the persons.

    Args:
        connection: commits.
        project_id: the project.
        most: how many merges at most; None: what its rows allow.
        distinct_id: only merges of this person; None: the oldest first.
        directions: of the steps before.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,))
            changes.lock_exclusive(cursor, project_id)
            finished = _step(cursor, project_id, most, distinct_id, directions)
        connection.commit()
    except psycopg2.errors.LockNotAvailable:
        connection.rollback()
        return None
    return finished


def _step(
    cursor: Cursor,
    project_id: int,
    most: int | None = None,
    distinct_id: str | None = None,
    directions: merging.Directions | None = None,
) -> int:
    """Finish small merges up to the rows of a step, or move as many rows of a large one."""
    directions = {} if directions is None else directions
    finished, rows_left = 0, _ROWS_PER_STEP
    while rows_left > 0 and (most is None or finished < most):
        noted = _next(cursor, project_id, distinct_id)
        if noted is None:
            break
        [(person, previous)] = _persons_of(cursor, project_id, [noted])
        if person is not None and previous is not None and person.person_id != previous.person_id:
            plan = merging.plan_step(cursor, project_id, (person, previous), rows_left, directions)
            # When only ids are left, they change their person together.
            if merging.is_larger(cursor, project_id, plan, rows_left) and (
                finished or _move_some(cursor, project_id, noted, plan, rows_left)
            ):
                break
            merging.merge(cursor, project_id, plan.merged, plan.target)
            rows_left -= plan.rows
        rows_left -= merging.ROWS_PER_MERGE
        cursor.execute(f"DELETE FROM pending_merges WHERE {_IS_NOTED}", (project_id, *noted))  # noqa: S608 (constant text)
        finished += 1
    _forget_groups(cursor, project_id)
    return finished


def _move_some(
    cursor: Cursor, project_id: int, noted: NotedMerge, plan: merging.Plan, max_rows: int
) -> int:
    """Move some rows, and note that the merge has begun."""
    cursor.execute(
        f"UPDATE pending_merges SET begun_at = now() WHERE {_IS_NOTED} AND begun_at IS NULL",  # noqa: S608 (constant text)
        (project_id, *noted),
    )
    return merging.move_some(cursor, project_id, plan.merged, plan.target, max_rows)


def _forget_groups(cursor: Cursor, project_id: int) -> None:
    """Delete the groups of a project in which no merge is pending: they are single persons."""
    if _next(cursor, project_id) is None:
        cursor.execute("DELETE FROM pending_persons WHERE project_id = %s", (project_id,))
