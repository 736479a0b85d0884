"""Run migrations against DATABASE_URL, one transaction each: Alembic's entry."""

from __future__ import annotations

import os
import time
from contextlib import closing

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from shared.models import Base
from shared.runtime import database_roles
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.database import connect
from shared.runtime.database_roles import Role

_ASK_AGAIN_SECONDS = 0.5
# Migrations were once named after topics. This maps the name that such a database has in
# alembic_version to the number of the same migration today. Two old names are numbers of another
# migration today; there the schema decides which migration is meant.
_NUMBERED = """
UPDATE alembic_version SET version_num = CASE version_num
    WHEN 'sealing_1' THEN '0003'
    WHEN '0003' THEN '0004'
    WHEN 'people_1' THEN '0005'
    WHEN 'answers_1' THEN '0006'
    WHEN 'people_2' THEN '0007'
    WHEN 'accounts_1' THEN '0008'
    WHEN '0004' THEN '0009'
    WHEN 'people_3' THEN '0010'
    WHEN 'answers_2' THEN '0011'
    WHEN 'accounts_2' THEN '0012'
END
WHERE version_num IN ('sealing_1', 'people_1', 'answers_1', 'people_2', 'accounts_1', 'people_3',
        'answers_2', 'accounts_2')
    OR version_num = '0003' AND EXISTS (
        SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()
            AND table_name = 'event_ledger' AND column_name = 'received_at')
    OR version_num = '0004' AND to_regclass('person_changes') IS NOT NULL
"""


def _is_ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Leave out day partitions: the processor creates them."""
    return not (kind == "table" and name is not None and name.startswith("events_"))


def _wait_for_others(connection: Connection) -> None:
    """Wait until no other process migrates, and keep further ones waiting.

    Asked again and again: a statement that waits for the lock would be a transaction for which
    CREATE INDEX CONCURRENTLY of the process with the lock waits in turn.
    """
    key = {"key": int(AdvisoryLock.MIGRATION)}
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
        connection.commit()
        time.sleep(_ASK_AGAIN_SECONDS)
    connection.commit()


def _number_old_revisions(connection: Connection) -> None:
    """Replace the old name of a database's revision by its number."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is not None:
        connection.execute(text(_NUMBERED))
    connection.commit()


def _write_and_read(owner_url: str) -> tuple[Role, Role]:
    """Return the roles that the environment names; without them, the owner has their part."""
    write, read = (
        Role.of(os.environ.get(name) or owner_url)
        for name in (database_roles.WRITE_URL, database_roles.READ_URL)
    )
    return write, read


def _create_roles(owner_url: str) -> None:
    """Create the roles, if a superuser is named who can."""
    admin_url = os.environ.get(database_roles.ADMIN_URL)
    if admin_url:
        with closing(connect(admin_url, "roles")) as admin:
            database_roles.create_roles(admin, Role.of(owner_url), *_write_and_read(owner_url))


def _grant(owner_url: str) -> None:
    """Give the roles their rights on the tables that there are now."""
    write, read = _write_and_read(owner_url)
    if {write.name, read.name} != {Role.of(owner_url).name}:
        with closing(connect(owner_url, "roles")) as owner:
            database_roles.grant(owner, write.name, read.name)


def run() -> None:
    """Migrate the database that DATABASE_URL names."""
    url = os.environ.get("DATABASE_URL") or context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("DATABASE_URL is not set: say which database to migrate.")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg2://" + url.removeprefix("postgresql://")
    _create_roles(url)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _wait_for_others(connection)
        _number_old_revisions(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=_is_ours,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()
    _grant(url)


run()
