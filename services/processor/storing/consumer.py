"""The consuming process: read, store, acknowledge, publish, until told to stop."""

from __future__ import annotations

import logging
import signal
import time
from types import FrameType

import psycopg2
from psycopg2.extensions import connection as Connection
from redis.exceptions import RedisError

from services.processor.monitoring.step_times import StepTimes
from services.processor.storing import crash_points, outcome_counts, spool
from services.processor.storing.pipeline import Pipeline, Result, bury_undecodable
from services.processor.storing.publication import LivePublisher
from services.processor.storing.rows import flatten
from services.processor.storing.stream_reader import Entry, StreamReader
from shared.runtime import database
from shared.runtime.redis_clients import connect, get_cache
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS = 5.0
_DRAIN_EVERY_SECONDS = 1.0


class Consumer:
    """One processor. Any number may run; each holds one database connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Longer than the longest blocking read.
        redis = connect(settings.stream_redis_url, timeout_seconds=10)
        self._reader = StreamReader(
            redis,
            batch_events=settings.processor_batch_events,
            wait_ms=settings.processor_batch_wait_ms,
            reclaim_ms=settings.processor_reclaim_idle_ms,
            partitions=settings.stream_partitions,
        )
        self._publisher = LivePublisher(get_cache(), settings.live_events_per_second)
        self._times = StepTimes()
        self._pipeline = Pipeline(self._times)
        self._connection: Connection | None = None
        self._stopping = False
        self._next_drain = 0.0

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; the batch in hand is finished first."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        log.info("processor %s consumes", self._reader.name)
        pause = 0.1
        grouped = False
        while not self._stopping:
            self._drain_spool_if_due()
            try:
                if not grouped:
                    self._reader.ensure_group()
                    grouped = True
                entries = self._reader.read()
                if entries:
                    self._process(entries)
                pause = 0.1
            except RedisError as error:
                # Also when the group was lost with the stream: it is made again before reading.
                log.warning("the stream is away: %s", error)
                grouped = False
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        self._leave()

    def _process(self, entries: list[Entry]) -> None:
        """Store the entries, however often PostgreSQL has to be asked; then acknowledge them."""
        result = self._store_with_patience(entries)
        if result is None:
            return
        crash_points.reach(crash_points.BETWEEN_COMMIT_AND_ACK)
        self._reader.acknowledge(entries)
        self._publisher.publish(result.stored)
        self._times.end_batch(get_cache())
        log.debug(
            "stored %d, known %d, dead %d",
            len(result.stored),
            len(result.known),
            result.dead,
        )

    def _drain_spool_if_due(self) -> None:
        """Store what ingest held in PostgreSQL, also while the stream is still away."""
        if time.monotonic() < self._next_drain:
            return
        self._next_drain = time.monotonic() + _DRAIN_EVERY_SECONDS
        try:
            with spool.drainer(self._connect()) as is_mine:
                while is_mine and not self._stopping and (found := spool.read(self._connect())):
                    result = self._store([entry for _, entry in found])
                    spool.remove(self._connect(), [key for key, _ in found])
                    log.warning("stored %d requests that waited in PostgreSQL", len(found))
                    self._publisher.publish(result.stored)
        except psycopg2.Error as error:
            log.warning("the spool was not drained, trying again: %s", error)
            self._drop_connection()

    def _store_with_patience(self, entries: list[Entry]) -> Result | None:
        """None: told to stop before PostgreSQL was back; the entries stay pending."""
        pause = 0.1
        while True:
            try:
                return self._store(entries)
            except psycopg2.Error as error:
                # A commit whose answer was lost may have happened: the ledger sorts that out.
                log.warning("PostgreSQL did not take the batch, trying again: %s", error)
                self._drop_connection()
                if self._stopping:
                    return None
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _store(self, entries: list[Entry]) -> Result:
        connection = self._connect()
        for entry in entries:
            if entry.error is not None:
                bury_undecodable(connection, entry.entry_id, entry.raw, entry.error)
        batches = [entry.batch for entry in entries if entry.batch is not None]
        result = self._pipeline.store(connection, list(flatten(batches)))
        outcome_counts.record(connection, batches, result.known)
        return result

    def _connect(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = database.connect(
                self._settings.database_url, "processor", options="-c synchronous_commit=on"
            )
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _leave(self) -> None:
        try:
            self._reader.leave()
        except RedisError as error:
            log.warning("could not leave the group: %s", error)
        self._drop_connection()
        log.info("processor %s stopped", self._reader.name)
