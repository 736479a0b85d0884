"""Keeping the C library from holding on to memory that a process no longer needs.

glibc gives every thread its own arena and keeps what was freed there, so a process with threads
grows to many times what it uses at once. Other C libraries are left as they are.
"""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8
_MAX_ARENAS = 2


def use_few_arenas() -> None:
    """Let threads share memory arenas. Call it before any thread is started."""
    _call("mallopt", _M_ARENA_MAX, _MAX_ARENAS)


def give_memory_back() -> None:
    """Return free memory to the system. Call it after a large allocation was freed."""
    _call("malloc_trim", 0)


def _call(function: str, *arguments: int) -> None:
    library = ctypes.CDLL(None)
    if hasattr(library, function):
        getattr(library, function)(*arguments)
