"""Report the state of the whole installation to its owners: what waits, fails, and fills up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import RedisError
from rq.registry import FailedJobRegistry, StartedJobRegistry

from services.processor.jobs.attempts import list_failed
from services.processor.monitoring.deliveries import read_deliveries
from services.processor.monitoring.lag import Lag, list_consumers, measure_lag
from services.processor.monitoring.project_names import project_names
from services.processor.monitoring.system_problems import find_problems
from services.processor.monitoring.system_state import (
    ConsumerResponse,
    DiskResponse,
    DisksResponse,
    FailedAttemptResponse,
    MemoryResponse,
    QueueResponse,
    RedisServer,
    RefusalResponse,
    StreamResponse,
    SystemResponse,
)
from shared.events.outcomes import POLICY_REASONS, Outcome
from shared.runtime.disk_space import last_published
from shared.runtime.job_queue import (
    JobQueue,
    count_workers,
    is_schedule_silent,
    job_queue,
    last_schedule_heartbeat,
)
from shared.runtime.redis_clients import get_answer_cache, get_jobs_redis, get_stream
from shared.runtime.redis_memory import STATE_FULL_SHARE, STREAM_FULL_SHARE, read_memory

_REFUSALS_SINCE = timedelta(hours=24)
_MAX_REFUSALS = 100
_MAX_FAILED_ATTEMPTS = 200
_WORKING_SECONDS = 60.0
"""A processor that has not read from the stream for longer has stopped; it reads every second."""

_Part = TypeVar("_Part")


class _RedisServers:
    """The servers, and which of them has not answered: it is not asked, and waited for, again."""

    def __init__(self) -> None:
        self.unreachable: list[RedisServer] = []
        self._clients: dict[RedisServer, Redis] = {
            "state": get_jobs_redis(),
            "stream": get_stream(),
            "cache": get_answer_cache(),
        }

    def ask(self, server: RedisServer, read: Callable[[Redis], _Part]) -> _Part | None:
        """Return what is read from a server; None: it does not answer."""
        if server in self.unreachable:
            return None
        try:
            return read(self._clients[server])
        except (RedisError, OSError):
            self.unreachable.append(server)
            return None


def read_system(connection: Connection) -> SystemResponse:
    """Read the state of every part that answers. Commits."""
    now = datetime.now(timezone.utc)
    names = project_names(connection)
    servers = _RedisServers()
    queues = servers.ask("state", lambda redis: [_queue(redis, queue) for queue in JobQueue])
    seen_at = servers.ask("state", last_schedule_heartbeat)
    answer = SystemResponse(
        measured_at=now.isoformat(timespec="seconds"),
        unreachable=servers.unreachable,
        problems=[],
        stream=servers.ask("stream", _stream),
        queues=queues,
        schedule_seen_at=seen_at.isoformat(timespec="seconds") if seen_at else None,
        failed_attempts=[
            FailedAttemptResponse(
                project_id=one.project_id,
                project=names.get(one.project_id),
                work=one.work,
                day=one.day.isoformat() if one.day else None,
                attempts=one.attempts,
                error=one.error,
            )
            for one in list_failed(connection)[:_MAX_FAILED_ATTEMPTS]
        ],
        disks=servers.ask("stream", _disks),
        memory=[
            _memory(servers, "state", STATE_FULL_SHARE),
            _memory(servers, "stream", STREAM_FULL_SHARE),
            _memory(servers, "cache", 1.0),
        ],
        refusals=_refusals(connection, now, names),
        dead_letters=_count_dead_letters(connection),
    )
    is_silent = is_schedule_silent(seen_at, now)
    found = find_problems(answer, read_deliveries(connection), is_silent=is_silent)
    return replace(answer, problems=found)


def _stream(redis: Redis) -> StreamResponse:
    lag: Lag = measure_lag(redis)
    return StreamResponse(
        lag.waiting_entries,
        lag.pending_entries,
        lag.oldest_seconds,
        [
            ConsumerResponse(
                one.name,
                one.pending_entries,
                one.idle_seconds,
                is_working=one.idle_seconds < _WORKING_SECONDS,
            )
            for one in list_consumers(redis)
            # One that ended with everything stored is of no interest until it is removed.
            if one.pending_entries or one.idle_seconds < _WORKING_SECONDS
        ],
    )


def _queue(redis: Redis, name: JobQueue) -> QueueResponse:
    queue = job_queue(redis, name)
    return QueueResponse(
        queue=name.label,
        workers=count_workers(redis, name),
        queued=queue.count,
        running=len(StartedJobRegistry(queue=queue).get_job_ids(cleanup=False)),
        failed=len(FailedJobRegistry(queue=queue).get_job_ids(cleanup=False)),
    )


def _disks(redis: Redis) -> DisksResponse | None:
    space = last_published(redis)
    if space is None:
        return None
    disks = [DiskResponse(disk.folder, disk.free_mb) for disk in space.disks]
    return DisksResponse(disks, space.min_free_mb, space.is_low)


def _memory(servers: _RedisServers, server: RedisServer, full_share: float) -> MemoryResponse:
    memory = servers.ask(server, read_memory)
    if memory is None:
        return MemoryResponse(server, None, None, is_full=False)
    is_full = not memory.evicts and memory.exceeds(full_share)
    return MemoryResponse(server, memory.used, memory.maximum or None, is_full)


def _refusals(
    connection: Connection, now: datetime, names: dict[int, str]
) -> list[RefusalResponse]:
    accepted = [Outcome.STORED.value, Outcome.CRAWLER.value, Outcome.DUPLICATE.value]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, outcome, sum(events)::bigint AS refused FROM intake_counts "
            "WHERE bucket > %s AND outcome <> ALL (%s) GROUP BY project_id, outcome "
            "HAVING sum(events) > 0 ORDER BY refused DESC, project_id, outcome LIMIT %s",
            (
                now - _REFUSALS_SINCE,
                # What the settings of a project leave out is no mistake.
                [*accepted, *(reason.value for reason in POLICY_REASONS)],
                _MAX_REFUSALS,
            ),
        )
        found = [
            RefusalResponse(project_id, names.get(project_id), outcome, events)
            for project_id, outcome, events in cursor
        ]
    connection.commit()
    return found


def _count_dead_letters(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dead_letters")
        (dead_letters,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(dead_letters)
