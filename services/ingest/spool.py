"""Where batches are held while the stream is away: a table that the processor drains."""

from __future__ import annotations

import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import Unavailable
from shared.runtime.database import get_engine

_RETRY_SECONDS = 5
_LOOK_SECONDS = 1.0

_ADD = text("INSERT INTO spool (project_id, envelope) VALUES (:project_id, :envelope)")
_COUNT = text("SELECT count(*) FROM (SELECT 1 FROM spool LIMIT :most) AS waiting")


class Spool:
    """Adds batches to the table."""

    def __init__(self, most_batches: int) -> None:
        """``most_batches``: with so many waiting, no more are taken."""
        self._most = most_batches
        self._look_again = 0.0
        self._is_full = False

    def add(self, project_id: int, envelope: bytes) -> None:
        """Return once the batch is committed.

        Raises:
            Unavailable: PostgreSQL is away as well, or too many batches wait.
        """
        try:
            with get_engine().begin() as connection:
                now = time.monotonic()
                if now >= self._look_again:
                    waiting = connection.scalar(_COUNT, {"most": self._most})
                    self._is_full = (waiting or 0) >= self._most
                    self._look_again = now + _LOOK_SECONDS
                if not self._is_full:
                    connection.execute(_ADD, {"project_id": project_id, "envelope": envelope})
                    return
        except SQLAlchemyError as error:
            raise Unavailable(
                "Events cannot be held at the moment. Send them again.",
                retry_after_seconds=_RETRY_SECONDS,
            ) from error
        raise Unavailable(
            "More events are waiting than may wait. Send these again later.",
            retry_after_seconds=_RETRY_SECONDS,
        )
