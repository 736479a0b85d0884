"""Lock sessions in one order, so that transactions that write them cannot deadlock.

The project's lock comes before all rows of sessions. Whoever only appends shares it, and locks rows
in one statement, sorted by key. Whoever locks rows in another order holds it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.sessions.joining import Session, SessionKey
from services.processor.sessions.store import Buckets, append
from shared.runtime.advisory_locks import AdvisoryLock, stripes
from shared.runtime.database import delete_in_batches


def lock_projects(cursor: Cursor, project_ids: Iterable[int], shared: Iterable[int] = ()) -> None:
    """Prevent other transactions from changing sessions of these projects until COMMIT.

    Every transaction that changes sessions calls this before it locks a row of them, so that
    nobody waits for the projects' lock with rows that its holder needs.

    Args:
        cursor: of the transaction.
        project_ids: the projects whose sessions are read and changed in any order.
        shared: projects for which ``append`` alone is called. Other transactions may append at the
            same time: rows that one statement locks by key cannot deadlock.
    """
    exclusive = stripes(project_ids)
    # One statement, ascending: two would lock in an order that another transaction waits against.
    cursor.execute(
        "SELECT count(CASE WHEN stripe = ANY (%(exclusive)s::int[]) "
        "THEN pg_advisory_xact_lock(%(lock)s, stripe) "
        "ELSE pg_advisory_xact_lock_shared(%(lock)s, stripe) END) "
        "FROM unnest(%(stripes)s::int[]) AS stripe",
        {
            "lock": int(AdvisoryLock.SESSIONS),
            "exclusive": exclusive,
            "stripes": sorted({*exclusive, *stripes(shared)}),
        },
    )


def delete_sessions(
    connection: Connection, condition: sql.Composable, parameters: Sequence[object], project_id: int
) -> int:
    """Delete sessions of a project in small transactions, each under its lock; return how many.

    Args:
        connection: the caller's own; every batch is committed.
        condition: SQL with one placeholder for each parameter; it names the project.
        parameters: the values of the placeholders.
        project_id: the project to lock.
    """
    return delete_in_batches(
        connection,
        "sessions",
        condition,
        parameters,
        lock=lambda cursor: lock_projects(cursor, [project_id]),
    )


def append_under_lock(
    cursor: Cursor, sessions: Sequence[Session], exclusive: Collection[int]
) -> tuple[Buckets, set[SessionKey]]:
    """Call ``append``; lock the projects of what it refuses, to store it beside.

    A transaction that has rows must not wait for the exclusive lock: its holder may need them. So
    the rows are given back, and what they were is done again under that lock.
    """
    project_ids = {session.project_id for session in sessions}
    locked = set(exclusive)
    while True:
        cursor.execute("SAVEPOINT sessions")
        lock_projects(cursor, locked, project_ids)
        changed, refused = append(cursor, sessions)
        to_lock = {project_id for project_id, _ in refused} - locked
        if not to_lock:
            cursor.execute("RELEASE SAVEPOINT sessions")
            return changed, refused
        cursor.execute("ROLLBACK TO SAVEPOINT sessions")
        locked |= to_lock
