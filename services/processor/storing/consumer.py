"""Run the consuming process: read, store, acknowledge, publish, until SIGTERM."""

from __future__ import annotations

import gc
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import psycopg2
from psycopg2.extensions import connection as Connection
from redis.exceptions import RedisError

from services.processor.monitoring.disk_watch import DiskWatch
from services.processor.monitoring.step_times import StepTimes
from services.processor.persons import changes
from services.processor.recent_events.keeping import RecentEventsKeeper
from services.processor.storing import crash_points, outcome_counts, spool
from services.processor.storing.dead_letters import dead_letter_undecodable
from services.processor.storing.failures import is_temporary
from services.processor.storing.heartbeat import Heartbeat
from services.processor.storing.isolator import Isolator
from services.processor.storing.pipeline import Pipeline, Result
from services.processor.storing.publication import DataVersions, LivePublisher
from services.processor.storing.rows import flatten
from services.processor.storing.stream_reader import Entry, StreamReader
from services.processor.storing.waiting_projects import WaitingProjects, project_of
from shared.runtime import database
from shared.runtime.redis_clients import connect, get_answer_cache, get_state_redis
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

_MAX_PAUSE_SECONDS = 5.0
_ALLOCATIONS_BEFORE_COLLECTION = 20_000
_DRAIN_EVERY_SECONDS = 1.0
_DRAIN_SECONDS = 2.0
"""How long the spool is drained before the stream is read again."""
_LOCK_TIMEOUT_MS = 1_000
"""After that the project whose persons are locked waits, and the others are stored."""
_QUEUE_LOCK_TIMEOUT_MS = 4_000


