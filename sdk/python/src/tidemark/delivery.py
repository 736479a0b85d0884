"""The queue, and the one thread that sends it."""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tidemark.disk import DiskQueue
from tidemark.forks import fork_safe
from tidemark.request import Outcome, post

log = logging.getLogger("tidemark")

_MAX_BATCH_BYTES = 500_000
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_LONGEST_RETRY_AFTER_SECONDS = 600.0
_LOSSES_TOLD_EVERY_SECONDS = 60.0
_TOO_LARGE_OR_BAD = frozenset({400, 413, 422})
_jitter = random.SystemRandom()

OnRefused = Callable[[list[bytes], str], None]


@dataclass(frozen=True)
class Options:
    """Where events go, and when."""

    host: str
    key: str
    batch_size: int
    flush_seconds: float
    max_queue: int
    timeout_seconds: float
    on_refused: OnRefused | None


class Delivery:
    """Holds events until the server has taken them."""

    def __init__(self, options: Options, disk: DiskQueue | None) -> None:
        self._options = options
        self._disk = disk
        self._start_empty()
        self.lost = 0
        self._tell_losses_at = 0.0
        if disk is not None:
            try:
                self._queue.extend(disk.oldest(options.max_queue))
            except sqlite3.Error as error:
                log.error("What an earlier process left cannot be read: %s", error)
            self._start_thread()
        fork_safe(self)

    def _start_empty(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._queue: deque[tuple[str, bytes]] = deque()
        self._later: deque[Callable[[], object]] = deque()
        self._is_recording = False
        self._thread: threading.Thread | None = None
        self._flushing = 0
        self._flushes = 0
        self._closed = False

    def add(self, event_id: str, event: bytes) -> bool:
        """Queue an event, an object in JSON; beyond ``max_queue`` the oldest one is given up.

        Returns:
            Whether it was queued; after ``close`` none is.
        """
        with self._changed:
            if not self._make_room():
                return False
            if self._disk is not None:
                try:
                    self._disk.add(event_id, event)
                except sqlite3.Error as error:
                    log.error("The event is kept in memory only: %s", error)
            self._queue.append((event_id, event))
            self._wake_sender()
            return True

    def add_later(self, record: Callable[[], object]) -> None:
        """Have the sender's thread call a function that adds events, before its next batch.

        It counts as one event of ``max_queue``. With a disk queue it is called at once: what waits
        here would be lost with the process.
        """
        if self._disk is not None:
            record()
            return
        with self._changed:
            if self._make_room():
                self._later.append(record)
                self._wake_sender()

    def _make_room(self) -> bool:
        """Give up the oldest event of a full queue; answer whether more can be queued."""
        if self._closed:
            log.error("An event came after shutdown() and is not sent.")
            return False
        if self._waiting() >= self._options.max_queue:
            self._give_up_oldest()
        return True

    def _waiting(self) -> int:
        return len(self._queue) + len(self._later)

    def _wake_sender(self) -> None:
        self._start_thread()
        # Not for each event: the sender would wake to do nothing, and take time from the app.
        if self._waiting() in (1, self._options.batch_size):
            self._changed.notify_all()

    def _give_up_oldest(self) -> None:
        if self._queue:
            self._forget([self._queue.popleft()[0]])
        else:
            self._later.popleft()
        self.lost += 1
        now = time.monotonic()
        if now >= self._tell_losses_at:
            # Not for each event: an app that sends many must not fill its log.
            self._tell_losses_at = now + _LOSSES_TOLD_EVERY_SECONDS
            log.error(
                "The queue is full (%s events), so the oldest events are lost: %s so far.",
                self._options.max_queue,
                self.lost,
            )

    def flush(self, timeout_seconds: float) -> bool:
        """Send all that is queued; answers whether it was sent within that time.

        During the pause after a failure it tries at once, unless the server named the pause by
        ``Retry-After``.
        """
        with self._changed:
            self._flushes += 1
            self._flushing += 1
            self._changed.notify_all()
            try:
                return self._changed.wait_for(self._is_all_sent, timeout_seconds)
            finally:
                self._flushing -= 1

    def _is_all_sent(self) -> bool:
        return not self._waiting() and not self._is_recording

    def close(self, timeout_seconds: float) -> bool:
        """Send what is queued, take nothing more, and end the thread."""
        is_empty = self.flush(timeout_seconds)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        return is_empty

    def _start_thread(self) -> None:
        if self._thread is None and self._waiting():
            self._thread = threading.Thread(target=self._run, name="tidemark", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        failures = 0
        limit = self._options.batch_size
        while self._wait_for_events():
            self._record_later()
            batch = self._next_batch(limit)
            if not batch:
                continue
            outcome = self._post(batch)
            if outcome.is_delivered:
                self._report_dropped(outcome, batch)
            elif outcome.status in _TOO_LARGE_OR_BAD and len(batch) > 1:
                limit = len(batch) // 2  # so that a bad event costs no other one
                continue
            elif outcome.is_refused:
                self._refuse(batch, f"{outcome.status} {outcome.message}")
            else:
                failures += 1
                self._pause(failures, outcome)
                continue
            failures, limit = 0, self._options.batch_size
            self._remove(batch)

    def _wait_for_events(self) -> bool:
        """Wait until there is something to send; False when the thread is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting() or self._closed)
            self._changed.wait_for(
                lambda: (
                    self._closed or self._flushing or self._waiting() >= self._options.batch_size
                ),
                self._options.flush_seconds,
            )
            return not self._closed

    def _record_later(self) -> None:
        """Call the functions that add events."""
        with self._changed:
            later, self._later = self._later, deque()
            self._is_recording = bool(later)
        for record in later:
            if self._closed:
                return
            try:
                record()
            except Exception:
                log.exception("An event could not be recorded.")
        with self._changed:
            self._is_recording = False
            self._changed.notify_all()

    def _next_batch(self, limit: int) -> list[tuple[str, bytes]]:
        """Return the oldest events, at most that many; none: there are none."""
        with self._changed:
            batch: list[tuple[str, bytes]] = []
            size = 0
            for entry in self._queue:
                size += len(entry[1])
                if batch and (len(batch) >= limit or size > _MAX_BATCH_BYTES):
                    break
                batch.append(entry)
            return batch

    def _post(self, batch: list[tuple[str, bytes]]) -> Outcome:
        options = self._options
        events = [event for _, event in batch]
        try:
            return post(options.host, options.key, events, options.timeout_seconds)
        except Exception as error:  # noqa: BLE001 (the thread has to outlive whatever happens)
            return Outcome(0, f"{type(error).__name__}: {error}")

    def _pause(self, failures: int, outcome: Outcome) -> None:
        backoff = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, 10))
        asked = min(outcome.retry_after_seconds, _LONGEST_RETRY_AFTER_SECONDS)
        seconds = max(backoff * _jitter.uniform(0.7, 1.3), asked)
        if outcome.is_key_refused:
            log.error(
                "The server refuses the key (401 %s). %s event(s) wait until the key is mended; "
                "trying again in %.1f s.",
                outcome.message,
                len(self._queue),
                seconds,
            )
        else:
            log.warning(
                "Events could not be sent (%s %s); trying again in %.1f s.",
                outcome.status or "no response",
                outcome.message,
                seconds,
            )
        with self._changed:
            flushes = self._flushes
            self._changed.wait_for(lambda: self._closed, asked)
            self._changed.wait_for(
                lambda: self._closed or self._flushes != flushes, seconds - asked
            )

    def _report_dropped(self, outcome: Outcome, batch: list[tuple[str, bytes]]) -> None:
        events = dict(batch)
        for result in outcome.dropped:
            event = events.get(str(result.get("event_id")), b"")
            self._refuse(
                [("", event)], f"{result.get('reason', 'dropped')}: {result.get('message', '')}"
            )

    def _refuse(self, batch: list[tuple[str, bytes]], why: str) -> None:
        log.error("The server refused %s event(s): %s", len(batch), why)
        if self._options.on_refused is not None:
            try:
                self._options.on_refused([event for _, event in batch], why)
            except Exception:
                log.exception("on_refused failed.")

    def _remove(self, batch: list[tuple[str, bytes]]) -> None:
        done = {event_id for event_id, _ in batch}
        with self._changed:
            while self._queue and self._queue[0][0] in done:
                self._queue.popleft()
            self._forget(list(done))
            self._changed.notify_all()

    def _forget(self, event_ids: list[str]) -> None:
        if self._disk is not None:
            try:
                self._disk.remove(event_ids)
            except sqlite3.Error as error:
                # They are sent once more by the next start, and counted once by their ids.
                log.error("Sent events stay on disk: %s", error)

    def hold(self) -> None:
        """Before a fork: let no other thread be in the middle of a change."""
        self._changed.acquire()

    def release(self) -> None:
        """Let the parent go on after a fork."""
        self._changed.release()

    def start_over(self) -> None:
        """Begin with an empty queue in a forked process: what was queued is its parent's."""
        self._start_empty()
        if self._disk is not None:
            try:
                self._disk.reopen()
            except sqlite3.Error as error:
                log.error("Events of this process are kept in memory only: %s", error)
                self._disk = None
