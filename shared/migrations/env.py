"""Alembic's entry: migrations run against DATABASE_URL, one transaction each."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import create_engine, pool, text

from shared.models import Base

_LOCK = 7_204_911  # one migrator at a time, however many containers start together


def _is_ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Day partitions are made by the processor, not by migrations."""
    return not (kind == "table" and name is not None and name.startswith("events_"))


def run() -> None:
    """Migrate the database that DATABASE_URL names."""
    url = os.environ.get("DATABASE_URL") or context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("DATABASE_URL is not set: say which database to migrate.")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg2://" + url.removeprefix("postgresql://")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=_is_ours,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