class Consumer:
    """Consumes the stream. Any number may run; each holds one database connection."""

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
        self._versions = DataVersions(get_state_redis())
        self._publisher = LivePublisher(get_answer_cache(), settings.live_events_per_second)
        self._recent_events = RecentEventsKeeper(get_state_redis(), self._connect)
        self._times = StepTimes()
        self._pipeline = Pipeline(self._times)
        self._connection: Connection | None = None
        self._stopping = False
        self._next_drain = 0.0
        self._heartbeat = Heartbeat(
            self._reader.touch, settings.processor_reclaim_idle_ms / 1000 / 4
        )
        self._disk_watch = DiskWatch(
            connect(settings.stream_redis_url),
            filter(None, settings.disk_folders.split(":")),
            settings.disk_min_free_mb,
        )
        self._isolator = Isolator(self._open_connection)
        self._waiting = WaitingProjects()
        self._spool = spool.SpoolReader()

    def run(self) -> None:
        """Process entries until SIGTERM or SIGINT; the current batch is finished first."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        log.info("processor %s started", self._reader.name)
        _collect_less_often()
        self._heartbeat.start()
        self._disk_watch.start()
        pause = 0.1
        grouped = False
        while not self._stopping:
            self._drain_spool_if_due()
            try:
                if not grouped:
                    self._reader.ensure_group()
                    grouped = True
                self._settle_isolated()
                self._retry_waiting_if_due()
                self._spool_excess()
                entries = self._without_waiting(self._reader.read())
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
        self._heartbeat.hold(entries)
        with self._released_on_failure(entries):
            stored = self._store_with_retries(entries)
            if stored is None:
                return
            result, suspects = stored
            suspicious = set(map(id, suspects))
            self._settle([one for one in entries if id(one) not in suspicious], result)
        if suspects and not self._isolator.take(suspects):
            self._heartbeat.release(suspects)  # they are taken over when there is room

    def _settle_isolated(self) -> None:
        """Acknowledge what was stored in isolation meanwhile."""
        for entries, result in self._isolator.finished(from_spool=False):
            if result is None:
                self._heartbeat.release(entries)
                continue
            with self._released_on_failure(entries):
                self._settle(entries, result)

    @contextmanager
    def _released_on_failure(self, entries: list[Entry]) -> Iterator[None]:
        try:
            yield
        except Exception:
            # Nobody works on them now: without a heartbeat they are soon taken over.
            waiting = set(map(id, self._waiting.entries()))
            self._heartbeat.release(one for one in entries if id(one) not in waiting)
            raise

    def _settle(self, entries: list[Entry], result: Result) -> None:
        """Publish what was stored, and acknowledge its entries; those of some projects wait."""
        crash_points.reach(crash_points.BETWEEN_COMMIT_AND_ACK)
        # First: while the stream is away nothing can be acknowledged, and what comes again has been
        # stored before, which is not published.
        self._publish(result)
        self._waiting.add(one for one in entries if project_of(one) in result.waiting)
        done = [one for one in entries if project_of(one) not in result.waiting]
        if done:
            self._reader.acknowledge(done)
            self._heartbeat.release(done)
        self._times.end_batch(get_state_redis())
        log.debug(
            "stored %d, repeated %d, dead-lettered %d",
            len(result.stored),
            len(result.repeated),
            result.dead_letters,
        )

    def _without_waiting(self, entries: list[Entry]) -> list[Entry]:
        """Put entries of projects that wait behind those that wait already; return the others."""
        held = [entry for entry in entries if project_of(entry) in self._waiting]
        if not held:
            return entries
        self._heartbeat.hold(held)
        self._waiting.add(held)
        return [entry for entry in entries if project_of(entry) not in self._waiting]

    def _spool_excess(self) -> None:
        """Move entries to the spool when too many wait here; reading never stops for them.

        Without room for them in the spool they stay in the stream, and are read again later.
        """
        while (project_id := self._waiting.excess()) is not None:
            entries = self._waiting.pop(project_id)
            # Also when Redis fails: entries neither wait then nor are worked on.
            with self._released_on_failure(entries):
                is_held = self._hold_in_spool(entries)
                if is_held:
                    self._reader.acknowledge(entries)
                else:
                    self._reader.leave_to_others(entries)
            self._heartbeat.release(entries)
            log.warning(
                "%d requests of project %d wait in the %s",
                len(entries),
                project_id,
                "spool" if is_held else "stream",
            )

    def _hold_in_spool(self, entries: list[Entry]) -> bool:
        """Move entries of a project to the spool, if there is room; return whether.

        Raises:
            psycopg2.Error: the entries wait in memory again.
        """
        try:
            return spool.add(self._connect(), entries, self._settings.spool_max_batches)
        except psycopg2.Error:
            self._waiting.add(entries)
            raise

    def _retry_waiting_if_due(self) -> None:
        """Try the projects that wait for a lock again.

        Locked projects are not tried, except one every 20 s, which delays the others by up to 4 s.
        """
        if not self._waiting.is_due():
            return
        try:
            locked = changes.list_locked(self._connect(), self._waiting)
        except psycopg2.Error as error:
            log.warning("the database does not answer: %s", error)
            self._drop_connection()
            return
        # However long their locks last, no other processor could store them, and each that took
        # them over would count as one that they have ended.
        self._heartbeat.hold(self._waiting.entries())
        free = [project_id for project_id in self._waiting if project_id not in locked]
        # One at a time: what is raised for one project must not forget the others.
        for project_id in free:
            self._process(self._waiting.pop(project_id))
        if locked and self._waiting.is_time_to_queue():
            self._set_lock_timeout(_QUEUE_LOCK_TIMEOUT_MS)
            try:
                self._process(self._waiting.pop(next(iter(self._waiting))))
            finally:
                self._set_lock_timeout(_LOCK_TIMEOUT_MS)

    def _set_lock_timeout(self, milliseconds: int) -> None:
        try:
            connection = self._connect()
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{milliseconds}",))
            connection.commit()
        except psycopg2.Error as error:
            log.warning("the database does not answer: %s", error)
            self._drop_connection()  # a new one has the usual time-out

    def _publish(self, result: Result) -> None:
        self._versions.advance(result.stored, result.repeated)
        self._recent_events.keep(result.stored, result.repeated, result.persons)
        self._publisher.publish(result.stored, result.persons)

    def _drain_spool_if_due(self) -> None:
        """Store the batches of the spool, also while the stream is still unavailable."""
        if time.monotonic() < self._next_drain:
            return
        self._next_drain = time.monotonic() + _DRAIN_EVERY_SECONDS
        deadline = time.monotonic() + _DRAIN_SECONDS
        try:
            self._settle_isolated_of_spool()
            while (
                not self._stopping
                and self._spool.try_lock(self._connect())
                and (found := self._spool.read(self._connect()))
            ):
                self._store_spooled(found)
                if time.monotonic() > deadline:
                    self._next_drain = 0.0  # there is more, but the stream has its turn
                    break
            self._spool.unlock(self._connect())
        except psycopg2.Error as error:
            log.warning("could not drain the spool, retrying: %s", error)
            self._drop_connection()
        except Exception:
            log.exception("could not drain the spool, retrying")
            self._start_afresh()

    def _store_spooled(self, found: list[Entry]) -> None:
        """Store batches of the spool; those that fail are isolated beside the reading of others."""
        result, suspects = self._store_healthy(found)
        self._publish(result)
        suspicious = set(map(id, suspects))
        others = [one for one in found if id(one) not in suspicious]
        self._spool.settle(self._connect(), others, result.waiting)
        log.warning("stored requests from the spool; %d were tried", len(found))
        if suspects and self._isolator.take(suspects):
            self._spool.begin_isolation(suspects)
        elif suspects:
            self._spool.postpone(suspects)  # until there is room

    def _settle_isolated_of_spool(self) -> None:
        """Remove from the spool what was stored in isolation meanwhile."""
        for entries, result in self._isolator.finished(from_spool=True):
            self._spool.end_isolation(entries)
            if result is None:
                self._spool.postpone(entries)
                continue
            self._publish(result)
            self._spool.settle(self._connect(), entries, result.waiting)

    def _store_with_retries(self, entries: list[Entry]) -> tuple[Result, list[Entry]] | None:
        """Return None when stopped before PostgreSQL is back: the entries stay pending."""
        pause = 0.1
        while True:
            try:
                return self._store_healthy(entries)
            except psycopg2.Error as error:
                # A commit without an answer may have happened: the ledger then knows the events.
                log.warning("could not store the batch, retrying: %s", error)
                self._drop_connection()
                if self._stopping:
                    return None
                time.sleep(pause)
                pause = min(pause * 2, _MAX_PAUSE_SECONDS)

    def _store_healthy(self, entries: list[Entry]) -> tuple[Result, list[Entry]]:
        """Store entries; return what became of them, and those that need isolation.

        Raises:
            psycopg2.Error: a temporary failure; retrying loses nothing.
        """
        result = Result()
        suspects = [entry for entry in entries if entry.is_suspect]
        others = [entry for entry in entries if not entry.is_suspect]
        if others:
            suspects += self._store_or_halve(others, result)
        return result, suspects

    def _store_or_halve(self, entries: list[Entry], result: Result) -> list[Entry]:
        """Store entries, and add to the result; return those that fail alone."""
        try:
            result.add(self._store(entries))
            return []
        except Exception as error:
            if is_temporary(error):
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

    def _start_afresh(self) -> None:
        """Discard caches and the connection, whose states are unknown after an exception."""
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
        outcome_counts.record_settled(connection, batches, result)
        return result

    def _connect(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._open_connection()
        return self._connection

    def _open_connection(self) -> Connection:
        return database.connect(
            self._settings.database_url,
            "processor",
            options=f"-c synchronous_commit=on -c lock_timeout={_LOCK_TIMEOUT_MS}",
        )

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _shut_down(self) -> None:
        self._isolator.stop()
        self._heartbeat.stop()
        self._disk_watch.stop()
        try:
            self._reader.leave()
        except RedisError as error:
            log.warning("could not leave the group: %s", error)
        self._drop_connection()
        log.info("processor %s stopped", self._reader.name)


def _collect_less_often() -> None:
    """Look for cyclic garbage after more allocations: a batch makes many objects, and no cycles.

    By default every 700 allocations are searched, and with them again and again the whole batch.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BEFORE_COLLECTION, 20, 100)
