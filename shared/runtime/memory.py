"""Limit the memory that the C library keeps after it was freed.

glibc gives every thread an arena and keeps freed memory there, so a process with threads grows to a
multiple of its peak use. Other C libraries are not affected.
"""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8
_MAX_ARENAS = 2


def use_few_arenas() -> None:
    """Let threads share memory arenas; to be called before any thread is started."""
    _call("mallopt", _M_ARENA_MAX, _MAX_ARENAS)


def give_memory_back() -> None:
    """Return free memory to the system; to be called after a large allocation was freed."""
    _call("malloc_trim", 0)


def _call(function: str, *arguments: int) -> None:
    library = ctypes.CDLL(None)
    if hasattr(library, function):
        getattr(library, function)(*arguments)
