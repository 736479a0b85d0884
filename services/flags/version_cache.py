"""A project's flags as SDKs evaluate them locally, encoded once a version."""

from __future__ import annotations

from datetime import datetime
from threading import Lock

from cachetools import LRUCache, cached

from services.flags.posthog import definitions
from services.flags.tagged import Tagged, tagged
from shared.flags.definition import FlagSet
from shared.flags.evaluation import is_running

_MAX_BYTES = 16 * 1024 * 1024

_Running = tuple[bool, ...]


def local_definitions(flags: FlagSet, now: datetime) -> Tagged:
    """Return a project's flags as SDKs evaluate them locally; made anew when a schedule says so."""
    running = tuple(is_running(flag.definition, now) for flag in flags.flags)
    return _local_definitions(flags, now, running)


@cached(
    LRUCache[tuple[int, int, _Running], Tagged](_MAX_BYTES, getsizeof=lambda one: len(one.body)),
    key=lambda flags, _now, running: (flags.project_id, flags.version, running),
    lock=Lock(),
)
def _local_definitions(flags: FlagSet, now: datetime, _running: _Running) -> Tagged:
    return tagged(definitions(flags, now))
