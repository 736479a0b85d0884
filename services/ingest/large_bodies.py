"""Read large bodies one at a time, so that several at once cannot exhaust a process's memory.

A decoded body takes many times the memory of its text, and a process has several threads.
"""

from __future__ import annotations

import threading
from types import TracebackType

from shared.errors import Unavailable
from shared.runtime.memory import give_memory_back

_WAIT_SECONDS = 10.0

_one_at_a_time = threading.Lock()


class LargeBodySlot:
    """The process's one slot for decoding a large body: acquired on demand, released at exit."""

    def __init__(self) -> None:
        self._held = False

    def acquire(self) -> None:
        """Wait until no other large body is being read in this process.

        Raises:
            Unavailable: no slot became free within ten seconds.
        """
        if self._held:
            return
        if not _one_at_a_time.acquire(timeout=_WAIT_SECONDS):
            raise Unavailable("Too many large requests at once. Retry, or send smaller requests.")
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
