"""Prevent other processors from claiming entries that take long to store."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from redis.exceptions import RedisError

from services.processor.storing.stream_reader import Entry

log = logging.getLogger(__name__)

_MAX_HOLD_SECONDS = 600.0
"""An entry that takes longer may be taken over: its processor hangs."""


class Heartbeat:
    """Resets the idle time of the entries that are being stored, every few seconds."""

    def __init__(self, touch: Callable[[list[Entry]], None], every_seconds: float) -> None:
        self._touch = touch
        self._every_seconds = every_seconds
        self._held: dict[tuple[str, bytes], tuple[Entry, float]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Start the heartbeat in a thread of its own."""
        self._thread.start()

    def hold(self, entries: Iterable[Entry]) -> None:
        """Add entries, until they are released or were held for the longest time."""
        now = time.monotonic()
        with self._lock:
            self._held |= {(one.stream, one.entry_id): (one, now) for one in entries}

    def release(self, entries: Iterable[Entry]) -> None:
        """Remove entries that are acknowledged or given up."""
        with self._lock:
            for one in entries:
                self._held.pop((one.stream, one.entry_id), None)

    def stop(self) -> None:
        """Stop the heartbeat; other processors may claim entries that are still held."""
        self._stopped.set()
        self._thread.join(self._every_seconds + 1)

    def _run(self) -> None:
        while not self._stopped.wait(self._every_seconds):
            oldest = time.monotonic() - _MAX_HOLD_SECONDS
            with self._lock:
                self._held = {key: one for key, one in self._held.items() if one[1] > oldest}
                held = [one for one, _ in self._held.values()]
            try:
                if held:
                    self._touch(held)
            except RedisError as error:
                log.warning("could not keep %d entries: %s", len(held), error)
