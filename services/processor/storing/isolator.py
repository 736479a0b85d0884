"""Store entries in isolation beside the reading of others, which may take minutes.

One thread works on one group of entries after the other, with a connection of its own; accounts
take turns. What became of them is settled by the consumer's thread, like everything it stores
itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from queue import Empty, SimpleQueue

import psycopg2
from psycopg2.extensions import connection as Connection

from services.processor.storing import isolation, outcome_counts
from services.processor.storing.dead_letters import dead_letter_undecodable
from services.processor.storing.failures import is_temporary
from services.processor.storing.pipeline import Result
from services.processor.storing.rows import flatten
from services.processor.storing.stream_reader import Entry
from services.processor.storing.waiting_projects import account_of

log = logging.getLogger(__name__)

_MAX_BYTES = 32 * 1024 * 1024
"""What may wait here, encoded. A single group may be larger."""
_LEAST_BYTES = 32 * 1024
"""A smaller entry counts for so much: the reader of the spool lists those that wait here."""
_TRIES = 3
"""So often a group is tried whose failure is temporary. Then others have their turns: an event may
fail so every time."""
_PAUSE_SECONDS = 1.0
"""After the first failure; twice as long after each further one."""
_STOP_SECONDS = 10.0


class Isolator:
    """Stores groups of entries in isolation, in a thread of its own.

    Args:
        connect: opens a connection to PostgreSQL.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._waiting: list[list[Entry]] = []
        self._changed = threading.Condition()
        self._turns = 0
        self._last_turns: dict[int, int] = {}
        self._done: dict[bool, SimpleQueue[tuple[list[Entry], Result | None]]] = {
            from_spool: SimpleQueue() for from_spool in (False, True)
        }
        self._bytes = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, entries: list[Entry]) -> bool:
        """Begin to store entries, soon; return whether there is room for them.

        All of them are from the stream, or all from the spool.
        """
        size = _size(entries)
        if self._bytes and self._bytes + size > _MAX_BYTES:
            return False
        self._bytes += size
        self._add([entries])
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="isolator", daemon=True)
            self._thread.start()
        return True

    def finished(self, *, from_spool: bool) -> Iterator[tuple[list[Entry], Result | None]]:
        """Return what has been stored since the last call; without a result: it failed, or stopped.

        Such entries are pending still. A group that failed comes back in several, by account.

        Args:
            from_spool: entries of the spool; False: of the stream.
        """
        while True:
            try:
                entries, result = self._done[from_spool].get_nowait()
            except Empty:
                return
            self._bytes -= _size(entries)
            yield entries, result

    def stop(self) -> None:
        """End the child process and the thread; what they work on stays pending."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            entries = self._next()
            if not entries:
                continue
            try:
                result = self._store(entries)
            except Exception:
                log.exception("could not store %d entries in isolation", len(entries))
                result = None
            groups = _by_account(entries)
            if result is None and len(groups) > 1:
                self._add(groups)  # one of them may be at fault
            else:
                self._done[entries[0].spool_key is not None].put((entries, result))

    def _add(self, groups: Iterable[list[Entry]]) -> None:
        with self._changed:
            self._waiting.extend(groups)
            self._changed.notify()

    def _next(self) -> list[Entry]:
        """Take the group of the account whose turn is longest ago; empty: none waits yet."""
        with self._changed:
            if not self._waiting and not self._changed.wait(0.5):
                self._last_turns.clear()
                return []
            position = min(range(len(self._waiting)), key=self._last_turn)
            entries = self._waiting.pop(position)
            self._turns += 1
            self._last_turns |= dict.fromkeys(map(account_of, entries), self._turns)
            return entries

    def _last_turn(self, position: int) -> int:
        accounts = map(account_of, self._waiting[position])
        return min(self._last_turns.get(account, 0) for account in accounts)

    def _store(self, entries: list[Entry]) -> Result | None:
        """Store entries; return None when stopped, or when PostgreSQL has not taken them."""
        for number in range(_TRIES):
            if self._stopping.wait(_PAUSE_SECONDS * 2 ** (number - 1) if number else 0):
                return None
            try:
                with closing(self._connect()) as connection:
                    return store_isolated(connection, entries, self._stopping)
            except psycopg2.Error as error:
                log.warning("could not store in isolation: %s", error)
        return None


def store_isolated(
    connection: Connection, entries: list[Entry], stopping: threading.Event | None = None
) -> Result:
    """Store entries that failed before in child processes, and count their outcomes. Commits.

    Args:
        connection: for dead letters and counts.
        entries: those that failed, or that cannot be decoded.
        stopping: set when the children are to end.

    Raises:
        psycopg2.Error: a temporary failure, or it was stopped; retrying loses nothing.
    """
    log.error("storing %d entries that failed before, in isolation", len(entries))
    for entry in entries:
        if entry.error is not None:
            dead_letter_undecodable(connection, entry.entry_id, entry.raw, entry.error)
    batches = [entry.batch for entry in entries if entry.batch is not None]
    result = isolation.store_isolated(connection, list(flatten(batches)), stopping)
    try:
        outcome_counts.record_settled(connection, batches, result)
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("what was dropped and repeated of %d entries is not counted", len(entries))
        connection.rollback()
    return result


def _by_account(entries: Iterable[Entry]) -> list[list[Entry]]:
    groups: dict[int, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(account_of(entry), []).append(entry)
    return list(groups.values())


def _size(entries: Iterable[Entry]) -> int:
    return sum(max(len(entry.raw), _LEAST_BYTES) for entry in entries)
