"""Read and write sealed days: the SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json, execute_values
from pyroaring import BitMap

from services.processor.sealing.aggregate import Count, RankedValue
from services.processor.sealing.summaries import Summaries, Totals

_DAY_TABLES = (
    "sealed_events",
    "sealed_values",
    "hourly_event_summaries",
    "daily_event_summaries",
    "project_daily_summaries",
    "page_daily_summaries",
    "community_daily_summaries",
    "division_daily_summaries",
)


@dataclass(frozen=True, slots=True)
class DayState:
    """A row of ``sealed_days``."""

    zone: str
    starts_at: datetime
    ends_at: datetime
    version: int
    sealed_version: int | None
    expired_at: datetime | None

    @property
    def is_clean(self) -> bool:
        """Return whether the day is sealed and nothing has changed since."""
        return self.version == self.sealed_version

    def has_bounds(self, zone: str, starts_at: datetime, ends_at: datetime) -> bool:
        """Return whether the day has this zone and these ends; an expired day keeps its own."""
        return self.expired_at is not None or (
            (self.zone, self.starts_at, self.ends_at) == (zone, starts_at, ends_at)
        )


def list_day_states(cursor: Cursor, project_id: int, days: Sequence[date]) -> dict[date, DayState]:
    """Return the states of days; days that were never registered are missing."""
    cursor.execute(
        "SELECT day, zone, starts_at, ends_at, version, sealed_version, expired_at "
        "FROM sealed_days WHERE project_id = %s AND day = ANY (%s)",
        (project_id, list(days)),
    )
    return {day: DayState(*rest) for day, *rest in cursor.fetchall()}


def register_days(
    cursor: Cursor, project_id: int, zone: str, ends: Mapping[date, tuple[datetime, datetime]]
) -> None:
    """Register days, or give them other ends; that makes them dirty."""
    execute_values(
        cursor,
        """
        INSERT INTO sealed_days (project_id, day, zone, starts_at, ends_at) VALUES %s
        ON CONFLICT (project_id, day) DO UPDATE
        SET zone = excluded.zone, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
            version = sealed_days.version + 1, sealed_version = NULL
        WHERE sealed_days.expired_at IS NULL
        """,
        [(project_id, day, zone, *ends[day]) for day in sorted(ends)],
        page_size=1000,
    )


def empty_days(cursor: Cursor, project_id: int, days: Sequence[date]) -> dict[date, int]:
    """Return the days (registered, not expired) without rows, with their versions."""
    cursor.execute(
        """
        SELECT d.day, d.version FROM sealed_days d
        WHERE d.project_id = %s AND d.day = ANY (%s) AND d.expired_at IS NULL
          AND NOT EXISTS (
              SELECT FROM events e WHERE e.project_id = d.project_id
              AND e.timestamp >= d.starts_at AND e.timestamp < d.ends_at)
        """,
        (project_id, list(days)),
    )
    return dict(cursor.fetchall())


def mark_empty_sealed(cursor: Cursor, project_id: int, versions: Mapping[date, int]) -> list[date]:
    """Mark days without rows sealed, unless they received some since; return which."""
    cursor.execute(
        """
        UPDATE sealed_days d SET sealed_version = d.version, sealed_at = now(), events = 0
        FROM unnest(%s::date[], %s::bigint[]) AS seen (day, version)
        WHERE d.project_id = %s AND d.day = seen.day AND d.version = seen.version
          AND d.expired_at IS NULL
        RETURNING d.day
        """,
        (list(versions), list(versions.values()), project_id),
    )
    return [day for (day,) in cursor.fetchall()]


def mark_sealed(cursor: Cursor, project_id: int, day: date, version: int, events: int) -> bool:
    """Mark the day sealed, unless its rows have changed since ``version``."""
    cursor.execute(
        """
        UPDATE sealed_days SET sealed_version = version, sealed_at = now(), events = %s
        WHERE project_id = %s AND day = %s AND version = %s AND expired_at IS NULL
        """,
        (events, project_id, day, version),
    )
    return cursor.rowcount == 1


def clear_days(cursor: Cursor, project_id: int, days: Sequence[date]) -> None:
    """Delete the content of sealed days, but not their states."""
    for table in _DAY_TABLES:
        cursor.execute(
            f"DELETE FROM {table} WHERE project_id = %s AND day = ANY (%s)",  # noqa: S608 (ours)
            (project_id, list(days)),
        )


def release_hours(
    cursor: Cursor, project_id: int, day: date, start: datetime, end: datetime
) -> None:
    """Clear other days that still hold hours of this one, and make them dirty.

    Those are days of a former time zone: each hour of a project is stored once. Days that have
    expired keep theirs, of which no rows are left for this day either.
    """
    cursor.execute(
        """
        UPDATE sealed_days SET version = version + 1, sealed_version = NULL
        WHERE project_id = %s AND expired_at IS NULL AND day IN (
            SELECT day FROM hourly_event_summaries
            WHERE project_id = %s AND hour >= %s AND hour < %s AND day <> %s)
        RETURNING day
        """,
        (project_id, project_id, start, end, day),
    )
    if days := [found for (found,) in cursor.fetchall()]:
        clear_days(cursor, project_id, days)


def identified_persons(cursor: Cursor, project_id: int, by: datetime) -> BitMap:
    """Return the persons who had been identified before a time."""
    cursor.execute(
        "SELECT person_id FROM persons WHERE project_id = %s AND identified_at < %s",
        (project_id, by),
    )
    return BitMap([person for (person,) in cursor])


def count_sessions(cursor: Cursor, project_id: int, start: datetime, end: datetime) -> int:
    """Count the sessions that begin in ``start`` ≤ t < ``end``."""
    cursor.execute(
        "SELECT count(*) FROM sessions WHERE project_id = %s AND started_at >= %s "
        "AND started_at < %s",
        (project_id, start, end),
    )
    (sessions,) = cursor.fetchone() or (0,)
    return int(sessions)


def write_names(cursor: Cursor, project_id: int, day: date, counts: dict[str, Count]) -> None:
    """Write the persons of every event name."""
    execute_values(
        cursor,
        "INSERT INTO sealed_events (project_id, day, event_name, events, weight, persons,"
        " person_bitmap) VALUES %s",
        [
            (project_id, day, name, c.events, c.weight, c.persons, c.bitmap)
            for name, c in sorted(counts.items())
        ],
    )


def write_values(cursor: Cursor, project_id: int, day: date, values: Iterable[RankedValue]) -> None:
    """Write the persons of every dimension's values."""
    execute_values(
        cursor,
        "INSERT INTO sealed_values (project_id, day, event_name, dimension, rank, value, events,"
        " weight, persons, person_bitmap) VALUES %s",
        (
            (
                *(project_id, day, v.event_name, v.dimension, v.rank, v.value),
                *(v.count.events, v.count.weight, v.count.persons, v.count.bitmap),
            )
            for v in values
        ),
        page_size=500,
    )


