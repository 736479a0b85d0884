"""Prune the deduplication ledger to its window, and counts of uploads to the current day."""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from shared.runtime.database import delete_in_batches

_GRACE_DAYS = 2  # older events are refused at the edge; this covers what still waits in the stream


def prune(connection: Connection, window_days: int) -> int:
    """Delete entries older than the window, in small transactions; return how many. Commits."""
    return delete_in_batches(
        connection,
        "event_ledger",
        # A file may be imported again years later.
        sql.SQL(
            "import_id IS NULL AND "
            "greatest(received_at, other_received_at) < now() - make_interval(days => %s)"
        ),
        (window_days + _GRACE_DAYS,),
    )


def prune_uploads(connection: Connection) -> int:
    """Delete what accounts sent for imports on days that are over; return the rows. Commits."""
    return delete_in_batches(
        connection, "import_uploads", sql.SQL("day < (now() AT TIME ZONE 'UTC')::date - %s"), (1,)
    )
