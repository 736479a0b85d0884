"""Large bodies are read one at a time, so that many at once cannot fill a process's memory.

A body of the largest size costs, decoded, many times its length; a process has several threads.
"""

from __future__ import annotations

import threading
from types import TracebackType

from shared.errors import Unavailable
from shared.runtime.memory import give_memory_back

SMALL_BYTES = 1024 * 1024
"""Up to this size, before and after decompression, a body needs no turn."""
_WAIT_SECONDS = 10.0

_one_at_a_time = threading.Lock()


class Turn:
    """A request's place in the queue: taken if it is large, given back at its end."""

    def __init__(self) -> None:
        self._held = False

    def take(self) -> None:
        """Wait until no other large body is being read in this process.

        Raises:
            Unavailable: that takes too long.
        """
        if self._held:
            return
        if not _one_at_a_time.acquire(timeout=_WAIT_SECONDS):
            raise Unavailable("Too many large requests at once. Send it again, or in smaller ones.")
        self._held = True

    def __enter__(self) -> Turn:
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