def write_summaries(
    cursor: Cursor, project_id: int, day: date, summaries: Summaries, sessions: int
) -> None:
    """Write the tables of ``shared.models.summary``; ``sessions`` begin on the day."""
    own = (project_id, day)
    if summaries.day.events:
        cursor.execute(
            "INSERT INTO project_daily_summaries (project_id, day, events, unique_persons,"
            " unique_sessions, event_names, sources) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (
                *(*own, summaries.day.events, summaries.day.persons, sessions),
                *(summaries.event_names, Json(summaries.by_source)),
            ),
        )
    for table, columns, rows in (
        (
            "hourly_event_summaries",
            "hour, event_name, events, unique_persons, unique_sessions",
            [(hour, name, *_totals_columns(t)) for hour, name, t in summaries.by_hour],
        ),
        (
            "daily_event_summaries",
            "event_name, source, events, unique_persons, unique_sessions",
            [
                (name, source, *_totals_columns(t))
                for name, source, t in summaries.by_name_and_source
            ],
        ),
        (
            "page_daily_summaries",
            "rank, page_path, page_views, unique_visitors, authenticated_visitors,"
            " anonymous_visitors",
            [
                (p.rank, p.page_path, p.views, p.visitors, p.authenticated, anonymous)
                for p in summaries.by_page
                for anonymous in (p.visitors - p.authenticated,)
            ],
        ),
        (
            "community_daily_summaries",
            "community_id, division_id, events, unique_visitors",
            [(c, d, t.events, t.persons) for c, d, t in summaries.by_community],
        ),
        (
            "division_daily_summaries",
            "division_id, events, unique_visitors",
            [(d, t.events, t.persons) for d, t in summaries.by_division],
        ),
    ):
        execute_values(
            cursor,
            f"INSERT INTO {table} (project_id, day, {columns}) VALUES %s",  # noqa: S608 (ours)
            [(*own, *row) for row in rows],
            page_size=1000,
        )


def _totals_columns(totals: Totals) -> tuple[int, int, int]:
    return totals.events, totals.persons, totals.sessions
