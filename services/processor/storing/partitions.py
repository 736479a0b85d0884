"""Create, list and drop the day partitions of ``events``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

DAYS_AHEAD = 7


class Partitions:
    """Create partitions, and cache which ones exist."""

    def __init__(self) -> None:
        self._known_partitions: set[date] = set()

    def clear(self) -> None:
        """Clear the cache after partitions have been dropped."""
        self._known_partitions.clear()

    def ensure(self, connection: Connection, days: Iterable[date]) -> None:
        """Create the partitions of these UTC days unless they exist. Commits."""
        for day in sorted(set(days) - self._known_partitions):
            make_partition(connection, day)
            self._known_partitions.add(day)


def days_ahead(today: date) -> list[date]:
    """Return the days whose partitions should exist today."""
    return [today + timedelta(days=offset) for offset in range(-1, DAYS_AHEAD + 1)]


def make_partition(connection: Connection, day: date) -> None:
    """Create the partition of a UTC day unless it exists. Commits.

    The function of the database does it, because only the tables' owner may create tables. It
    creates the partition on its own and attaches it afterwards: attaching locks ``events`` only
    against other changes of its structure, so storing and reading go on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_events_partition(%s)", (day,))
    connection.commit()


def table_name(day: date) -> str:
    """Return the name of a UTC day's partition."""
    return f"events_{day:%Y%m%d}"


def list_days(connection: Connection) -> list[date]:
    """List the UTC days that have a partition, ascending. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_inherits i "
            "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'events'::regclass "
            "AND c.relname ~ '^events_[0-9]{8}$' ORDER BY 1"
        )
        days = [day for (day,) in cursor.fetchall()]
    connection.commit()
    return days


def list_projects(connection: Connection, day: date) -> list[int]:
    """List the projects with rows in a partition, by skipping along its index. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                WITH RECURSIVE hops (project_id) AS (
                    (SELECT min(project_id) FROM {table})
                    UNION ALL
                    SELECT (SELECT min(e.project_id) FROM {table} e
                            WHERE e.project_id > hops.project_id)
                    FROM hops WHERE hops.project_id IS NOT NULL
                )
                SELECT project_id FROM hops WHERE project_id IS NOT NULL
                """
            ).format(table=sql.Identifier(table_name(day)))
        )
        found = [project_id for (project_id,) in cursor.fetchall()]
    connection.commit()
    return found


def drop_partition(connection: Connection, day: date) -> None:
    """Drop a UTC day and all its rows; other days stay available. Commits."""
    table = sql.Identifier(table_name(day))
    connection.rollback()
    connection.autocommit = True  # DETACH … CONCURRENTLY cannot run in a transaction
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = to_regclass(%s)",
                (table_name(day),),
            )
            attached = cursor.fetchone()
            if attached is not None:
                # An interrupted detachment must be finished; PostgreSQL refuses a new one.
                how = sql.SQL("FINALIZE" if attached[0] else "CONCURRENTLY")
                cursor.execute(
                    sql.SQL("ALTER TABLE events DETACH PARTITION {} {}").format(table, how)
                )
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    finally:
        connection.autocommit = False


def list_leftovers(connection: Connection) -> list[date]:
    """List UTC days whose partition was detached and not dropped, ascending. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_class c JOIN pg_class events "
            "ON events.oid = 'events'::regclass AND events.relnamespace = c.relnamespace "
            "WHERE c.relkind = 'r' AND c.relname ~ '^events_[0-9]{8}$' "
            "AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid) ORDER BY 1"
        )
        days = [day for (day,) in cursor.fetchall()]
    connection.commit()
    return days
