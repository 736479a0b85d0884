"""Export Prometheus metrics of the whole storing side, read from the stream and the tables.

They do not depend on which processor or worker did the work, and survive restarts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import psycopg2
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import RedisError

from services.processor.jobs.attempts import Work, list_failed
from services.processor.jobs.states import queue_state
from services.processor.monitoring.lag import measure_lag
from services.processor.monitoring.message_metrics import count_metrics, message_metrics
from services.processor.monitoring.step_times import sums
from services.processor.sealing.due import due_days, projects
from services.processor.storing import partitions
from shared.events.buckets import BUCKET_SECONDS
from shared.runtime.database import job_connection
from shared.runtime.disk_space import last_published
from shared.runtime.redis_clients import get_answer_cache, get_state_redis, get_stream
from shared.runtime.redis_memory import read_memory

log = logging.getLogger(__name__)

_CACHE_SECONDS = 10.0
_CLOSED_AFTER = timedelta(hours=2)
_SUM_AGAIN_SECONDS = 3600.0


@dataclass(slots=True)
class _ClosedTotals:
    """Events by outcome before a time, summed once an hour, since the table is long."""

    before: datetime
    events: dict[str, int] = field(default_factory=dict)
    summed_at: float = 0.0


class StorageMetrics(Collector):
    """Collects all metrics but those of an unavailable server; then ``tidemark_up`` is 0."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answer: list[Metric] = []
        self._read_at = float("-inf")
        self._closed: _ClosedTotals | None = None

    def collect(self) -> Iterable[Metric]:
        """Return the metrics, at most ten seconds old."""
        with self._lock:
            if time.monotonic() - self._read_at > _CACHE_SECONDS:
                self._answer = list(self._read())
                self._read_at = time.monotonic()
            return self._answer

    def _read(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "tidemark_up",
            "Whether the source of these metrics answers (1) or not (0).",
            labels=["part"],
        )
        for part, ask in (
            ("stream", lambda: _stream_metrics(get_stream())),
            ("clocks", self._clock_metrics),
            ("redis_memory", _memory_metrics),
            ("steps", lambda: _step_metrics(get_state_redis())),
            ("jobs", lambda: _job_metrics(get_state_redis())),
            ("messages", lambda: count_metrics(get_state_redis())),
            ("postgresql", self._table_metrics),
        ):
            found = _none_when_away(part, ask)
            up.add_metric([part], float(found is not None))
            yield from found or []
        yield up

    def _clock_metrics(self) -> list[Metric]:
        family = GaugeMetricFamily(
            "tidemark_clock_offset_seconds",
            "How far a server's clock is ahead of this process's clock.",
            labels=["server"],
        )
        with job_connection("metrics") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
            (database,) = cursor.fetchone() or (0.0,)
            family.add_metric(["postgresql"], database - self._clock())
            connection.commit()
        seconds, microseconds = get_stream().time()
        family.add_metric(["stream"], seconds + microseconds / 1e6 - self._clock())
        return [family]

    def _table_metrics(self) -> list[Metric]:
        now = datetime.now(timezone.utc)
        with job_connection("metrics") as connection:
            return [
                self._outcomes(connection, now),
                *_seal_metrics(connection, now),
                *_partition_metrics(connection, now),
                *_row_metrics(connection),
                *message_metrics(connection, now),
                _failure_metrics(connection),
            ]

    def _outcomes(self, connection: Connection, now: datetime) -> Metric:
        closed = self._closed
        if closed is None or time.monotonic() - closed.summed_at > _SUM_AGAIN_SECONDS:
            closed = self._closed = _sum_closed(connection, now)
        totals = dict(closed.events)
        for outcome, events in _events_since(connection, closed.before).items():
            totals[outcome] = totals.get(outcome, 0) + events
        family = CounterMetricFamily(
            "tidemark_events",
            "Received events by outcome: stored, duplicate, dead_lettered, person_deleted, or the "
            "reason for dropping. Their sum is the number of events received.",
            labels=["outcome"],
        )
        for outcome, events in sorted(totals.items()):
            family.add_metric([outcome], float(events))
        return family


def _none_when_away(part: str, ask: Callable[[], list[Metric]]) -> list[Metric] | None:
    try:
        return ask()
    except (psycopg2.Error, RedisError) as error:
        log.warning("cannot read the metrics of %s: %s", part, error)
        return None


def _stream_metrics(stream: Redis) -> list[Metric]:
    lag = measure_lag(stream)
    return [
        *_disk_metrics(stream),
        _gauge("stream_waiting_requests", "Requests not read by a processor.", lag.waiting_entries),
        _gauge(
            "stream_pending_requests",
            "Requests that were read and are not committed yet.",
            lag.pending_entries,
        ),
        _gauge(
            "lag_seconds", "Age of the oldest request that is not committed.", lag.oldest_seconds
        ),
        _gauge("processors", "Processors in the consumer group.", lag.consumers),
    ]


