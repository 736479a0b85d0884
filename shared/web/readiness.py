"""Readiness checks for what services depend on.

The clients are imported when a check first runs: a service that does not use PostgreSQL then does
not pay for SQLAlchemy in memory and start-up time.
"""

from __future__ import annotations


def postgresql() -> None:
    """PostgreSQL answers."""
    from sqlalchemy import text

    from shared.runtime.database import get_engine

    with get_engine().connect() as connection:
        connection.execute(text("SELECT 1"))


def redis_cache() -> None:
    """The Redis for cache, limits and jobs answers."""
    from shared.runtime.redis_clients import get_cache

    get_cache().ping()


def redis_stream() -> None:
    """The Redis that holds the event stream answers."""
    from shared.runtime.redis_clients import get_stream

    get_stream().ping()


def redis_stream_or_postgresql() -> None:
    """Events can be held: by the stream, or by the spool while that is away."""
    from redis.exceptions import RedisError

    try:
        redis_stream()
    except RedisError:
        postgresql()
