"""The engine of this process and the one session scope per request, batch or job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from shared.errors import Unavailable, Unprocessable
from shared.runtime.database_errors import is_outage, is_refusal
from shared.runtime.settings import get_settings

_ROWS_PER_DELETE = 20_000


@cache
def get_engine() -> Engine:
    """Return the engine of this process. It connects on first use, so a fork before is safe."""
    settings = get_settings()
    return create_engine(
        settings.database_url,
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_max_overflow,
        pool_timeout=10,
        pool_pre_ping=True,
        # Parameters are people's data; they stay out of logs.
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"},
    )


@contextmanager
def session_scope() -> Iterator[Session]:
    """Open a session that commits when the block ends and rolls back when it raises.

    Raises:
        Unavailable: PostgreSQL does not answer, or no connection became free in time.
        Unprocessable: PostgreSQL takes none of these values, now or later.
    """
    try:
        with Session(get_engine(), expire_on_commit=False) as session, session.begin():
            yield session
    except (DBAPIError, PoolTimeout) as error:
        if is_outage(error):
            raise Unavailable(
                "The database is unavailable or busy. Try again in a few seconds."
            ) from error
        if is_refusal(error):
            raise Unprocessable(
                "The database cannot store a value of this request: it is too long, or outside "
                "the range of its type. Send a shorter or smaller one."
            ) from error
        raise


@contextmanager
def job_connection(name: str) -> Iterator[Connection]:
    """Open a connection outside the pool, for jobs, which hold one for minutes.

    Args:
        name: what ``pg_stat_activity`` calls it, after ``tidemark-``.
    """
    connection = connect(get_settings().database_url, name)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def owner_connection(name: str) -> Iterator[Connection]:
    """Open a connection of the tables' owner, for the worker alone: it removes partitions.

    Args:
        name: what ``pg_stat_activity`` calls it, after ``tidemark-``.
    """
    settings = get_settings()
    connection = connect(settings.database_owner_url or settings.database_url, name)
    try:
        yield connection
    finally:
        connection.close()


def connect(database_url: str, name: str, *, options: str = "") -> Connection:
    """Open a psycopg2 connection in UTC, outside the pool.

    Args:
        database_url: as in the settings.
        name: what ``pg_stat_activity`` calls it, after ``tidemark-``.
        options: further command-line options of the server process, such as ``-c name=value``.
    """
    return psycopg2.connect(
        database_url.replace("postgresql+psycopg2://", "postgresql://", 1),
        connect_timeout=5,
        application_name=f"tidemark-{name}",
        options=f"-c timezone=UTC {options}".strip(),
    )


def delete_in_batches(
    connection: Connection,
    table: str,
    condition: sql.Composable,
    parameters: Sequence[object],
    lock: Callable[[Cursor], None] | None = None,
) -> int:
    """Delete the rows that meet a condition, in small transactions; return how many.

    A single statement over millions of rows would hold its locks for minutes and keep vacuum from
    everything that is deleted meanwhile. Rows are addressed by ctid, since ``DELETE`` has no limit.

    Args:
        connection: the caller's own; every batch is committed.
        table: a table or one partition: in a partitioned table a ctid is not unique.
        condition: SQL with one placeholder for each parameter.
        parameters: the values of the placeholders.
        lock: what each transaction takes first, where others lock the table's rows in an order.
    """
    statement = sql.SQL(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY("
        "SELECT ctid FROM {table} WHERE {condition} LIMIT %s))"
    ).format(table=sql.Identifier(table), condition=condition)
    deleted = 0
    while True:
        with connection.cursor() as cursor:
            if lock is not None:
                lock(cursor)
            cursor.execute(statement, (*parameters, _ROWS_PER_DELETE))
            batch = cursor.rowcount
        connection.commit()
        deleted += batch
        if batch < _ROWS_PER_DELETE:
            return deleted
