"""Readiness checks for what services depend on."""

from __future__ import annotations

from sqlalchemy import text

from shared.database import get_engine
from shared.redis_clients import get_cache, get_stream


def postgresql() -> None:
    """PostgreSQL answers."""
    with get_engine().connect() as connection:
        connection.execute(text("SELECT 1"))


def redis_cache() -> None:
    """The Redis for cache, limits and jobs answers."""
    get_cache().ping()


def redis_stream() -> None:
    """The Redis that holds the event stream answers."""
    get_stream().ping()
