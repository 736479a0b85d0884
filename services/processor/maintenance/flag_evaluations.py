"""Copy how often flags were evaluated from Redis to PostgreSQL, for the usage of flags."""

from __future__ import annotations

from datetime import datetime, timezone

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from redis import Redis

from shared.flags.evaluation_counts import HOUR_SECONDS, forget, hours, sums
from shared.runtime.database import delete_in_batches

DAYS = 31
"""How long the sums of an hour are stored: usage is that of the last 30 local days."""
_LATE_SECONDS = 600
"""How long after its end an hour may still be added to: clocks differ."""


def store_flag_evaluations(connection: Connection, redis: Redis, now: datetime) -> int:
    """Copy the sums of all hours that Redis has; return how many. Commits.

    An hour that is over is then removed from Redis, and so are sums of 31 days ago from PostgreSQL.

    Raises:
        RedisError, psycopg2.Error: a server is away; the next run does what is left.
    """
    stored = 0
    for hour in hours(redis):
        for some in sums(redis, hour):
            columns = zip(*(key for key in sorted(some)), strict=True)
            counts = [some[key] for key in sorted(some)]
            at = datetime.fromtimestamp(hour * HOUR_SECONDS, timezone.utc)
            with connection, connection.cursor() as cursor:
                cursor.execute(
                    """
                    INSERT INTO flag_evaluations AS f
                        (project_id, hour, flag_id, request, value, evaluations)
                    SELECT project_id, %s, flag_id, request, value, evaluations
                    FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::bigint[])
                        AS s (project_id, flag_id, request, value, evaluations)
                    ON CONFLICT (project_id, hour, flag_id, request, value) DO UPDATE
                    SET evaluations = excluded.evaluations
                    WHERE f.evaluations < excluded.evaluations
                    """,
                    (at, *(list(column) for column in columns), counts),
                )
            stored += len(some)
        if now.timestamp() > (hour + 1) * HOUR_SECONDS + _LATE_SECONDS:
            forget(redis, hour)
            delete_in_batches(
                connection,
                "flag_evaluations",
                sql.SQL("hour < %s - make_interval(days => %s)"),
                (now, DAYS),
            )
    return stored
