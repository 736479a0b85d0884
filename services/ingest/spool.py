"""Hold batches in a table while the stream is unavailable; the processor drains it."""

from __future__ import annotations

import time

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import Unavailable
from shared.runtime.database import get_engine

_RETRY_SECONDS = 5
_COUNT_SECONDS = 1.0
_MAX_BYTES = 2 * 1024 * 1024 * 1024
_SHARE_OF_PROJECT = 2
"""A project may take half of the spool, so that there is room for others."""
_MAX_COUNTED = 10_000
"""Projects whose counts are remembered."""

_ADD = text("INSERT INTO spool (project_id, envelope) VALUES (:project_id, :envelope)")
# The limits end the counting: nobody reads more rows than may wait.
_COUNT = text(
    "SELECT count(*), coalesce(sum(octet_length(envelope)), 0) "
    "FROM (SELECT envelope FROM spool LIMIT :max_batches) AS waiting"
)
_COUNT_OF_PROJECT = text(
    "SELECT count(*), coalesce(sum(octet_length(envelope)), 0) FROM "
    "(SELECT envelope FROM spool WHERE project_id = :project_id LIMIT :max_batches) AS waiting"
)


class Spool:
    """Adds batches to the table.

    Args:
        max_batches: batches of all projects that may wait.
        max_bytes: bytes of them.
    """

    def __init__(self, max_batches: int, max_bytes: int = _MAX_BYTES) -> None:
        self._max_batches, self._max_bytes = max_batches, max_bytes
        self._full: dict[int, tuple[float, bool]] = {}
        """Of projects (0: all together), until when it is known whether they have room."""

    def add(self, project_id: int, envelope: bytes) -> None:
        """Return once the batch is committed.

        Raises:
            Unavailable: PostgreSQL is unavailable as well, or too many batches are waiting.
        """
        try:
            with get_engine().begin() as connection:
                is_full = self._is_full(connection, 0, share=1)
                is_project_full = self._is_full(connection, project_id, share=_SHARE_OF_PROJECT)
                if not is_full and not is_project_full:
                    connection.execute(_ADD, {"project_id": project_id, "envelope": envelope})
                    return
        except SQLAlchemyError as error:
            raise Unavailable(
                "Events cannot be stored at the moment. Send them again later.",
                retry_after_seconds=_RETRY_SECONDS,
            ) from error
        whose = "" if is_full else " of this project"
        raise Unavailable(
            f"Too many events{whose} are waiting to be stored. Send these again later.",
            retry_after_seconds=_RETRY_SECONDS,
        )

    def _is_full(self, connection: Connection, project_id: int, *, share: int) -> bool:
        """Return whether a project (0: all together) has no room; counted once a second."""
        now = time.monotonic()
        until, is_full = self._full.get(project_id, (0.0, False))
        if now < until:
            return is_full
        max_batches = -(-self._max_batches // share)
        batches, size = connection.execute(
            _COUNT_OF_PROJECT if project_id else _COUNT,
            {"project_id": project_id, "max_batches": max_batches},
        ).one()
        is_full = bool(batches >= max_batches or size >= self._max_bytes // share)
        if len(self._full) >= _MAX_COUNTED:
            self._full.clear()
        self._full[project_id] = now + _COUNT_SECONDS, is_full
        return is_full
