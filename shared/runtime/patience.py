"""Waiting for a server that is away: longer and longer, and not silently."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

_FIRST_SECONDS = 0.1
_LONGEST_SECONDS = 5.0


class Patience:
    """How long to wait before the next try."""

    def __init__(self, who: str) -> None:
        """``who`` waits, as the log says it."""
        self._who = who
        self._pause = _FIRST_SECONDS
        self._is_waiting = False

    def answered(self) -> None:
        """Begin anew with short pauses: the server is there."""
        if self._is_waiting:
            log.warning("%s goes on", self._who)
        self._pause, self._is_waiting = _FIRST_SECONDS, False

    def next_pause(self, error: Exception) -> float:
        """Return how many seconds to wait because of this error; at most 5."""
        pause, self._is_waiting = self._pause, True
        self._pause = min(pause * 2, _LONGEST_SECONDS)
        log.warning("%s waits %.1f s for a server that is away: %s", self._who, pause, error)
        return pause
