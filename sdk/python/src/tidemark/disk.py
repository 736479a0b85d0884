"""The queue on disk: what was captured and has not arrived yet outlives the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence


class DiskQueue:
    """Events by id in SQLite. Its caller holds a lock: no two threads are in here at once."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._inherited: list[sqlite3.Connection] = []
        self._connection = self._connect()

    def reopen(self) -> None:
        """Connect anew in a forked process, which may not use its parent's connection."""
        self._inherited.append(self._connection)  # closing it would touch the parent's files
        self._connection = self._connect()

    def add(self, event_id: str, event: bytes) -> None:
        """Keep an event. Raises ``sqlite3.Error`` where the disk refuses."""
        self._connection.execute(
            "INSERT OR IGNORE INTO events (id, event) VALUES (?, ?)", (event_id, event)
        )

    def remove(self, event_ids: Sequence[str]) -> None:
        """Forget events that have arrived. Raises ``sqlite3.Error``."""
        self._connection.execute("BEGIN")
        try:
            self._connection.executemany(
                "DELETE FROM events WHERE id = ?", [(event_id,) for event_id in event_ids]
            )
        finally:
            self._connection.execute("COMMIT")

    def oldest(self, limit: int) -> list[tuple[str, bytes]]:
        """Return what is kept, oldest first: ids, and events in JSON. Raises ``sqlite3.Error``."""
        return self._connection.execute(
            "SELECT id, event FROM events ORDER BY position LIMIT ?", (limit,)
        ).fetchall()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=5, isolation_level=None, check_same_thread=False
        )
        # A killed process loses nothing in this mode; a power cut may cost the last moments.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events "
            "(position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event BLOB NOT NULL)"
        )
        return connection
