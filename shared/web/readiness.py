"""Readiness checks of the services' dependencies.

Clients are imported when a check first runs, so that a service without PostgreSQL does not pay for
SQLAlchemy in memory and start-up time.
"""

from __future__ import annotations


def postgresql() -> None:
    """Check that PostgreSQL answers."""
    from sqlalchemy import text

    from shared.runtime.database import get_engine

    with get_engine().connect() as connection:
        connection.execute(text("SELECT 1"))


def redis_cache() -> None:
    """Check that the Redis for cache, limits and jobs answers."""
    from shared.runtime.redis_clients import get_state_redis

    get_state_redis().ping()


def redis_stream() -> None:
    """Check that the Redis with the event stream answers."""
    from shared.runtime.redis_clients import get_stream

    get_stream().ping()


def redis_stream_or_postgresql() -> None:
    """Check that events can be held: in the stream, or in the spool instead."""
    from redis.exceptions import RedisError

    try:
        redis_stream()
    except RedisError:
        postgresql()
