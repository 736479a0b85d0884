"""Copy how often flags were evaluated from Redis to PostgreSQL, for the usage of flags."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from redis import Redis

from shared.flags.evaluation_counts import (
    HOUR_SECONDS,
    CountedAs,
    ProjectHour,
    project_hours,
    settle,
    sums,
)
from shared.runtime.database import delete_in_batches

DAYS = 31
"""How many UTC days before today have sums: usage is that of the last 30 local days."""
_LATE_SECONDS = 600
"""How long after its end an hour may still be added to: clocks differ."""
_STEP = 1_000

_Rows = dict[tuple[int, CountedAs], int]
"""Counts by hour and what is counted."""


def store_flag_evaluations(connection: Connection, redis: Redis, now: datetime) -> int:
    """Copy the sums in Redis that have changed since they were copied; return how many. Commits.

    Those of an hour that is over are then removed from Redis.

    Raises:
        RedisError, psycopg2.Error: a server is away; the next run does what is left.
    """
    stored = 0
    rows: _Rows = {}
    copied: list[ProjectHour] = []

    def store() -> None:
        nonlocal stored
        _store(connection, rows)
        stored += len(rows)
        rows.clear()
        for one in copied:
            is_over = now.timestamp() > (one.hour + 1) * HOUR_SECONDS + _LATE_SECONDS
            if one.changes or is_over:
                settle(redis, one, is_over=is_over)
        copied.clear()

    for one in project_hours(redis):
        for some in sums(redis, one) if one.changes else ():
            rows.update({(one.hour, counted): count for counted, count in some.items()})
            if len(rows) >= _STEP:
                store()
        copied.append(one)
    store()
    return stored


def sum_up_flag_evaluations(connection: Connection, redis: Redis, now: datetime) -> int:
    """Make one row of a day's rows before yesterday (UTC), and delete those of 31 days ago.

    The sums of a day are stored under its first hour. Returns how many hours of a project or day
    were summed up, and old rows deleted. Commits.

    Raises:
        RedisError, psycopg2.Error: a server is away; the next run does what is left.
    """
    today = now.astimezone(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    # What is copied later has to find its hour's row, so as not to be counted twice.
    waiting = [_start(one.hour).replace(hour=0) for one in project_hours(redis)]
    before = min([today - timedelta(days=1), *waiting])
    deleted = delete_in_batches(
        connection, "flag_evaluations", sql.SQL("hour < %s"), (today - timedelta(days=DAYS),)
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT project_id, date_trunc('day', hour, 'UTC') AS day"
            " FROM flag_evaluations WHERE hour < %s AND hour <> date_trunc('day', hour, 'UTC')"
            " ORDER BY project_id, day",
            (before,),
        )
        days = cursor.fetchall()
    for project_id, day in days:
        _sum_up(connection, project_id, day)
    return deleted + len(days)


def _sum_up(connection: Connection, project_id: int, day: datetime) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            """
            WITH hours AS (
                DELETE FROM flag_evaluations
                WHERE project_id = %(project)s
                    AND hour > %(day)s AND hour < %(day)s + interval '24 hours'
                RETURNING flag_id, request, value, evaluations
            )
            INSERT INTO flag_evaluations AS f
                (project_id, hour, flag_id, request, value, evaluations)
            SELECT %(project)s, %(day)s, flag_id, request, value, sum(evaluations)
            FROM hours GROUP BY flag_id, request, value
            ON CONFLICT (project_id, hour, flag_id, request, value) DO UPDATE
            SET evaluations = f.evaluations + excluded.evaluations
            """,
            {"project": project_id, "day": day},
        )


def _store(connection: Connection, rows: _Rows) -> None:
    if not rows:
        return
    keys = sorted(rows)
    columns = zip(*((_start(hour), *counted) for hour, counted in keys), strict=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO flag_evaluations AS f
                (hour, project_id, flag_id, request, value, evaluations)
            SELECT hour, project_id, flag_id, request, value, evaluations
            FROM unnest(
                %s::timestamptz[], %s::int[], %s::int[], %s::text[], %s::text[], %s::bigint[]
            ) AS s (hour, project_id, flag_id, request, value, evaluations)
            ON CONFLICT (project_id, hour, flag_id, request, value) DO UPDATE
            SET evaluations = excluded.evaluations
            WHERE f.evaluations < excluded.evaluations
            """,
            (*(list(column) for column in columns), [rows[key] for key in keys]),
        )


def _start(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_SECONDS, timezone.utc)
