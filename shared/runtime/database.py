"""The engine of this process and the one session scope per request, batch or job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import psycopg2
from psycopg2.extensions import connection as Connection
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from shared.errors import Unavailable
from shared.runtime.settings import get_settings


@cache
def get_engine() -> Engine:
    """The engine of this process. It connects on first use, so a fork before that is safe."""
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
    """A session that commits when the block ends and rolls back when it raises.

    Raises:
        Unavailable: PostgreSQL is away, or all connections are taken for too long.
    """
    try:
        with Session(get_engine(), expire_on_commit=False) as session, session.begin():
            yield session
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Unavailable("The database is away or busy. Try again in a few seconds.") from error


@contextmanager
def job_connection(name: str) -> Iterator[Connection]:
    """A connection of a job's own, outside the pool: jobs hold one for minutes.

    Args:
        name: what ``pg_stat_activity`` calls it, after ``tidemark-``.
    """
    connection = psycopg2.connect(
        get_settings().database_url.replace("postgresql+psycopg2://", "postgresql://", 1),
        connect_timeout=5,
        application_name=f"tidemark-{name}",
        options="-c timezone=UTC",
    )
    try:
        yield connection
    finally:
        connection.close()
