"""Seal one day, as named steps."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection
from pyroaring import BitMap

from services.processor.sealing import store
from services.processor.sealing.aggregate import count_dimensions, count_names
from services.processor.sealing.dirty_days import wait_for_writers
from services.processor.sealing.rows import DayRows, read_day
from services.processor.sealing.summaries import summarise
from services.processor.storing import crash_points
from shared.events.local_days import span

log = logging.getLogger(__name__)

_ATTEMPTS = 3
_LOCK_ATTEMPTS = 20
_LOCK_MS = 500
_LOCK_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class SealedResult:
    """The result of sealing a day."""

    day: date
    events: int
    is_clean: bool
    """False: events kept arriving; raw rows are read for the day until the next attempt."""
    seconds: float


@dataclass(frozen=True, slots=True)
class _Reading:
    rows: DayRows
    version: int
    identified: BitMap
    sessions: int


def seal_day(connection: Connection, project_id: int, day: date, zone: ZoneInfo) -> SealedResult:
    """Seal a local day from its raw rows. Commits.

    Nothing is locked while the rows are read and counted. If an event of the day is stored in the
    meantime, the result is discarded and the day is read again.

    Raises:
        psycopg2.errors.LockNotAvailable: a writer held the project for too long.
    """
    started = time.monotonic()
    register_days(connection, project_id, [day], zone)
    events = 0
    for _ in range(_ATTEMPTS):
        reading = _read(connection, project_id, day)
        if reading is None:  # expired: its rows are deleted, and its seal is final
            return SealedResult(day, 0, is_clean=True, seconds=time.monotonic() - started)
        crash_points.reach(crash_points.SEAL_AFTER_READ)
        events = len(reading.rows)
        if _write(connection, project_id, day, zone, reading):
            return SealedResult(day, events, is_clean=True, seconds=time.monotonic() - started)
    log.info("day %s of project %d changed while it was sealed; retrying later", day, project_id)
    return SealedResult(day, events, is_clean=False, seconds=time.monotonic() - started)


def register_days(
    connection: Connection, project_id: int, days: Sequence[date], zone: ZoneInfo
) -> None:
    """Register days, so that all later writers mark them dirty. Commits.

    Raises:
        psycopg2.errors.LockNotAvailable: a writer held the project for too long.
    """
    for attempt in range(1, _LOCK_ATTEMPTS + 1):
        try:
            with connection.cursor() as cursor:
                known = store.list_day_states(cursor, project_id, days)
                missing = {
                    day: ends
                    for day in days
                    for ends in (span(day, zone),)
                    if day not in known or not known[day].has_bounds(zone.key, *ends)
                }
                if missing:
                    wait_for_writers(cursor, project_id, _LOCK_MS)
                    store.register_days(cursor, project_id, zone.key, missing)
            break
        except LockNotAvailable:
            connection.rollback()
            if attempt == _LOCK_ATTEMPTS:
                raise
            time.sleep(_LOCK_PAUSE_SECONDS)
    connection.commit()


def seal_empty_days(connection: Connection, project_id: int, days: Sequence[date]) -> list[date]:
    """Seal all registered days without rows at once; return which. Commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        empty = store.empty_days(cursor, project_id, days)
    connection.commit()
    with connection.cursor() as cursor:
        store.clear_days(cursor, project_id, list(empty))
        closed = store.mark_empty_sealed(cursor, project_id, empty)
    connection.commit()
    return closed


def _read(connection: Connection, project_id: int, day: date) -> _Reading | None:
    """Read the day's rows and their version, in one snapshot; None: the day has expired."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            state = store.list_day_states(cursor, project_id, [day]).get(day)
            if state is None or state.expired_at is not None:
                return None
            rows = read_day(cursor, project_id, state.starts_at, state.ends_at)
            identified = store.identified_persons(cursor, project_id, state.ends_at)
            sessions = store.count_sessions(cursor, project_id, state.starts_at, state.ends_at)
            return _Reading(rows, state.version, identified, sessions)
    finally:
        connection.rollback()


def _write(
    connection: Connection, project_id: int, day: date, zone: ZoneInfo, reading: _Reading
) -> bool:
    """Replace the sealed day, unless its rows have changed since they were read."""
    start, end = span(day, zone)
    names = count_names(reading.rows)
    values = count_dimensions(reading.rows)
    summaries = summarise(reading.rows, start, zone, reading.identified)
    with connection.cursor() as cursor:
        store.clear_days(cursor, project_id, [day])
        store.release_hours(cursor, project_id, day, start, end)
        store.write_names(cursor, project_id, day, names)
        store.write_values(cursor, project_id, day, values)
        store.write_summaries(cursor, project_id, day, summaries, reading.sessions)
        crash_points.reach(crash_points.SEAL_BEFORE_CLOSE)
        # The last statement: a writer to this day waits no longer than COMMIT takes.
        sealed = store.mark_sealed(cursor, project_id, day, reading.version, len(reading.rows))
    if not sealed:
        connection.rollback()
        return False
    connection.commit()
    return True
