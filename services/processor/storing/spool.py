"""Read batches that ingest held in PostgreSQL while the stream was away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection

from services.processor.storing.stream_reader import Entry, read_entry
from shared.runtime.advisory_locks import AdvisoryLock

_BATCHES_PER_READ = 200

Key = tuple[int, int]
"""Project id, and the batch's number in the table."""


@contextmanager
def drain_lock(connection: Connection) -> Iterator[bool]:
    """Take the lock for draining for as long as the block lasts, or answer False at once.

    Two processors that drained at once would only repeat work: the ledger rejects what is stored.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM spool) AND pg_try_advisory_lock(%s)",
            (int(AdvisoryLock.SPOOL),),
        )
        (held,) = cursor.fetchone() or (False,)
    connection.commit()
    try:
        yield held
    finally:
        if held and not connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (int(AdvisoryLock.SPOOL),))
            connection.commit()


def read(connection: Connection) -> list[tuple[Key, Entry]]:
    """Read some of the batches, the oldest of each project first. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, id, envelope FROM spool ORDER BY project_id, id LIMIT %s",
            (_BATCHES_PER_READ,),
        )
        found = [
            ((project_id, number), read_entry(b"0-%d" % number, bytes(envelope)))
            for project_id, number, envelope in cursor
        ]
    connection.commit()
    return found


def remove(connection: Connection, keys: list[Key]) -> None:
    """Remove batches whose events are committed. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM spool USING unnest(%s::int[], %s::bigint[]) AS done (project_id, id)
            WHERE spool.project_id = done.project_id AND spool.id = done.id
            """,
            ([project_id for project_id, _ in keys], [number for _, number in keys]),
        )
    connection.commit()
