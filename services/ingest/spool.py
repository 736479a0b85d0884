"""Hold batches in a table while the stream is unavailable; the processor drains it."""

from __future__ import annotations

import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import Unavailable
from shared.runtime.database import get_engine

_RETRY_SECONDS = 5
_COUNT_SECONDS = 1.0

_ADD = text("INSERT INTO spool (project_id, envelope) VALUES (:project_id, :envelope)")
_COUNT = text("SELECT count(*) FROM (SELECT 1 FROM spool LIMIT :max_batches) AS waiting")


class Spool:
    """Adds batches to the table."""

    def __init__(self, max_batches: int) -> None:
        """Accept batches while fewer than ``max_batches`` are waiting."""
        self._max_batches = max_batches
        self._next_count = 0.0
        self._is_full = False

    def add(self, project_id: int, envelope: bytes) -> None:
        """Return once the batch is committed.

        Raises:
            Unavailable: PostgreSQL is unavailable as well, or too many batches are waiting.
        """
        try:
            with get_engine().begin() as connection:
                now = time.monotonic()
                if now >= self._next_count:
                    waiting = connection.scalar(_COUNT, {"max_batches": self._max_batches})
                    self._is_full = (waiting or 0) >= self._max_batches
                    self._next_count = now + _COUNT_SECONDS
                if not self._is_full:
                    connection.execute(_ADD, {"project_id": project_id, "envelope": envelope})
                    return
        except SQLAlchemyError as error:
            raise Unavailable(
                "Events cannot be stored at the moment. Send them again later.",
                retry_after_seconds=_RETRY_SECONDS,
            ) from error
        raise Unavailable(
            "Too many events are waiting to be stored. Send these again later.",
            retry_after_seconds=_RETRY_SECONDS,
        )
