"""Read large bodies one at a time, so that several at once cannot exhaust a process's memory.

A decoded body takes many times the memory of its text, and a process has several threads.
"""

from __future__ import annotations

import threading
from types import TracebackType

from shared.errors import Unavailable
from shared.runtime.memory import give_memory_back

_WAIT_SECONDS = 10.0
_RETRY_SECONDS = 2
_MAX_PRESENT = 4
"""Requests that hold the slot or wait for it: half of the threads, so that others are answered."""

_one_at_a_time = threading.Lock()
_present = threading.BoundedSemaphore(_MAX_PRESENT)


class LargeBodySlot:
    """The process's one slot for decoding a large body: acquired on demand, released at exit."""

    def __init__(self) -> None:
        self._held = False

    def acquire(self) -> None:
        """Wait until no other large body is being read in this process.

        Raises:
            Unavailable: too many requests wait already, or none became free within ten seconds.
        """
        if self._held:
            return
        if not _present.acquire(blocking=False):
            raise _too_many()
        if not _one_at_a_time.acquire(timeout=_WAIT_SECONDS):
            _present.release()
            raise _too_many()
        self._held = True

    def __enter__(self) -> LargeBodySlot:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._held:
            give_memory_back()
            _one_at_a_time.release()
            _present.release()


def _too_many() -> Unavailable:
    return Unavailable(
        "Too many large requests at once. Retry, or send smaller requests.",
        retry_after_seconds=_RETRY_SECONDS,
    )
