"""Batches that ingest held in PostgreSQL while the stream was away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection

from services.processor.storing.stream_reader import Entry, read_entry
from shared.runtime.advisory_locks import AdvisoryLock

_AT_ONCE = 200

Key = tuple[int, int]
"""Project id, and the batch's number in the table."""


@contextmanager
def drainer(connection: Connection) -> Iterator[bool]:
    """Whether this processor may drain: one at a time, for as long as the block lasts.

    Two that drained at once would only do the work twice: the ledger sorts that out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM spool) AND pg_try_advisory_lock(%s)",
            (int(AdvisoryLock.SPOOL),),
        )
        (mine,) = cursor.fetchone() or (False,)
    connection.commit()
    try:
        yield mine
    finally:
        if mine and not connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (int(AdvisoryLock.SPOOL),))
            connection.commit()


def read(connection: Connection) -> list[tuple[Key, Entry]]:
    """Some of the batches, the oldest of each project first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, id, envelope FROM spool ORDER BY project_id, id LIMIT %s",
            (_AT_ONCE,),
        )
        found = [
            ((project_id, number), read_entry(b"0-%d" % number, bytes(envelope)))
            for project_id, number, envelope in cursor
        ]
    connection.commit()
    return found


def remove(connection: Connection, keys: list[Key]) -> None:
    """Forget batches whose events are committed. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM spool USING unnest(%s::int[], %s::bigint[]) AS done (project_id, id)
            WHERE spool.project_id = done.project_id AND spool.id = done.id
            """,
            ([project_id for project_id, _ in keys], [number for _, number in keys]),
        )
    connection.commit()
