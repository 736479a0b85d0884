"""Day partitions of ``events``: made ahead by a job, and on demand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

DAYS_AHEAD = 7
_LOCK = 7_204_913


class Partitions:
    """Makes partitions, and remembers which ones are there."""

    def __init__(self) -> None:
        self._there: set[date] = set()

    def forget(self) -> None:
        """Believe nothing: partitions were removed behind our back."""
        self._there.clear()

    def ensure(self, connection: Connection, days: Iterable[date]) -> None:
        """Make the partitions of these UTC days unless they are there. Commits."""
        for day in sorted(set(days) - self._there):
            make_partition(connection, day)
            self._there.add(day)


def ahead(today: date) -> list[date]:
    """The days whose partitions should be there today."""
    return [today + timedelta(days=offset) for offset in range(-1, DAYS_AHEAD + 1)]


def make_partition(connection: Connection, day: date) -> None:
    """Make the partition of a UTC day. Commits.

    The table is made on its own and attached afterwards: attaching locks ``events`` only against
    other changes of its structure, so that storing and reading go on.
    """
    name = sql.Identifier(f"events_{day:%Y%m%d}")
    with connection.cursor() as cursor:
        # One maker at a time: two that make the same table at once get errors of many kinds.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK, day.toordinal()))
        cursor.execute("SELECT to_regclass(%s)", (f"events_{day:%Y%m%d}",))
        if cursor.fetchone() == (None,):
            cursor.execute(
                sql.SQL(
                    "CREATE TABLE {} (LIKE events INCLUDING DEFAULTS INCLUDING INDEXES"
                    " INCLUDING STORAGE INCLUDING COMPRESSION)"
                ).format(name)
            )
            cursor.execute(
                sql.SQL(
                    "ALTER TABLE events ATTACH PARTITION {} FOR VALUES FROM (%s) TO (%s)"
                ).format(name),
                (f"{day} 00:00:00+00", f"{day + timedelta(days=1)} 00:00:00+00"),
            )
    connection.commit()
