"""The definitions of all flags, kept up to date by a thread that asks for them."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from tidemark.flag_server import FlagServer, FlagsUnavailable
from tidemark.forks import fork_safe

log = logging.getLogger("tidemark")


class Definitions:
    """Loads definitions when they are first asked for, then every ``poll_seconds``."""

    def __init__(self, server: FlagServer, poll_seconds: float) -> None:
        self._server = server
        self._poll_seconds = poll_seconds
        self._flags: dict[str, Any] | None = None
        self._tag = ""
        self._is_closed = False
        self._start_empty()
        fork_safe(self)

    def _start_empty(self) -> None:
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def current(self, deadline: float) -> dict[str, Any] | None:
        """Return the definitions by key; None: they could not be had yet.

        The first call waits for the first answer, until ``deadline`` on the monotonic clock.
        """
        if self._thread is None:
            self._start_thread()
        if self._flags is None and not self._is_closed:
            self._asked.wait(max(0.0, deadline - time.monotonic()))
        return self._flags

    def known(self) -> dict[str, Any] | None:
        """Return the definitions by key without waiting for them."""
        return self._flags

    def close(self) -> None:
        """Ask no more."""
        self._is_closed = True
        self._closing.set()

    def _start_thread(self) -> None:
        with self._lock:
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(
                    target=self._run, name="tidemark-flags", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        closing, asked = self._closing, self._asked
        while not closing.is_set():
            try:
                self._load()
            except FlagsUnavailable as why:
                log.warning(
                    "Flag definitions could not be loaded (they need a secret key): %s", why
                )
            except Exception:
                log.exception("Flag definitions could not be loaded.")
            asked.set()
            closing.wait(self._poll_seconds)

    def _load(self) -> None:
        changed = self._server.definitions(self._tag)
        if changed is not None:
            self._flags, self._tag = changed

    def hold(self) -> None:
        """Before a fork: let no thread be started."""
        self._lock.acquire()

    def release(self) -> None:
        """Let the parent go on after a fork."""
        self._lock.release()

    def start_over(self) -> None:
        """Begin without a thread in a forked process; definitions stay."""
        self._start_empty()
