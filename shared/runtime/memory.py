"""Limit the memory of a process, and what the C library keeps of it after it was freed.

glibc gives every thread an arena and keeps freed memory there, so a process with threads grows to a
multiple of its peak use. Other C libraries are not affected.
"""

from __future__ import annotations

import ctypes
import resource
from pathlib import Path

_M_ARENA_MAX = -8
_MAX_ARENAS = 2


def use_few_arenas() -> None:
    """Let threads share memory arenas; to be called before any thread is started."""
    _call("mallopt", _M_ARENA_MAX, _MAX_ARENAS)


def give_memory_back() -> None:
    """Return free memory to the system; to be called after a large allocation was freed."""
    _call("malloc_trim", 0)


def limit_growth(memory_mb: int) -> None:
    """Limit how much this process may grow; only on Linux, where its size is known."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return
    size = int(statm.read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = size + memory_mb * 1024 * 1024
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _call(function: str, *arguments: int) -> None:
    library = ctypes.CDLL(None)
    if hasattr(library, function):
        getattr(library, function)(*arguments)
