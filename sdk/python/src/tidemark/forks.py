"""What a fork does to objects with locks and threads."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Protocol


class ForkSafe(Protocol):
    """An object that bears a fork."""

    def hold(self) -> None:
        """Before a fork: let no other thread be in the middle of a change."""

    def release(self) -> None:
        """Let the parent go on."""

    def start_over(self) -> None:
        """Go on in the child, which has none of the parent's threads."""


def fork_safe(one: ForkSafe) -> None:
    """Register what a fork does to an object, for as long as it lives."""
    known = weakref.ref(one)

    def call(method: str) -> Callable[[], None]:
        def run() -> None:
            alive = known()
            if alive is not None:
                getattr(alive, method)()

        return run

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=call("hold"),
            after_in_parent=call("release"),
            after_in_child=call("start_over"),
        )


class ForkSafeLock:
    """A lock that is free in a forked process; a fork waits until no thread holds it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        fork_safe(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def hold(self) -> None:
        """Before a fork: let no other thread be in the middle of a change."""
        self._lock.acquire()

    def release(self) -> None:
        """Let the parent go on after a fork."""
        self._lock.release()

    def start_over(self) -> None:
        """Let the child go on with what is known."""
        self._lock = threading.Lock()