def _disk_metrics(stream: Redis) -> list[Metric]:
    space = last_published(stream)
    if space is None:
        return []
    free = GaugeMetricFamily(
        "tidemark_disk_free_bytes", "Free space where events are stored.", labels=["folder"]
    )
    for disk in space.disks:
        free.add_metric([disk.folder], disk.free_mb * 1_000_000)
    return [
        free,
        _gauge("disk_is_low", "Whether events are refused for lack of space (1).", space.is_low),
    ]


def _memory_metrics() -> list[Metric]:
    used = GaugeMetricFamily(
        "tidemark_redis_memory_bytes", "Memory that a Redis uses.", labels=["server"]
    )
    most = GaugeMetricFamily(
        "tidemark_redis_max_memory_bytes",
        "Memory that a Redis may use; 0: there is no limit.",
        labels=["server"],
    )
    servers = (
        ("state", get_state_redis()),
        ("stream", get_stream()),
        ("cache", get_answer_cache()),
    )
    for server, redis in servers:
        memory = read_memory(redis)
        used.add_metric([server], memory.used)
        most.add_metric([server], memory.maximum)
    return [used, most]


def _step_metrics(redis: Redis) -> list[Metric]:
    batches, seconds = sums(redis)
    steps = CounterMetricFamily(
        "tidemark_batch_step_seconds", "Time spent on batches, by step.", labels=["step"]
    )
    for step, value in seconds.items():
        steps.add_metric([step], value)
    return [CounterMetricFamily("tidemark_batches", "Stored batches.", value=batches), steps]


def _job_metrics(redis: Redis) -> list[Metric]:
    found = queue_state(redis)
    jobs = GaugeMetricFamily(
        "tidemark_jobs", "Jobs by queue and status.", labels=["queue", "status"]
    )
    workers = GaugeMetricFamily(
        "tidemark_job_workers", "Worker processes that run jobs, by queue.", labels=["queue"]
    )
    for queue, running in found.workers.items():
        workers.add_metric([queue], running)
        for status in ("started", "queued", "failed"):
            jobs.add_metric(
                [queue, status],
                sum(job.queue == queue and job.status == status for job in found.jobs),
            )
    return [jobs, workers]


def _sum_closed(connection: Connection, now: datetime) -> _ClosedTotals:
    seconds = int((now - _CLOSED_AFTER).timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS
    closed = _ClosedTotals(
        datetime.fromtimestamp(seconds, timezone.utc), summed_at=time.monotonic()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, sum(events) FROM intake_counts WHERE bucket < %s GROUP BY outcome",
            (closed.before,),
        )
        closed.events = {outcome: int(events) for outcome, events in cursor.fetchall()}
    connection.commit()
    return closed


def _events_since(connection: Connection, start: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        # Project by project, as the table is indexed.
        cursor.execute(
            "SELECT c.outcome, sum(c.events) FROM projects p CROSS JOIN LATERAL ("
            " SELECT outcome, events FROM intake_counts WHERE project_id = p.id AND bucket >= %s"
            ") c GROUP BY c.outcome",
            (start,),
        )
        found = {outcome: int(events) for outcome, events in cursor.fetchall()}
    connection.commit()
    return found


def _seal_metrics(connection: Connection, now: datetime) -> list[Metric]:
    with connection.cursor() as cursor:
        due = [day for project in projects(cursor) for day in due_days(cursor, project, now)]
    connection.commit()
    oldest = min((day.since for day in due), default=now)
    return [
        _gauge("unsealed_days", "Closed days that are not sealed, or are dirty.", len(due)),
        _gauge(
            "dirty_days",
            "Sealed days that late events have made dirty.",
            sum(day.was_sealed for day in due),
        ),
        _gauge(
            "seal_age_seconds",
            "Longest time that a closed day has been unsealed or dirty; 0 when there is none.",
            (now - oldest).total_seconds(),
        ),
    ]


def _partition_metrics(connection: Connection, now: datetime) -> list[Metric]:
    days = partitions.list_days(connection)
    ahead = (days[-1] - now.date()).days if days else 0
    return [
        _gauge("partitions", "Day partitions of events.", len(days)),
        _gauge("partition_days_ahead", "Days after today that have a partition.", ahead),
    ]


def _row_metrics(connection: Connection) -> list[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM rollup_drifts WHERE repaired_at IS NULL), "
            "(SELECT count(*) FROM dead_letters), (SELECT count(*) FROM spool)"
        )
        drifts, letters, spooled = cursor.fetchone() or (0, 0, 0)
    connection.commit()
    return [
        _gauge("rollup_drifts", "Counts that differ from the stored events.", drifts),
        _gauge("dead_letters", "Refused events that wait for a replay.", letters),
        _gauge("spooled_requests", "Requests held in PostgreSQL for the stream.", spooled),
    ]


def _failure_metrics(connection: Connection) -> Metric:
    family = GaugeMetricFamily(
        "tidemark_failing_projects",
        "Projects of which a part failed the last time the job tried it, by kind of work.",
        labels=["work"],
    )
    projects_by_work: dict[str, set[int]] = {work.value: set() for work in Work}
    for one in list_failed(connection):
        projects_by_work.setdefault(one.work, set()).add(one.project_id)
    for work, project_ids in projects_by_work.items():
        family.add_metric([work], len(project_ids))
    return family


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tidemark_{name}", meaning, value=value)
