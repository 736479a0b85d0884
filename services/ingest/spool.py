"""Hold batches in a table while the stream is unavailable; the processor drains it."""

from __future__ import annotations

import time

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import ErrorCode, Unavailable
from shared.events.backlogs import PUBLIC_SHARE
from shared.events.spool_room import COUNT, MAX_BYTES, SpoolRoom
from shared.runtime.database import get_engine

_RETRY_SECONDS = 5
_COUNT_SECONDS = 1.0

_ADD = text(
    "INSERT INTO spool (project_id, envelope, account) VALUES (:project_id, :envelope, :account)"
)


class Spool:
    """Adds batches to the table.

    Args:
        max_batches: batches of all projects that may wait.
        max_bytes: bytes of them.
    """

    def __init__(self, max_batches: int, max_bytes: int = MAX_BYTES) -> None:
        self._max_batches, self._max_bytes = max_batches, max_bytes
        self._room = SpoolRoom((), max_batches, max_bytes)
        self._count_again = 0.0

    def add(self, project_id: int, envelope: bytes, account: int, *, is_public: bool) -> None:
        """Return once the batch is committed.

        Args:
            project_id: of the batch.
            envelope: the encoded batch.
            account: the account that owns the project. It may have as much here as is free, so that
                there is room for others (``shared.events.backlogs``).
            is_public: whether the request has a public key: a tenth is reserved for secret ones.

        Raises:
            Unavailable: PostgreSQL is unavailable as well, or too many batches are waiting.
        """
        try:
            with get_engine().begin() as connection:
                self._refuse_when_full(connection, account, PUBLIC_SHARE if is_public else 1.0)
                connection.execute(
                    _ADD, {"project_id": project_id, "envelope": envelope, "account": account}
                )
        except SQLAlchemyError as error:
            raise Unavailable(
                "Events cannot be stored at the moment. Send them again later.",
                retry_after_seconds=_RETRY_SECONDS,
            ) from error

    def _refuse_when_full(self, connection: Connection, account: int, share: float) -> None:
        """Refuse a batch if all have no room, or its account; counted once a second.

        Args:
            connection: to count with.
            account: that of the batch.
            share: of what is free, as far as such a batch may fill it.
        """
        now = time.monotonic()
        if now >= self._count_again:
            rows = connection.exec_driver_sql(COUNT, (self._max_batches,))
            self._room = SpoolRoom(rows, self._max_batches, self._max_bytes)
            self._count_again = now + _COUNT_SECONDS
        if self._room.is_full:
            raise Unavailable(
                "Too many events are waiting to be stored. Send these again later.",
                retry_after_seconds=_RETRY_SECONDS,
            )
        if self._room.is_full_for(account, share):
            raise own_backlog()


def own_backlog() -> Unavailable:
    """Return the error for an account that has no room, while others have."""
    return Unavailable(
        "Too many events of this project's owner, in all their projects, are waiting to be stored. "
        "Send these again later.",
        code=ErrorCode.ACCOUNT_BACKLOG,
        retry_after_seconds=_RETRY_SECONDS,
    )
