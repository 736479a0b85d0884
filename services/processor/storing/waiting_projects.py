"""Hold back the entries of projects whose persons another transaction has locked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from services.processor.storing.stream_reader import Entry

MAX_BYTES = 64 * 1024 * 1024
"""Entries beyond this size go to the spool: they must not fill the memory or stop reading."""
_RETRY_SECONDS = 1.0
_QUEUE_SECONDS = 20.0


class WaitingProjects:
    """Entries that wait in the memory of this process, by project."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: dict[int, list[Entry]] = {}
        self._bytes: dict[int, int] = {}
        self._next_retry = 0.0
        self._next_queue = 0.0

    def __contains__(self, project_id: int) -> bool:
        """Return whether entries of the project wait."""
        return project_id in self._entries

    def __iter__(self) -> Iterator[int]:
        """Yield the projects, those first that have waited longest."""
        return iter(list(self._entries))

    def entries(self) -> Iterator[Entry]:
        """Yield all entries that wait."""
        for some in self._entries.values():
            yield from some

    def add(self, entries: Iterable[Entry]) -> None:
        """Let entries wait behind those of their projects that wait already."""
        if not self._entries:
            self._next_retry = time.monotonic() + _RETRY_SECONDS
            self._next_queue = time.monotonic() + _QUEUE_SECONDS
        for entry in entries:
            project_id = project_of(entry)
            self._entries.setdefault(project_id, []).append(entry)
            self._bytes[project_id] = self._bytes.get(project_id, 0) + len(entry.raw)

    def pop(self, project_id: int) -> list[Entry]:
        """Remove a project, and return its entries in order."""
        del self._bytes[project_id]
        return self._entries.pop(project_id)

    def is_due(self) -> bool:
        """Return whether to check again which projects are unlocked; at most once a second."""
        if not self._entries or time.monotonic() < self._next_retry:
            return False
        self._next_retry = time.monotonic() + _RETRY_SECONDS
        return True

    def is_time_to_queue(self) -> bool:
        """Return whether to wait in PostgreSQL's lock queue for a project; true once in a while.

        One transaction after the other may hold the persons of a busy project, so a check may never
        find them unlocked. The lock queue is served in order.
        """
        if time.monotonic() < self._next_queue:
            return False
        self._next_queue = time.monotonic() + _QUEUE_SECONDS
        return True

    def excess(self) -> int | None:
        """Return the project with the most bytes if all entries exceed the limit, else None."""
        if sum(self._bytes.values()) <= self._max_bytes:
            return None
        return max(self._bytes, key=lambda project_id: self._bytes[project_id])


def project_of(entry: Entry) -> int:
    """Return the project of an entry; 0: its bytes cannot be decoded."""
    return entry.batch.project_id if entry.batch is not None else 0


def account_of(entry: Entry) -> int:
    """Return the account that an entry counts for; negative: the number of its project."""
    return entry.account or -project_of(entry)
