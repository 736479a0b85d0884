"""Decide whether there is room for a batch in the table ``spool``, to which two services add.

An account may have as much there as is free, as in the stream (``shared.events.backlogs``), so that
there is room for others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MAX_BYTES = 2 * 1024 * 1024 * 1024


COUNT = (
    "SELECT coalesce(account, -project_id), count(*), sum(octet_length(envelope)) "
    "FROM (SELECT account, project_id, envelope FROM spool LIMIT %s) AS waiting GROUP BY 1"
)
"""Counts what waits: of each account its batches and their bytes. The parameter is the number of
batches that may wait, which ends the counting: nobody reads more rows than that."""


class _Waiting(NamedTuple):
    batches: int = 0
    bytes: int = 0


class SpoolRoom:
    """What is free in the table, as it was counted.

    Args:
        counted: rows of ``COUNT``.
        max_batches: as many may wait.
        max_bytes: their envelopes may have as many.
    """

    def __init__(
        self, counted: Iterable[Iterable[int]], max_batches: int, max_bytes: int = MAX_BYTES
    ) -> None:
        rows = (map(int, row) for row in counted)
        self._waiting = {account: _Waiting(batches, size) for account, batches, size in rows}
        waiting = self._waiting.values()
        self._free_batches = max_batches - sum(one.batches for one in waiting)
        self._free_bytes = max_bytes - sum(one.bytes for one in waiting)

    @property
    def is_full(self) -> bool:
        """Return whether nobody has room."""
        return self._free_batches <= 0 or self._free_bytes <= 0

    def is_full_for(self, account: int, share: float = 1.0) -> bool:
        """Return whether an account has no room.

        Args:
            account: the account.
            share: of what is free, as far as such a batch may fill it.
        """
        own = self._waiting.get(account, _Waiting())
        return own.batches >= share * self._free_batches or own.bytes >= share * self._free_bytes
