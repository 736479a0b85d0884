"""What each role in PostgreSQL may do, tried with statements as an injection would send them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from alembic import command
from alembic.config import Config
from psycopg2.errors import (
    InsufficientPrivilege,
    ReadOnlySqlTransaction,
    ReservedName,
    UndefinedObject,
)
from psycopg2.extensions import connection as Connection

from deploy.local.postgres import Postgres
from services.processor.commands import doctor
from services.processor.storing.partitions import drop_partition, list_days, make_partition
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.database_roles import Role, create_roles, grant
from tests.conftest import ROOT, plain_url
from tests.support.factories import NOON

DAY = NOON.date()
_FORBIDDEN = (
    "DROP TABLE events",
    "DROP TABLE projects",
    "TRUNCATE events",
    "ALTER TABLE users ADD COLUMN more text",
    "CREATE TABLE mine (id int)",
    "CREATE ROLE mine",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY users FROM PROGRAM 'echo'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/tmp/tidemark-injected'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SET ROLE tidemark",
    "SET ROLE tidemark_owner",
    "UPDATE alembic_version SET version_num = '0001'",
)
_FORBIDDEN_TO_READ = (
    "SELECT password_hash FROM users",
    "SELECT * FROM users",
    "SELECT totp_secret FROM users",
    "SELECT token_hash FROM invitations",
    "SELECT * FROM audit_log",
    "SELECT * FROM external_identities",
    "SELECT * FROM spool",
    "SELECT * FROM api_keys",
    "INSERT INTO projects (name, slug, timezone) VALUES ('a', 'a', 'UTC')",
    "UPDATE users SET is_superuser = true",
    "UPDATE memberships SET role = 'owner'",
    "DELETE FROM events",
    "DELETE FROM persons",
    "SELECT make_events_partition(current_date)",
    "CREATE TEMPORARY TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
)


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """An installation of before the roles, whose tables and functions a superuser owns."""
    postgres = Postgres(tmp_path_factory.mktemp("roles") / "postgres")
    postgres.start()
    try:
        migrate(DATABASE_URL=postgres.url)
        with closing(psycopg2.connect(plain_url(postgres.url))) as admin, admin:
            make_partition(admin, DAY)
        yield postgres
    finally:
        postgres.stop()


@pytest.fixture(scope="module")
def server(old_server: Postgres) -> Postgres:
    """An installation whose upgrade gave all tables to the owner's role."""
    upgrade(old_server)
    return old_server


def upgrade(postgres: Postgres) -> None:
    migrate(
        DATABASE_ADMIN_URL=postgres.url,
        DATABASE_URL=postgres.role_url("owner"),
        DATABASE_WRITE_URL=postgres.role_url("write"),
        DATABASE_READ_URL=postgres.role_url("read"),
    )


