"""Note merges of persons that are too large for a batch, and carry them out in steps.

Until such a merge is done, both persons have their own ids, and new events of each id are stored
for its own person. Events that have been moved already belong to the person who remains.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime, timezone

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.jobs.locks import try_lock
from services.processor.jobs.progress import Progress, no_progress
from services.processor.persons import changes, merging, store
from services.processor.persons.store import PersonNumber, Profile
from shared.runtime.advisory_locks import AdvisoryLock

_ROWS_PER_STEP = 5_000
_LOCK_TIMEOUT = "2s"
_MAX_PAUSE_SECONDS = 1.0


class Pending:
    """Know which persons will be one person when all pending merges are done."""

    def __init__(self) -> None:
        self._parents: dict[PersonNumber, PersonNumber] = {}
        self._known: set[PersonNumber] = set()  # of whole groups: their roots

    def are_one(self, project_id: int, person: Profile, other: Profile) -> bool:
        """Tell whether two persons are, or will be, one person."""
        return person.person_id == other.person_id or (
            self._root((project_id, person.person_id)) == self._root((project_id, other.person_id))
        )

    def is_known(self, project_id: int, person: Profile) -> bool:
        """Tell whether the person, or one who will be the same person, has been identified."""
        return person.identified_at is not None or (
            self._root((project_id, person.person_id)) in self._known
        )

    def join(self, project_id: int, person: Profile, other: Profile) -> None:
        """Note that two persons will be one."""
        known = self.is_known(project_id, person) or self.is_known(project_id, other)
        root = self._root((project_id, person.person_id))
        self._parents[self._root((project_id, other.person_id))] = root
        if known:
            self._known.add(root)

    def identify(self, project_id: int, person: Profile) -> None:
        """Note that a person is identified now."""
        self._known.add(self._root((project_id, person.person_id)))

    def _root(self, person: PersonNumber) -> PersonNumber:
        while (parent := self._parents.get(person, person)) != person:
            person = parent
        return person


def add(cursor: Cursor, project_id: int, distinct_id: str, previous_id: str) -> None:
    """Note that the persons of two ids are to be merged. They need not be noted twice."""
    cursor.execute(
        "INSERT INTO pending_merges (project_id, distinct_id, previous_id, requested_at) "
        "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (project_id, distinct_id, previous_id, datetime.now(timezone.utc)),
    )


def read(cursor: Cursor, project_ids: Collection[int]) -> Pending:
    """Return what is pending in projects."""
    pending = Pending()
    cursor.execute(
        "SELECT project_id, distinct_id, previous_id FROM pending_merges "
        "WHERE project_id = ANY (%s)",
        (sorted(project_ids),),
    )
    pairs = cursor.fetchall()
    if pairs:
        keys = {(project, one) for project, *ids in pairs for one in ids}
        profiles = store.profiles(cursor, sorted(keys))
        for project_id, *ids in pairs:
            person, other = (profiles.get((project_id, one)) for one in ids)
            if person is not None and other is not None:
                pending.join(project_id, person, other)
    return pending


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
        progress: is told of every step.
        after_step: called with the project's id after a step's commit.

    Returns:
        Merges done, by project id.
    """
    done: dict[int, int] = {}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (waiting := _waiting(connection, project_id)):
        steps = 0
        for one in sorted(waiting):
            started = time.monotonic()
            with try_lock(connection, AdvisoryLock.MERGES, one) as held:
                finished = _take_step(connection, one) if held else None
            if finished is not None:
                steps += 1
                after_step(one)
                done[one] = done.get(one, 0) + finished
            progress(
                sum(done.values()), sum(done.values()) + sum(waiting.values()), f"project {one}"
            )
            time.sleep(min(time.monotonic() - started, _MAX_PAUSE_SECONDS))
        if not steps:
            time.sleep(0.1)  # somebody else is at work
    return done


def finish_for(connection: Connection, project_id: int, distinct_id: str) -> None:
    """Carry out the pending merges of one person, however long that takes. Commits."""
    while is_pending(connection, project_id, distinct_id):
        finish(connection, seconds=1, project_id=project_id)


def is_pending(connection: Connection, project_id: int, distinct_id: str) -> bool:
    """Tell whether a merge of the person who has this id is pending. Commits."""
    with connection.cursor() as cursor:
        found = concerns(cursor, project_id, distinct_id)
    connection.commit()
    return found


def concerns(cursor: Cursor, project_id: int, distinct_id: str) -> bool:
    """Tell whether a merge of the person who has this id is pending."""
    cursor.execute(
        """
        SELECT 1 FROM person_distinct_ids d
        JOIN person_distinct_ids o USING (project_id, person_id)
        JOIN pending_merges m ON m.project_id = o.project_id
            AND o.distinct_id IN (m.distinct_id, m.previous_id)
        WHERE d.project_id = %s AND d.distinct_id = %s LIMIT 1
        """,
        (project_id, distinct_id),
    )
    return cursor.fetchone() is not None


def _waiting(connection: Connection, project_id: int | None) -> dict[int, int]:
    """Count pending merges by project. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, count(*) FROM pending_merges "
            "WHERE %(project)s::int IS NULL OR project_id = %(project)s GROUP BY 1",
            {"project": project_id},
        )
        found = dict(cursor.fetchall())
    connection.commit()
    return found


def _take_step(connection: Connection, project_id: int) -> int | None:
    """Take one step; return the merges that it finished, None if others hold the persons."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,))
            changes.lock_exclusive(cursor, project_id)
            finished = _step(cursor, project_id)
        connection.commit()
    except psycopg2.errors.LockNotAvailable:
        connection.rollback()
        return None
    return finished


def _step(cursor: Cursor, project_id: int) -> int:
    """Finish small merges up to the rows of a step, or move as many rows of a large one."""
    finished, rows_left = 0, _ROWS_PER_STEP
    while rows_left > 0:
        cursor.execute(
            "SELECT distinct_id, previous_id FROM pending_merges WHERE project_id = %s "
            "ORDER BY requested_at, distinct_id, previous_id LIMIT 1",
            (project_id,),
        )
        ids = cursor.fetchone()
        if ids is None:
            break
        profiles = store.profiles(cursor, [(project_id, one) for one in ids])
        person, previous = (profiles.get((project_id, one)) for one in ids)
        if person is not None and previous is not None and person.person_id != previous.person_id:
            plan = merging.plan(cursor, project_id, person, previous)
            # When only ids are left, they change their person together.
            if plan.rows > rows_left and (
                finished
                or merging.move_some(cursor, project_id, plan.merged, plan.target, rows_left)
            ):
                break
            merging.merge(cursor, project_id, plan.merged, plan.target)
            rows_left -= plan.rows
        rows_left -= merging.ROWS_PER_MERGE
        cursor.execute(
            "DELETE FROM pending_merges "
            "WHERE project_id = %s AND distinct_id = %s AND previous_id = %s",
            (project_id, *ids),
        )
        finished += 1
    return finished
