"""Prometheus metrics of the whole storing side, read from the stream and the tables when asked.

They are the same whichever processor or worker did the work, and outlive all of them. What one
process alone knows (how long its steps take) it exports itself.
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

from services.processor.jobs.states import queued
from services.processor.monitoring.lag import measure
from services.processor.monitoring.step_times import sums
from services.processor.sealing.due import due_days, projects
from services.processor.storing import partitions
from shared.events.buckets import BUCKET_SECONDS
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_cache, get_stream

log = logging.getLogger(__name__)

_REMEMBER_SECONDS = 10.0
_SETTLED = timedelta(hours=2)
_SETTLE_AGAIN_SECONDS = 3600.0


@dataclass(slots=True)
class _Settled:
    """Events by outcome up to a moment, summed once an hour: the table is long."""

    before: datetime
    events: dict[str, int] = field(default_factory=dict)
    summed_at: float = 0.0


class StorageMetrics(Collector):
    """Everything this module knows; what cannot be asked now is missing, and ``up`` says so."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answer: list[Metric] = []
        self._asked_at = float("-inf")
        self._settled: _Settled | None = None

    def collect(self) -> Iterable[Metric]:
        """The metrics, at most ten seconds old."""
        with self._lock:
            if time.monotonic() - self._asked_at > _REMEMBER_SECONDS:
                self._answer = list(self._ask())
                self._asked_at = time.monotonic()
            return self._answer

    def _ask(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "tidemark_up", "Whether what the metrics are read from answers.", labels=["part"]
        )
        for part, ask in (
            ("stream", lambda: _stream_metrics(get_stream())),
            ("clocks", self._clock_metrics),
            ("steps", lambda: _step_metrics(get_cache())),
            ("jobs", lambda: _job_metrics(get_cache())),
            ("postgresql", self._table_metrics),
        ):
            found = _or_nothing(part, ask)
            up.add_metric([part], float(found is not None))
            yield from found or []
        yield up

    def _clock_metrics(self) -> list[Metric]:
        family = GaugeMetricFamily(
            "tidemark_clock_offset_seconds",
            "By how much a server's clock is ahead of this process's.",
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
            ]

    def _outcomes(self, connection: Connection, now: datetime) -> Metric:
        settled = self._settled
        if settled is None or time.monotonic() - settled.summed_at > _SETTLE_AGAIN_SECONDS:
            settled = self._settled = _settle(connection, now)
        totals = dict(settled.events)
        for outcome, events in _events_since(connection, settled.before).items():
            totals[outcome] = totals.get(outcome, 0) + events
        family = CounterMetricFamily(
            "tidemark_events",
            "Received events by what became of them: stored, duplicate, dead_lettered, or the "
            "reason they were dropped for. Their sum is what was received.",
            labels=["outcome"],
        )
        for outcome, events in sorted(totals.items()):
            family.add_metric([outcome], float(events))
        return family


def _or_nothing(part: str, ask: Callable[[], list[Metric]]) -> list[Metric] | None:
    try:
        return ask()
    except (psycopg2.Error, RedisError) as error:
        log.warning("no metrics of %s: %s", part, error)
        return None


def _stream_metrics(stream: Redis) -> list[Metric]:
    lag = measure(stream)
    return [
        _gauge("stream_waiting_requests", "Requests no processor has read.", lag.waiting_entries),
        _gauge(
            "stream_pending_requests",
            "Requests that were read and are not committed.",
            lag.pending_entries,
        ),
        _gauge(
            "lag_seconds", "Age of the oldest request that is not committed.", lag.oldest_seconds
        ),
        _gauge("processors", "Processors in the consumer group.", lag.consumers),
    ]


def _step_metrics(redis: Redis) -> list[Metric]:
    batches, seconds = sums(redis)
    steps = CounterMetricFamily(
        "tidemark_batch_step_seconds", "Time that batches took, by step.", labels=["step"]
    )
    for step, value in seconds.items():
        steps.add_metric([step], value)
    return [CounterMetricFamily("tidemark_batches", "Batches stored.", value=batches), steps]


def _job_metrics(redis: Redis) -> list[Metric]:
    found = queued(redis)
    jobs = GaugeMetricFamily("tidemark_jobs", "Jobs by status.", labels=["status"])
    for status in ("started", "queued", "failed"):
        jobs.add_metric([status], sum(job.status == status for job in found.jobs))
    return [jobs, _gauge("job_workers", "Processes that run jobs.", found.workers)]


def _settle(connection: Connection, now: datetime) -> _Settled:
    seconds = int((now - _SETTLED).timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS
    settled = _Settled(datetime.fromtimestamp(seconds, timezone.utc), summed_at=time.monotonic())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, sum(events) FROM intake_counts WHERE bucket < %s GROUP BY outcome",
            (settled.before,),
        )
        settled.events = {outcome: int(events) for outcome, events in cursor.fetchall()}
    connection.commit()
    return settled


def _events_since(connection: Connection, start: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        # Project by project, for that is how the table is indexed.
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
        _gauge("unsealed_days", "Closed days whose seal does not hold, dirty ones too.", len(due)),
        _gauge(
            "dirty_days",
            "Sealed days that late events have voided.",
            sum(day.was_sealed for day in due),
        ),
        _gauge(
            "seal_age_seconds",
            "For how long a closed day has been without a seal that holds, at most; 0: none is.",
            (now - oldest).total_seconds(),
        ),
    ]


def _partition_metrics(connection: Connection, now: datetime) -> list[Metric]:
    days = partitions.existing(connection)
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
        _gauge("dead_letters", "Refused events that wait for a decision.", letters),
        _gauge("spooled_requests", "Requests held in PostgreSQL for the stream.", spooled),
    ]


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tidemark_{name}", meaning, value=value)