def migrate(**variables: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        command.upgrade(Config(ROOT / "alembic.ini"), "head")


def run(server: Postgres, kind: str, statement: str) -> list[Any]:
    """Run a statement as one of the roles, and undo it."""
    url = server.url if kind == "admin" else server.role_url(kind)
    with closing(psycopg2.connect(plain_url(url))) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_an_upgrade_gives_the_owner_what_a_superuser_made(old_server: Postgres) -> None:
    upgrade(old_server)
    owners = run(
        old_server,
        "admin",
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')"
        " UNION SELECT pg_get_userbyid(proowner) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace",
    )
    assert owners == [("tidemark_owner",)]


@pytest.mark.parametrize("kind", ["write", "read"])
def test_an_injected_statement_cannot_take_the_database_over(server: Postgres, kind: str) -> None:
    for statement in _FORBIDDEN:
        with pytest.raises(InsufficientPrivilege):
            run(server, kind, statement)


def test_the_doctor_sees_the_transactions_of_every_role(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_ADMIN_URL", server.url)
    monkeypatch.setattr(doctor, "_MAX_TRANSACTION", timedelta(0))
    url = plain_url(server.role_url("read"))
    with closing(psycopg2.connect(url, application_name="stuck")) as stuck:
        stuck.cursor().execute("SELECT 1")
        found = [line for fine, line in doctor._transactions() if not fine]
    assert [line for line in found if "A transaction of stuck" in line]


def test_queries_cannot_read_secrets_nor_write_what_is_not_saved_by_people(
    server: Postgres,
) -> None:
    for statement in _FORBIDDEN_TO_READ:
        with pytest.raises(InsufficientPrivilege):
            run(server, "read", statement)
    with pytest.raises(ReadOnlySqlTransaction):
        run(server, "read", "SET TRANSACTION READ ONLY; DELETE FROM dashboards")
    assert run(server, "read", "SELECT count(*) FROM events") == [(0,)]
    assert run(server, "read", "DELETE FROM dashboards") == []


_FORBIDDEN_TO_SQL = (
    *_FORBIDDEN[:-3],
    "SELECT * FROM events",
    "SELECT count(*) FROM persons",
    "SELECT * FROM memberships",
    "SELECT * FROM projects",
    "SELECT id FROM users",
    "SELECT * FROM alembic_version",
    "INSERT INTO sql_persons (person_id) VALUES (1)",
    "DELETE FROM sql_events",
    "SELECT make_events_partition(current_date)",
    "SET LOCAL temp_file_limit = -1",
)


def test_sql_of_people_reads_the_views_of_one_project_alone(server: Postgres) -> None:
    become = "BEGIN; SET LOCAL ROLE tidemark_read_sql;"
    for statement in _FORBIDDEN_TO_SQL:
        with pytest.raises(InsufficientPrivilege):
            run(server, "read", f"{become} {statement}")
    for view in ("events", "persons", "sessions"):
        with pytest.raises(UndefinedObject):
            run(server, "read", f"{become} SELECT count(*) FROM sql_{view}")
        named = f"{become} SET LOCAL tidemark.project_id = 1; SELECT count(*) FROM sql_{view}"
        assert run(server, "read", named) == [(0,)]
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(plain_url(server.role_url("read")).replace("_read:", "_read_sql:"))


def test_no_role_has_rights_over_the_server(server: Postgres) -> None:
    found = run(
        server,
        "admin",
        "SELECT rolname FROM pg_roles WHERE rolname IN ('tidemark_owner', 'tidemark_write', "
        "'tidemark_read', 'tidemark_read_sql') "
        "AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)",
    )
    assert len(found) == 4
    owners = run(
        server,
        "admin",
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace",
    )
    assert owners == [("tidemark_owner",)]


def test_a_partition_is_made_by_the_writer_and_removed_by_the_owner_alone(
    server: Postgres,
) -> None:
    later = DAY.replace(year=DAY.year + 1)
    with closing(psycopg2.connect(plain_url(server.role_url("write")))) as writer:
        make_partition(writer, later)
        make_partition(writer, later)
        assert list_days(writer) == [DAY, later]
        with writer.cursor() as cursor:
            cursor.execute(f"DELETE FROM events_{later:%Y%m%d}")
        with pytest.raises(InsufficientPrivilege):
            drop_partition(writer, later)
    with closing(psycopg2.connect(plain_url(server.role_url("owner")))) as owner:
        drop_partition(owner, later)
        assert list_days(owner) == [DAY]


def test_a_temporary_table_does_not_stand_in_for_the_events(server: Postgres) -> None:
    later = DAY.replace(year=DAY.year + 2)
    with closing(psycopg2.connect(plain_url(server.role_url("write")))) as writer:
        with writer.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE events (id int) ON COMMIT DROP")
            cursor.execute("SELECT make_events_partition(%s)", (later,))
        writer.commit()
        assert later in list_days(writer)


def test_an_upgrade_run_again_changes_nothing_and_sets_changed_passwords(
    server: Postgres,
) -> None:
    rights = "SELECT relname, relacl::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY 1"
    before = run(server, "admin", rights)
    with closing(psycopg2.connect(plain_url(server.url))) as admin, admin, admin.cursor() as cursor:
        cursor.execute("ALTER ROLE tidemark_read PASSWORD 'another' SUPERUSER")
    upgrade(server)
    assert run(server, "admin", rights) == before
    assert run(server, "read", "SHOW is_superuser") == [("off",)]


def test_with_a_single_role_nobody_else_may_make_partitions(database: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege('public', 'make_events_partition(date)', 'EXECUTE'), "
            "has_function_privilege('make_events_partition(date)', 'EXECUTE')"
        )
        assert cursor.fetchone() == (False, True)


def test_no_password_is_in_the_log_of_a_statement_that_failed(server: Postgres) -> None:
    reserved = Role("pg_mine", "a-password-of-mine")
    owner, write = (Role.of(server.role_url(kind)) for kind in ("owner", "write"))
    with closing(psycopg2.connect(plain_url(server.url))) as admin, pytest.raises(ReservedName):
        create_roles(admin, owner, write, reserved)
    logged = server.log.read_text()
    assert 'CREATE ROLE "pg_mine"' in logged
    assert reserved.password not in logged


def test_two_migrations_at_once_give_the_roles_their_rights(server: Postgres) -> None:
    first, second = (psycopg2.connect(plain_url(server.role_url("owner"))) for _ in range(2))
    with closing(first), closing(second), ThreadPoolExecutor(1) as pool:
        with first, first.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (int(AdvisoryLock.ROLES),))
            cursor.execute("GRANT SELECT ON events TO tidemark_read")
            waiting = pool.submit(grant, second, "tidemark_write", "tidemark_read")
            time.sleep(1)
            assert not waiting.done()
        waiting.result(timeout=30)
    assert run(server, "read", "SELECT count(*) FROM events") == [(0,)]
