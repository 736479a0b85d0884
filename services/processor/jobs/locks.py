"""Let one job of a kind run per project at a time, by locks that end with their connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection as Connection

from shared.runtime.advisory_locks import AdvisoryLock


@contextmanager
def try_lock(connection: Connection, lock: AdvisoryLock, project_id: int = 0) -> Iterator[bool]:
    """Take a lock for as long as the block lasts, or answer False at once. Commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", (int(lock), project_id))
        (held,) = cursor.fetchone() or (False,)
    connection.commit()
    try:
        yield bool(held)
    finally:
        if held and not connection.closed:
            connection.rollback()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", (int(lock), project_id))
            connection.commit()
