"""Prune the audit log to the days for which it is stored."""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from shared.runtime.database import delete_in_batches


def prune(connection: Connection, days: int) -> int:
    """Delete older entries, in small transactions; return how many. Commits.

    Args:
        connection: the caller's own.
        days: how long entries are stored; 0: for ever.
    """
    if not days:
        return 0
    return delete_in_batches(
        connection, "audit_log", sql.SQL("at < now() - make_interval(days => %s)"), (days,)
    )
