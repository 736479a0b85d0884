"""Sealing one day, as named steps."""

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
from services.processor.sealing.aggregate import tally_dimensions, tally_names
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
class Sealed:
    """How a day's sealing ended."""

    day: date
    events: int
    is_clean: bool
    """False: events kept coming; raw rows answer for the day until it is tried again."""
    seconds: float


@dataclass(frozen=True, slots=True)
class _Reading:
    rows: DayRows
    version: int
    identified: BitMap
    sessions: int


def seal_day(connection: Connection, project_id: int, day: date, zone: ZoneInfo) -> Sealed:
    """Seal a local day from its raw rows. Commits.

    Nothing is locked while the rows are read and counted. If an event of the day is stored in the
    meantime the result is thrown away, and the day is read again.

    Raises:
        psycopg2.errors.LockNotAvailable: a writer held the project for too long.
    """
    started = time.monotonic()
    enter(connection, project_id, [day], zone)
    events = 0
    for _ in range(_ATTEMPTS):
        reading = _read(connection, project_id, day)
        if reading is None:  # expired: what was sealed of it is all there is
            return Sealed(day, 0, is_clean=True, seconds=time.monotonic() - started)
        crash_points.reach(crash_points.SEAL_AFTER_READ)
        events = len(reading.rows)
        if _write(connection, project_id, day, zone, reading):
            return Sealed(day, events, is_clean=True, seconds=time.monotonic() - started)
    log.info("day %s of project %d changes while it is sealed; later", day, project_id)
    return Sealed(day, events, is_clean=False, seconds=time.monotonic() - started)


def enter(connection: Connection, project_id: int, days: Sequence[date], zone: ZoneInfo) -> None:
    """Make sure that from now on every writer finds these days and marks them. Commits.

    Raises:
        psycopg2.errors.LockNotAvailable: a writer held the project for too long.
    """
    for attempt in range(1, _LOCK_ATTEMPTS + 1):
        try:
            with connection.cursor() as cursor:
                known = store.day_marks(cursor, project_id, days)
                missing = {
                    day: ends
                    for day in days
                    for ends in (span(day, zone),)
                    if day not in known or not known[day].is_of(zone.key, *ends)
                }
                if missing:
                    wait_for_writers(cursor, project_id, _LOCK_MS)
                    store.enter_days(cursor, project_id, zone.key, missing)
            break
        except LockNotAvailable:
            connection.rollback()
            if attempt == _LOCK_ATTEMPTS:
                raise
            time.sleep(_LOCK_PAUSE_SECONDS)
    connection.commit()


def close_empty(connection: Connection, project_id: int, days: Sequence[date]) -> list[date]:
    """Seal those of the days (entered before) that have no rows, all at once; which. Commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        empty = store.empty_days(cursor, project_id, days)
    connection.commit()
    with connection.cursor() as cursor:
        store.clear_days(cursor, project_id, list(empty))
        closed = store.close_empty_days(cursor, project_id, empty)
    connection.commit()
    return closed


def _read(connection: Connection, project_id: int, day: date) -> _Reading | None:
    """The day's rows and the version that they are of, in one snapshot."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            mark = store.day_marks(cursor, project_id, [day]).get(day)
            if mark is None or mark.expired_at is not None:
                return None
            rows = read_day(cursor, project_id, mark.starts_at, mark.ends_at)
            identified = store.identified_persons(cursor, project_id, mark.ends_at)
            sessions = store.sessions_begun(cursor, project_id, mark.starts_at, mark.ends_at)
            return _Reading(rows, mark.version, identified, sessions)
    finally:
        connection.rollback()


def _write(
    connection: Connection, project_id: int, day: date, zone: ZoneInfo, reading: _Reading
) -> bool:
    """Replace what was sealed of the day, if its rows are still those that were read."""
    start, _ = span(day, zone)
    names = tally_names(reading.rows)
    values = tally_dimensions(reading.rows)
    summaries = summarise(reading.rows, start, zone, reading.identified)
    with connection.cursor() as cursor:
        store.clear_days(cursor, project_id, [day])
        store.write_names(cursor, project_id, day, names)
        store.write_values(cursor, project_id, day, values)
        store.write_summaries(cursor, project_id, day, summaries, reading.sessions)
        crash_points.reach(crash_points.SEAL_BEFORE_CLOSE)
        # The last statement: a writer to this day waits for us no longer than COMMIT takes.
        clean = store.close_day(cursor, project_id, day, reading.version, len(reading.rows))
    if not clean:
        connection.rollback()
        return False
    connection.commit()
    return True
