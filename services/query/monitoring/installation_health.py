"""Report the health of the whole installation, from a reading that a background thread repeats.

Requests for health only read the last result, so they never wait for a service, and however many
there are they take no thread or connection from queries.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cache
from typing import Annotated, Literal

import requests
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from shared.auth.internal_token import HEADER, internal_token
from shared.errors import Unavailable
from shared.models import FailedAttempt
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope
from shared.runtime.disk_space import last_published
from shared.runtime.job_queue import (
    is_schedule_silent,
    last_schedule_heartbeat,
    queues_without_worker,
)
from shared.runtime.redis_clients import get_answer_cache, get_state_redis, get_stream
from shared.runtime.redis_memory import STATE_FULL_SHARE, STREAM_FULL_SHARE, read_memory
from shared.runtime.settings import Settings
from shared.runtime.supervision import RUNNING, process_states
from shared.web.readiness import postgresql

log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = (1.0, 3.0)
_OK = "ok"
_INTERVAL_SECONDS = 5.0
_INTERVAL_WHILE_DEGRADED_SECONDS = 1.0
_FIRST_READING_SECONDS = 8.0
_OLD_READING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class HealthResponse:
    """Whether the installation works, part by part."""

    status: Literal["ok", "degraded"]
    checked_at: Annotated[Timestamp, Doc("When the parts were looked at, at most seconds ago.")]
    services: Annotated[
        dict[str, str], Doc("By service: ok, or why it is unavailable.", example={"auth": "ok"})
    ]
    dependencies: Annotated[
        dict[str, str],
        Doc(
            "postgresql, redis (logins, limits, jobs), stream_redis, cache_redis, worker (runs "
            "jobs), schedule (queues them) and disk (room for events): ok, or what is wrong.",
            example={"postgresql": "ok"},
        ),
    ]
    processes: Annotated[
        dict[str, str],
        Doc(
            "Under make run, by process: running, or what is wrong with one that does not stay up. "
            "Empty where a container engine restarts processes.",
            example={"worker": "running"},
        ),
    ]
    stream: Annotated[
        dict[str, float],
        Doc("How far storing is behind; empty: unknown.", example={"waiting_entries": 0}),
    ]
    failing_projects: Annotated[
        dict[str, int],
        Doc(
            "By kind of job: number of projects of which it could not do a part. Other projects "
            "are not affected, so the status is not either. tidemark doctor names them.",
            example={"seal": 1},
        ),
    ] = field(default_factory=dict)


class HealthMonitor:
    """Reads the health of the installation in the background, and gives the last reading."""

    def __init__(self, read: Callable[[], HealthResponse]) -> None:
        self._read = read
        self._last: HealthResponse | None = None
        self._read_at = 0.0
        self._first_done = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def report(self) -> HealthResponse:
        """Return the last reading; the first call waits for the first one."""
        with self._starting:
            # Not before the first call: a thread would not survive gunicorn's fork.
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="health", daemon=True)
                self._thread.start()
        self._first_done.wait(_FIRST_READING_SECONDS)
        last, age = self._last, time.monotonic() - self._read_at
        if last is None:
            return HealthResponse("degraded", _now(), {}, {}, {}, {})
        if age > _OLD_READING_SECONDS:
            # A part that does not answer at all holds the reading up.
            return replace(last, status="degraded")
        return last

    def _run(self) -> None:
        while True:
            try:
                self._last, self._read_at = self._read(), time.monotonic()
            except Exception:  # the thread must outlive whatever one reading meets
                log.exception("the health of the installation could not be read")
                self._last = HealthResponse("degraded", _now(), {}, {}, {}, {})
                self._read_at = time.monotonic()
            self._first_done.set()
            is_ok = self._last.status == _OK
            time.sleep(_INTERVAL_SECONDS if is_ok else _INTERVAL_WHILE_DEGRADED_SECONDS)


@cache
def health_monitor(settings: Settings) -> HealthMonitor:
    """Return the monitor of this process."""
    return HealthMonitor(lambda: installation_health(settings))


def installation_health(settings: Settings) -> HealthResponse:
    """Read the state of every service, dependency and process, and the lag of storing.

    The query service is ready when its own dependencies are: asking itself over HTTP would cost a
    thread of its own.
    """
    urls = {
        "auth": settings.auth_url,
        "ingest": settings.ingest_url,
        "processor": settings.processor_url,
        "flags": settings.flags_url,
        "live": settings.live_url,
    }
    checks: dict[str, Callable[[], str]] = {
        "postgresql": lambda: _answers(postgresql),
        "redis": lambda: _redis_state(get_state_redis(), STATE_FULL_SHARE),
        "stream_redis": lambda: _redis_state(get_stream(), STREAM_FULL_SHARE),
        "cache_redis": lambda: _answers(get_answer_cache().ping),
        "worker": _worker_state,
        "schedule": _schedule_state,
        "disk": _disk_state,
    }
    with ThreadPoolExecutor(len(urls) + len(checks) + 2) as pool:
        failing = pool.submit(_failing_projects)
        stream = pool.submit(_lag, settings.processor_url, settings.secret_key)
        ready = {name: pool.submit(_readiness, url) for name, url in urls.items()}
        found = {name: pool.submit(check) for name, check in checks.items()}
    dependencies = {name: state.result() for name, state in found.items()}
    services = {name: state.result() for name, state in ready.items()}
    failed = [
        name for name in ("postgresql", "redis") if dependencies[name].startswith("unavailable")
    ]
    services["query"] = f"unavailable: {', '.join(failed)}" if failed else _OK
    processes = process_states(settings.supervision_file)
    healthy = (
        {*services.values(), *dependencies.values()} == {_OK}
        and set(processes.values()) <= {RUNNING}
    )  # fmt: skip
    return HealthResponse(
        "ok" if healthy else "degraded",
        _now(),
        services,
        dependencies,
        processes,
        stream.result(),
        failing.result(),
    )


def _failing_projects() -> dict[str, int]:
    try:
        with session_scope() as session:
            found = session.execute(
                select(FailedAttempt.work, func.count(FailedAttempt.project_id.distinct()))
                .where(FailedAttempt.failed_at.is_not(None))
                .group_by(FailedAttempt.work)
            )
            return {str(work): int(projects) for work, projects in found}
    except (SQLAlchemyError, Unavailable):
        return {}


def _redis_state(redis: Redis, full_share: float) -> str:
    """Return whether a server answers and has memory left; until it is full it still works."""

    def state() -> str:
        memory = read_memory(redis)
        if not memory.exceeds(full_share):
            return _OK
        percent = 100 * memory.used // memory.maximum
        return f"full: {percent} % of its memory is used"

    try:
        return state()
    except (RedisError, OSError) as error:
        return f"unavailable: {type(error).__name__}"


def _answers(check: Callable[[], object]) -> str:
    try:
        check()
    except (SQLAlchemyError, RedisError, OSError) as error:
        return f"unavailable: {type(error).__name__}"
    return _OK


def _worker_state() -> str:
    def state() -> str:
        missing = queues_without_worker(get_state_redis())
        return f"no worker runs the jobs of: {', '.join(missing)}" if missing else _OK

    return _answered(state)


def _schedule_state() -> str:
    def state() -> str:
        beat = last_schedule_heartbeat(get_state_redis())
        if beat is None:
            return "no schedule runs"
        now = datetime.now(timezone.utc)
        if is_schedule_silent(beat, now):
            return f"silent for {round((now - beat).total_seconds())} s"
        return _OK

    return _answered(state)


def _disk_state() -> str:
    """Return the state of the disks; ok if no measurement exists (servers on other machines)."""

    def state() -> str:
        space = last_published(get_stream())
        if space is None or not space.is_low:
            return _OK
        return f"low: {space.amount}; events are refused until there is more room"

    return _answered(state)


def _answered(state: Callable[[], str]) -> str:
    try:
        return state()
    except (RedisError, OSError) as error:
        return f"unknown: {type(error).__name__}"


def _readiness(url: str) -> str:
    try:
        answer = requests.get(f"{url.rstrip('/')}/readyz", timeout=_TIMEOUT_SECONDS)
        if answer.status_code == 200:
            return _OK
        checks = answer.json().get("checks", {})
        failed = sorted(name for name, state in checks.items() if state != _OK)
        return "unavailable: " + (", ".join(failed) or f"status {answer.status_code}")
    except (requests.RequestException, ValueError):
        return "unavailable: no answer"


def _lag(url: str, secret_key: str) -> dict[str, float]:
    try:
        answer = requests.get(
            f"{url.rstrip('/')}/internal/lag",
            headers={HEADER: internal_token(secret_key)},
            timeout=_TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        lag: dict[str, float] = answer.json()
        return lag
    except (requests.RequestException, ValueError):
        return {}


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
