"""What tests about sealed days have in common."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection as Connection

from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from services.query.execution.context import open_query
from services.query.execution.read_session import read_only_session
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.time_range import TimeRange
from services.query.sources.active_persons import active_persons
from services.query.sources.coverage import find_coverage
from shared.events.envelope import Event
from shared.events.local_days import span
from tests.support.factories import a_batch

UTC = ZoneInfo("UTC")
DERIVED_TABLES = (
    "event_counts",
    "sealed_events",
    "sealed_values",
    "hourly_event_summaries",
    "daily_event_summaries",
    "project_daily_summaries",
    "page_daily_summaries",
    "community_daily_summaries",
    "division_daily_summaries",
)


def store(database: Connection, project_id: int, events: list[Event]) -> None:
    """Store events as a processor does."""
    Pipeline().store(database, list(flatten([a_batch(project_id, events)])))


def whole(day: date, zone: ZoneInfo = UTC, days: int = 1) -> TimeRange:
    """The range of some local days."""
    first, _ = span(day, zone)
    _, last = span(day + timedelta(days=days - 1), zone)
    return TimeRange(first, last, zone)


def list_sealed_days(project_id: int, day: date, zone: ZoneInfo = UTC, days: int = 1) -> list[date]:
    """The days of a range whose seals hold."""
    with read_only_session() as session:
        return find_coverage(session, project_id, whole(day, zone, days)).dates


def persons_of(project_id: int, time_range: TimeRange, event: str | None = None) -> set[int]:
    """Return the persons that a query finds active in a range, with any event or with one."""
    with open_query(EventQuery(project_id, time_range)) as context:
        [[persons]] = active_persons(context, [EventSelector(event)])
    return set(persons)


def contents(database: Connection, project_id: int) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is derived from a project's raw rows: every column, also the bitmaps."""
    found = {}
    with database.cursor() as cursor:
        for table in DERIVED_TABLES:
            cursor.execute(
                f"SELECT (to_jsonb(t) - 'project_id')::text FROM {table} t WHERE project_id = %s",
                (project_id,),
            )
            found[table] = sorted(cursor.fetchall())
    database.rollback()
    return found


def one(database: Connection, statement: str, *parameters: object) -> object:
    """The one value that a question is answered with."""
    with database.cursor() as cursor:
        cursor.execute(statement, parameters)
        (value,) = cursor.fetchone() or (None,)
    database.rollback()
    return value
