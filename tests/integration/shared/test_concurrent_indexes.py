"""Indexes on tables that exist already are built while others write to them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, ISOLATION_LEVEL_DEFAULT
from psycopg2.extensions import cursor as Cursor
from sqlalchemy import Engine, create_engine, event

from shared.migrations.indexes import create_index
from shared.runtime.advisory_locks import AdvisoryLock
from tests.conftest import ROOT
from tests.support.empty_database import CONFIG, execute
from tests.support.waiting import wait_for

# Of the first migrations, and of a table that is nearly empty.
_BEFORE_CONCURRENT_INDEXES = {
    "ix_person_distinct_ids_project_id_person_id",
    "ix_events_project_person",
    "a key of pending_merges",
    "ix_pending_merges_project_id_previous_id",
    "ix_pending_merges_project_id_requested_at",
}
_A_SESSION = (
    "INSERT INTO sessions (project_id, session_id, person_id, started_at, ended_at,"
    " first_event_id, events, pageviews, by_inactivity)"
    " VALUES (1, gen_random_uuid(), 1, now(), now(), gen_random_uuid(), 1, 0, true)"
)


@contextmanager
def session(url: str, isolation: int = ISOLATION_LEVEL_DEFAULT) -> Iterator[Cursor]:
    """A cursor of a connection whose transaction is not committed."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.set_isolation_level(isolation)
        yield cursor


@contextmanager
def migrating_beside(revision: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that migrates the database that DATABASE_URL names."""
    alembic = [sys.executable, "-m", "alembic", "upgrade", revision]
    with subprocess.Popen(alembic, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def indexes_in_transactions(statements: list[str]) -> set[str]:
    """Names of the indexes on tables of earlier migrations that were not built CONCURRENTLY."""
    found: set[str] = set()
    created: set[str] = set()
    for statement in statements:
        if "alembic_version SET version_num" in statement:
            created = set()
        created |= set(re.findall(r"CREATE TABLE (\w+)", statement))
        for name, only, table in re.findall(
            r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?(\w+) ON (ONLY )?(\w+)",
            statement,
        ):
            if table not in created and not only:
                found.add(name)
        for table in re.findall(
            r"ALTER TABLE (\w+) ADD (?:CONSTRAINT \w+ )?(?:PRIMARY KEY|UNIQUE) \(", statement
        ):
            if table not in created:
                found.add(f"a key of {table}")
    return found


def test_indexes_of_tables_that_exist_are_built_concurrently(empty_database: str) -> None:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        command.upgrade(CONFIG, "head")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert indexes_in_transactions(statements) == _BEFORE_CONCURRENT_INDEXES


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("CREATE INDEX ix_a ON sessions (person_id)", {"ix_a"}),
        ("CREATE UNIQUE INDEX ix_a ON events (id)", {"ix_a"}),
        ("ALTER TABLE persons ADD CONSTRAINT k UNIQUE (id)", {"a key of persons"}),
        ("CREATE INDEX CONCURRENTLY ix_a ON sessions (person_id)", set()),
        ("CREATE INDEX IF NOT EXISTS ix_a ON ONLY events (id)", set()),
        ("CREATE INDEX ix_a ON goals (id)", set()),
    ],
)
def test_what_holds_up_writers_is_recognised(statement: str, found: set[str]) -> None:
    earlier = ["CREATE TABLE sessions (id int)", "UPDATE alembic_version SET version_num='0005'"]
    assert indexes_in_transactions([*earlier, "CREATE TABLE goals ()", statement]) == found


def test_sessions_are_stored_while_their_index_is_built(empty_database: str) -> None:
    command.upgrade(CONFIG, "0009")
    waits = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND starts_with(query, 'CREATE INDEX') AND wait_event_type = 'Lock'"
    )
    with session(empty_database) as first, session(empty_database) as second:
        first.execute(_A_SESSION)
        with migrating_beside("0010") as process:
            wait_for(lambda: execute(empty_database, waits))
            second.execute("SET lock_timeout = '5s'")
            second.execute(_A_SESSION)
            for cursor in (first, second):
                cursor.connection.commit()
            assert process.wait(60) == 0
    assert execute(empty_database, "SELECT count(*) FROM sessions") == [(2,)]


def test_an_index_that_was_not_finished_is_built_again(empty_database: str) -> None:
    command.upgrade(CONFIG, "0009")
    name = "ix_sessions_by_inactivity"
    for _ in range(2):
        execute(empty_database, _A_SESSION)
    with (
        session(empty_database, ISOLATION_LEVEL_AUTOCOMMIT) as cursor,
        pytest.raises(psycopg2.errors.UniqueViolation),
    ):
        cursor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON sessions (project_id)")
    is_valid = f"SELECT indisvalid FROM pg_index WHERE indexrelid = '{name}'::regclass"
    assert execute(empty_database, is_valid) == [(False,)]
    command.upgrade(CONFIG, "0010")
    assert execute(empty_database, is_valid) == [(True,)]


def test_a_process_that_waits_to_migrate_holds_up_no_index(empty_database: str) -> None:
    command.upgrade(CONFIG, "0009")
    lock = int(AdvisoryLock.MIGRATION)
    asks = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
        " AND application_name = ''"
        " AND (strpos(query, 'advisory_lock(' || %s) > 0 OR query = 'COMMIT')"
    )
    with session(empty_database, ISOLATION_LEVEL_AUTOCOMMIT) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (lock,))
        own = cursor.connection.get_backend_pid()
        with migrating_beside("head") as process:
            wait_for(lambda: execute(empty_database, asks, own, lock))
            cursor.execute("CREATE INDEX CONCURRENTLY ix_own ON sessions (person_id)")
            cursor.execute("DROP INDEX ix_own")
            cursor.execute("SELECT pg_advisory_unlock(%s)", (lock,))
            assert process.wait(60) == 0


def test_every_day_of_events_gets_a_new_index(empty_database: str) -> None:
    command.upgrade(CONFIG, "head")
    execute(empty_database, "SELECT make_events_partition('2026-03-10')")
    execute(empty_database, "SELECT make_events_partition('2026-03-11')")
    engine = create_engine(empty_database.replace("postgresql://", "postgresql+psycopg2://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for _ in range(2):
                create_index("ix_events_source", "events", "(project_id, source)")
    engine.dispose()
    execute(empty_database, "SELECT make_events_partition('2026-03-12')")
    built = execute(
        empty_database,
        "SELECT relid::regclass::text, indisvalid FROM pg_partition_tree('ix_events_source')"
        " JOIN pg_index ON indexrelid = relid ORDER BY 1",
    )
    assert len(built) == 4
    assert all(is_valid for _, is_valid in built)
