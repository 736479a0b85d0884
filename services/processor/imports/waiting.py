"""Work on the imports that wait, one after the other, and let accounts take turns."""

from __future__ import annotations

import logging
import time
from collections import Counter

from redis import Redis
from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from services.processor.imports import store
from services.processor.imports.continuing import RunOptions, continue_import
from services.processor.jobs.progress import Progress
from shared.runtime.database import job_connection
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

_RUN_SECONDS = 60
_TRIES = 6
_LOCK_TIMEOUT_MS = 2_000


def run_waiting(
    settings: Settings, redis: Redis, *, seconds: float, progress: Progress
) -> dict[str, str]:
    """Work on imports until none can go on; return their states by ``project/import``.

    An account with many projects has one turn while each other account has one. An import that
    raises leaves the others their turns; the next run tries it again, while it has attempts left.

    Args:
        settings: of the installation.
        redis: where the versions of projects' data are.
        seconds: after which the rest is left to the next run.
        progress: told about each import.

    Raises:
        Exception: as the first import that failed raised it, after the turns of all others; at
            once: PostgreSQL or Redis is away, or the time of the job is up.
    """
    options = RunOptions(settings, redis, _RUN_SECONDS, _TRIES)
    deadline = time.monotonic() + seconds
    states: dict[str, str] = {}
    turns: Counter[int] = Counter()
    failed: list[Exception] = []
    with job_connection("import") as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{_LOCK_TIMEOUT_MS}",))
        connection.commit()
        store.end_abandoned(connection)
        while time.monotonic() < deadline:
            rest = [
                one
                for one in store.list_open(connection)
                if states.get(f"{one.project_id}/{one.import_id}", "running") == "running"
            ]
            if not rest:
                break
            one = min(rest, key=lambda each: turns[each.account])
            turns[one.account] += 1
            key = f"{one.project_id}/{one.import_id}"
            try:
                states[key] = continue_import(
                    connection, one.project_id, one.import_id, options, progress
                )
            except (RedisError, BaseTimeoutException):
                raise
            except Exception as error:
                if connection.closed:
                    raise
                connection.rollback()
                log.exception("import %s failed; going on with the rest", key)
                states[key] = "interrupted"
                failed.append(error)
    if failed:
        raise failed[0]
    return states
