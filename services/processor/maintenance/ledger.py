"""Keeping the deduplication ledger to its window."""

from __future__ import annotations

from sqlalchemy import text

from shared.runtime.database import get_engine

_ROWS_PER_STEP = 20_000
_GRACE_DAYS = 2  # older events are refused at the edge; this covers what still waits in the stream


def prune(window_days: int) -> int:
    """Delete entries older than the window, in small transactions; answers how many."""
    statement = text(
        """
        DELETE FROM event_ledger WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM event_ledger
            WHERE received_at < now() - make_interval(days => :days) LIMIT :step))
        """
    )
    deleted = 0
    while True:
        with get_engine().begin() as connection:
            step = connection.execute(
                statement, {"days": window_days + _GRACE_DAYS, "step": _ROWS_PER_STEP}
            ).rowcount
        deleted += step
        if step < _ROWS_PER_STEP:
            return deleted
