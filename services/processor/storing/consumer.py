"""Run the consuming process: read, store, acknowledge, publish, until SIGTERM."""

from __future__ import annotations

import gc
import logging
import signal
import time
from types import FrameType

import psycopg2
from psycopg2.extensions import connection as Connection
from redis.exceptions import RedisError

from services.processor.monitoring.step_times import StepTimes
from services.processor.storing import crash_points, isolation, outcome_counts, spool
from services.processor.storing.failures import is_passing
from services.processor.storing.pipeline import Pipeline, Result, dead_letter_undecodable
from services.processor.storing.publication import LivePublisher
from services.processor.storing.rows import flatten
from services.processor.storing.stream_reader import Entry, StreamReader
from shared.runtime import database
from shared.runtime.redis_clients import connect, get_cache
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

_MAX_PAUSE_SECONDS = 5.0
_DRAIN_EVERY_SECONDS = 1.0
_MAX_DELIVERIES = 3
"""An entry that is delivered so often has ended its consumers: it is stored in isolation."""


class Consumer:
    """Consume the stream. Any number of processes may; each holds one database connection."""

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
        """Work until SIGTERM or SIGINT; the current batch is finished first."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        log.info("processor %s started", self._reader.name)
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
                # If the group was lost with the stream, it is created again before reading.
                log.warning("the stream does not answer: %s", error)
                grouped = False
                time.sleep(pause)
                pause = min(pause * 2, _MAX_PAUSE_SECONDS)
            except Exception:
                # What was read stays pending, and is taken over after a while.
                log.exception("could not process what was read")
                self._start_afresh()
                self._reader.read_less()
                time.sleep(pause)
                pause = min(pause * 2, _MAX_PAUSE_SECONDS)
        self._shut_down()

    def _process(self, entries: list[Entry]) -> None:
        """Store the entries, retrying until PostgreSQL takes them; then acknowledge them."""
        result = self._store_with_retries(entries)
        if result is None:
            return
        crash_points.reach(crash_points.BETWEEN_COMMIT_AND_ACK)
        self._reader.acknowledge(entries)
        self._publisher.publish(result.stored)
        self._times.end_batch(get_cache())
        log.debug(
            "stored %d, repeated %d, dead-lettered %d",
            len(result.stored),
            len(result.repeated),
            result.dead_letters,
        )

    def _drain_spool_if_due(self) -> None:
        """Store what ingest held in PostgreSQL, also while the stream is still away."""
        if time.monotonic() < self._next_drain:
            return
        self._next_drain = time.monotonic() + _DRAIN_EVERY_SECONDS
        try:
            with spool.drain_lock(self._connect()) as held:
                while held and not self._stopping and (found := spool.read(self._connect())):
                    result = self._store_whatever_fails([entry for _, entry in found])
                    spool.remove(self._connect(), [key for key, _ in found])
                    log.warning("stored %d requests from the spool", len(found))
                    self._publisher.publish(result.stored)
        except psycopg2.Error as error:
            log.warning("could not drain the spool, retrying: %s", error)
            self._drop_connection()
        except Exception:
            log.exception("could not drain the spool, retrying")
            self._start_afresh()

    def _store_with_retries(self, entries: list[Entry]) -> Result | None:
        """Return None when stopped before PostgreSQL is back: the entries stay pending."""
        pause = 0.1
        while True:
            try:
                return self._store_whatever_fails(entries)
            except psycopg2.Error as error:
                # A commit without an answer may have happened: the ledger then knows the events.
                log.warning("could not store the batch, retrying: %s", error)
                self._drop_connection()
                if self._stopping:
                    return None
                time.sleep(pause)
                pause = min(pause * 2, _MAX_PAUSE_SECONDS)

    def _store_whatever_fails(self, entries: list[Entry]) -> Result:
        """Store entries; those at fault are found, and stored in isolation after the others.

        Raises:
            psycopg2.Error: the failure will pass; retrying loses nothing.
        """
        result = Result()
        suspects = [entry for entry in entries if entry.deliveries >= _MAX_DELIVERIES]
        others = [entry for entry in entries if entry.deliveries < _MAX_DELIVERIES]
        if others:
            suspects += self._store_or_halve(others, result)
        if suspects:
            result.add(self._store_isolated(suspects))
        return result

    def _store_or_halve(self, entries: list[Entry], result: Result) -> list[Entry]:
        """Store entries, and add to the result; return those that fail alone."""
        try:
            result.add(self._store(entries))
            return []
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("could not store %d entries", len(entries))
        # Outside the handler, whose exception holds on to what the batch took.
        self._start_afresh()
        if len(entries) == 1:
            return entries
        middle = len(entries) // 2
        return [
            *self._store_or_halve(entries[:middle], result),
            *self._store_or_halve(entries[middle:], result),
        ]

    def _store_isolated(self, entries: list[Entry]) -> Result:
        log.error("storing %d entries that failed before, in isolation", len(entries))
        for entry in entries:
            if entry.error is not None:
                dead_letter_undecodable(self._connect(), entry.entry_id, entry.raw, entry.error)
        batches = [entry.batch for entry in entries if entry.batch is not None]
        result = isolation.store_isolated(self._connect(), list(flatten(batches)))
        try:
            outcome_counts.record(self._connect(), batches, result.repeated)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception(
                "what was dropped and repeated of %d entries is not counted", len(entries)
            )
            self._drop_connection()
        return result

    def _start_afresh(self) -> None:
        """Forget caches and the connection, whose states an exception has left unknown."""
        self._drop_connection()
        self._pipeline = Pipeline(self._times)
        gc.collect()

    def _store(self, entries: list[Entry]) -> Result:
        connection = self._connect()
        for entry in entries:
            if entry.error is not None:
                dead_letter_undecodable(connection, entry.entry_id, entry.raw, entry.error)
        batches = [entry.batch for entry in entries if entry.batch is not None]
        result = self._pipeline.store(connection, list(flatten(batches)))
        outcome_counts.record(connection, batches, result.repeated)
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

    def _shut_down(self) -> None:
        try:
            self._reader.leave()
        except RedisError as error:
            log.warning("could not leave the group: %s", error)
        self._drop_connection()
        log.info("processor %s stopped", self._reader.name)
