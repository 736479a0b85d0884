"""Retry with back-off while a server is unavailable, and log each wait."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

_FIRST_SECONDS = 0.1
_MAX_PAUSE_SECONDS = 5.0


class Patience:
    """The exponential back-off between tries of one task."""

    def __init__(self, name: str) -> None:
        """Start with a short pause; ``name`` is the task's name in the log."""
        self._name = name
        self._pause = _FIRST_SECONDS
        self._is_waiting = False

    def answered(self) -> None:
        """Reset the back-off, because the server has answered."""
        if self._is_waiting:
            log.warning("%s continues: the server answers again", self._name)
        self._pause, self._is_waiting = _FIRST_SECONDS, False

    def next_pause(self, error: Exception) -> float:
        """Return the seconds to wait after this error, at most 5."""
        pause, self._is_waiting = self._pause, True
        self._pause = min(pause * 2, _MAX_PAUSE_SECONDS)
        log.warning("%s waits %.1f s for an unavailable server: %s", self._name, pause, error)
        return pause
