"""Let an import go on for a while, and keep what depends on the project's events right."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.imports import outcomes
from services.processor.imports.run import BUSY, Limits, run
from services.processor.jobs.progress import Progress
from services.processor.monitoring.lag import measure_lag
from services.processor.recent_events.building import find_again
from shared.runtime import data_version
from shared.runtime.redis_clients import get_stream
from shared.runtime.settings import Settings

_ADVANCE_SECONDS = 2.0
_BEHIND_SECONDS = 2.0
"""While events that clients send wait so long, an import pauses."""
_PAUSE_SECONDS = 0.5
_MAX_PAUSE_SECONDS = 600.0
"""The next chunk is checked already: after an hour its days could have expired."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How long an import may go on, and how patiently it begins."""

    settings: Settings
    """Of the installation."""
    redis: Redis
    """Where the versions of projects' data are."""
    seconds: float | None = None
    """None: until it can go on no longer."""
    tries: int | None = None
    """How often to begin while another process works on the import; None: until it is free."""


def continue_import(
    connection: Connection, project_id: int, import_id: int, options: RunOptions, progress: Progress
) -> str:
    """Go on with an import; return its state afterwards, or ``BUSY``. Commits, chunk by chunk.

    Answers about the project become stale while events are stored, and once more at the end; then
    conditions of flags learn of the events, too.

    Args:
        connection: the caller's own.
        project_id: the project.
        import_id: an import of it that is to be worked on.
        options: how long.
        progress: told bytes, of the file.
    """
    limits = _limits(options, project_id)
    tries = 0
    try:
        while True:
            state = run(connection, project_id, import_id, limits, progress)
            tries += 1
            if state != BUSY or tries == options.tries:
                break
            time.sleep(_PAUSE_SECONDS)  # until a process that was killed has left its lock
    finally:
        # Answers of the last seconds may lack the chunks since the last advance.
        data_version.advance(options.redis, project_id)
    if state not in {BUSY, "running"}:
        _learn_recent_events(connection, options.redis, project_id, import_id)
    return state


def _learn_recent_events(
    connection: Connection, redis: Redis, project_id: int, import_id: int
) -> None:
    """Let conditions of flags learn of imported events, which no processor has told them of."""
    latest = outcomes.latest_imported(connection, project_id, import_id)
    if latest is not None:
        find_again(redis, project_id, latest)


def _limits(options: RunOptions, project_id: int) -> Limits:
    end = None if options.seconds is None else time.monotonic() + options.seconds

    def is_over() -> bool:
        return end is not None and time.monotonic() > end

    return Limits(
        options.settings.import_days,
        options.settings.ledger_days,
        should_pause=is_over,
        after_chunk=_advance_and_give_way(options.redis, project_id, is_over),
    )


def _advance_and_give_way(
    redis: Redis, project_id: int, is_over: Callable[[], bool]
) -> Callable[[], None]:
    next_advance = 0.0

    def after_chunk() -> None:
        nonlocal next_advance
        if time.monotonic() < next_advance:
            return
        data_version.advance(redis, project_id)
        next_advance = time.monotonic() + _ADVANCE_SECONDS
        longest = time.monotonic() + _MAX_PAUSE_SECONDS
        while (
            not is_over()
            and time.monotonic() < longest
            and measure_lag(get_stream()).oldest_seconds > _BEHIND_SECONDS
        ):
            time.sleep(_PAUSE_SECONDS)

    return after_chunk
