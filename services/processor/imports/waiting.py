"""Work on the imports that wait, one after the other, and let projects take turns."""

from __future__ import annotations

import time

from redis import Redis

from services.processor.imports import store
from services.processor.imports.run import BUSY, Limits, run
from services.processor.jobs.progress import Progress
from services.processor.monitoring.lag import measure_lag
from shared.runtime import data_version
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_stream
from shared.runtime.settings import Settings

_TURN_SECONDS = 60
_ADVANCE_SECONDS = 2.0
_BEHIND_SECONDS = 2.0
"""While events that clients send wait so long, an import pauses."""
_PAUSE_SECONDS = 0.5
_TRIES = 6
_LOCK_TIMEOUT_MS = 2_000


def run_waiting(
    settings: Settings, redis: Redis, *, seconds: float, progress: Progress
) -> dict[str, str]:
    """Work on imports until none can go on; return their states by ``project/import``.

    Args:
        settings: of the installation.
        redis: where the versions of projects' data are.
        seconds: after which the rest is left to the next run.
        progress: told about each import.
    """
    deadline = time.monotonic() + seconds
    states: dict[str, str] = {}
    with job_connection("import") as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{_LOCK_TIMEOUT_MS}",))
        connection.commit()
        store.cancel_abandoned(connection)
        while time.monotonic() < deadline:
            rest = [
                (project_id, import_id)
                for project_id, import_id in store.list_open(connection)
                if states.get(f"{project_id}/{import_id}", "running") == "running"
            ]
            if not rest:
                break
            project_id, import_id = rest[0]
            limits = limits_of(settings, redis, project_id, seconds=_TURN_SECONDS)
            for _ in range(_TRIES):
                state = run(connection, project_id, import_id, limits, progress)
                if state != BUSY:
                    break
                time.sleep(_PAUSE_SECONDS)  # until a process that was killed has left its lock
            # Answers of the last seconds may lack the chunks since the last advance.
            data_version.advance(redis, project_id)
            states[f"{project_id}/{import_id}"] = state
    return states


def limits_of(
    settings: Settings, redis: Redis, project_id: int, *, seconds: float | None = None
) -> Limits:
    """Return the limits of a run that lasts at most so many seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    next_advance = 0.0

    def after_chunk() -> None:
        nonlocal next_advance
        if time.monotonic() >= next_advance:
            data_version.advance(redis, project_id)
            next_advance = time.monotonic() + _ADVANCE_SECONDS
            while measure_lag(get_stream()).oldest_seconds > _BEHIND_SECONDS:
                time.sleep(_PAUSE_SECONDS)
                if end is not None and time.monotonic() > end:
                    return

    return Limits(
        settings.import_days,
        settings.ledger_days,
        should_pause=lambda: end is not None and time.monotonic() > end,
        after_chunk=after_chunk,
    )
