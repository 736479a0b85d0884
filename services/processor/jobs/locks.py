"""One job of a kind per project at a time: locks that end with their connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from psycopg2.extensions import connection as Connection


class JobLock(IntEnum):
    """The kinds."""

    SEAL = 7_204_921
    REPAIR = 7_204_922
    RETENTION = 7_204_923
    DELETION = 7_204_924


@contextmanager
def try_lock(connection: Connection, kind: JobLock, project_id: int = 0) -> Iterator[bool]:
    """Whether this connection holds the lock while the block lasts; never waits. Commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", (int(kind), project_id))
        (held,) = cursor.fetchone() or (False,)
    connection.commit()
    try:
        yield bool(held)
    finally:
        if held and not connection.closed:
            connection.rollback()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", (int(kind), project_id))
            connection.commit()
