"""Report the state of the whole installation to its owners: what waits, fails, and fills up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal, TypeVar

from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import RedisError
from rq.registry import FailedJobRegistry, StartedJobRegistry

from services.processor.jobs.attempts import list_failed
from services.processor.monitoring.lag import Lag, list_consumers, measure_lag
from shared.events.outcomes import POLICY_REASONS, Outcome
from shared.responses import Doc, LocalDate, Timestamp
from shared.runtime.disk_space import last_published
from shared.runtime.job_queue import JobQueue, count_workers, job_queue, last_schedule_heartbeat
from shared.runtime.redis_clients import get_answer_cache, get_jobs_redis, get_stream
from shared.runtime.redis_memory import STATE_FULL_SHARE, STREAM_FULL_SHARE, read_memory

_REFUSALS_SINCE = timedelta(hours=24)
_MAX_REFUSALS = 100
_MAX_FAILED_ATTEMPTS = 200
_WORKING_SECONDS = 60.0
"""A processor that has not read from the stream for longer has stopped; it reads every second."""


@dataclass(frozen=True, slots=True)
class ConsumerResponse:
    """A process that stores events."""

    name: str
    pending_entries: Annotated[int, Doc("Requests that it has read and not stored yet.")]
    idle_seconds: Annotated[float, Doc("Since it last asked the stream for requests.")]
    is_working: bool


@dataclass(frozen=True, slots=True)
class StreamResponse:
    """How far storing is behind."""

    waiting_entries: Annotated[int, Doc("Requests that no processor has read yet.")]
    pending_entries: Annotated[int, Doc("Requests that are being stored.")]
    oldest_seconds: Annotated[float, Doc("Age of the oldest request that is not stored; 0: none.")]
    consumers: list[ConsumerResponse]


@dataclass(frozen=True, slots=True)
class QueueResponse:
    """A queue of jobs."""

    queue: Annotated[str, Doc("system, deletions or exports.", example="system")]
    workers: int
    queued: int
    running: int
    failed: int


@dataclass(frozen=True, slots=True)
class FailedAttemptResponse:
    """A part of a job that failed for one project, while the job went on with the others."""

    project_id: int
    project: Annotated[str | None, Doc("Its name; null: it is deleted.")]
    work: Annotated[str, Doc("The kind of job.", example="seal")]
    day: Annotated[LocalDate | None, Doc("Null: the project as a whole.")]
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class DiskResponse:
    """The room that is left on a disk."""

    folder: str
    free_mb: int


@dataclass(frozen=True, slots=True)
class DisksResponse:
    """The disks that events go to."""

    disks: list[DiskResponse]
    min_free_mb: Annotated[int, Doc("With less, no events are accepted.")]
    is_low: bool


@dataclass(frozen=True, slots=True)
class MemoryResponse:
    """The memory of a Redis server."""

    server: Annotated[
        Literal["state", "stream", "cache"], Doc("What it holds: logins and jobs, events, answers.")
    ]
    used_bytes: Annotated[int | None, Doc("Null: the server does not answer.")]
    maximum_bytes: Annotated[int | None, Doc("Null: there is no limit, or it does not answer.")]
    is_full: Annotated[bool, Doc("Close to a limit at which it refuses to write.")]


@dataclass(frozen=True, slots=True)
class RefusalResponse:
    """Events of a project that were not stored in the last 24 hours, for one reason."""

    project_id: int
    project: Annotated[str | None, Doc("Its name; null: it is deleted.")]
    outcome: Annotated[str, Doc("Why they were refused.", example="invalid_name")]
    events: int


@dataclass(frozen=True, slots=True)
class SystemResponse:
    """The state of the installation."""

    measured_at: Timestamp
    stream: Annotated[StreamResponse | None, Doc("Null: the stream does not answer.")]
    queues: list[QueueResponse]
    schedule_seen_at: Annotated[
        Timestamp | None, Doc("When the schedule, which queues jobs, was last alive; null: never.")
    ]
    failed_attempts: list[FailedAttemptResponse]
    disks: Annotated[DisksResponse | None, Doc("Null: no processor has measured lately.")]
    memory: list[MemoryResponse]
    refusals: Annotated[list[RefusalResponse], Doc("The most frequent first.")]
    dead_letters: Annotated[int, Doc("Events that could not be stored, of all projects.")]


def read_system(connection: Connection) -> SystemResponse:
    """Read the state of every part that answers. Commits."""
    now = datetime.now(timezone.utc)
    names = _project_names(connection)
    redis = get_jobs_redis()
    seen_at = last_schedule_heartbeat(redis)
    return SystemResponse(
        measured_at=now.isoformat(timespec="seconds"),
        stream=_if_answered(lambda: _stream(get_stream())),
        queues=[_queue(redis, queue) for queue in JobQueue],
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
        disks=_if_answered(lambda: _disks(get_stream())),
        memory=[
            _memory("state", redis, STATE_FULL_SHARE),
            _memory("stream", get_stream(), STREAM_FULL_SHARE),
            _memory("cache", get_answer_cache(), 1.0),
        ],
        refusals=_refusals(connection, now, names),
        dead_letters=_count_dead_letters(connection),
    )


_Part = TypeVar("_Part")


def _if_answered(read: Callable[[], _Part]) -> _Part | None:
    try:
        return read()
    except (RedisError, OSError):
        return None


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


def _memory(
    server: Literal["state", "stream", "cache"], redis: Redis, full_share: float
) -> MemoryResponse:
    memory = _if_answered(lambda: read_memory(redis))
    if memory is None:
        return MemoryResponse(server, None, None, is_full=False)
    is_full = not memory.evicts and memory.exceeds(full_share)
    return MemoryResponse(server, memory.used, memory.maximum or None, is_full)


def _project_names(connection: Connection) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM projects")
        return dict(cursor.fetchall())


def _refusals(
    connection: Connection, now: datetime, names: dict[int, str]
) -> list[RefusalResponse]:
    accepted = [Outcome.STORED.value, Outcome.DUPLICATE.value]
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
