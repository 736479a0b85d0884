"""The roles in PostgreSQL, each with the rights that its processes need, and no more.

``owner`` owns the tables and migrates them, ``write`` stores events and keeps accounts, ``read``
answers queries, and turns into one more for SQL of people (``sql_role``). None is a superuser, may
create roles, or passes over row security. Where only ``DATABASE_URL`` is set, all processes use its
role (docs/decisions/0019-database-roles.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import encrypt_password

from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.sql_role import create_sql_role, grant_views

ADMIN_URL = "DATABASE_ADMIN_URL"
"""A superuser, for creating the roles."""
OWNER_URL = "DATABASE_OWNER_URL"
WRITE_URL = "DATABASE_WRITE_URL"
READ_URL = "DATABASE_READ_URL"
OTHER_URLS = (ADMIN_URL, OWNER_URL, WRITE_URL, READ_URL)
"""Variables that only the migration, the worker and operators have."""

READABLE = (
    "alembic_version",
    "crawler_counts",
    "crawler_events",
    "daily_event_summaries",
    "day_files",
    "dead_letters",
    "event_counts",
    "event_sources",
    "events",
    "feature_flags",
    "flag_evaluations",
    "groups",
    "hourly_event_summaries",
    "intake_counts",
    "intake_warnings",
    "memberships",
    "page_daily_summaries",
    "person_distinct_ids",
    "person_export_parts",
    "person_merges",
    "persons",
    "project_daily_summaries",
    "projects",
    "sealed_days",
    "sealed_events",
    "sealed_values",
    "sessions",
)
"""Tables that the query service reads. A new table is none of them until it is entered here."""
SAVED = (
    "alert_evaluations",
    "alert_events",
    "alerts",
    "annotations",
    "channels",
    "cohort_members",
    "cohorts",
    "communities",
    "dashboards",
    "definitions",
    "deliveries",
    "divisions",
    "experiments",
    "goals",
    "import_counts",
    "import_parts",
    "import_refusals",
    "import_uploads",
    "imports",
    "reports",
    "saved_insights",
    "segments",
)
"""Tables that the query service reads and writes: what people save."""
READABLE_COLUMNS: Mapping[str, Sequence[str]] = {
    "users": ("id", "email", "is_active", "is_superuser", "session_version"),
    "api_keys": ("project_id", "kind", "key_hash", "expires_at", "revoked_at"),
    "failed_attempts": ("project_id", "work", "failed_at"),
}
"""Columns with which the query service checks logins and keys, never a password's hash; and those
that health counts failures by."""

_NO_RIGHTS = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
_LOCK_TIMEOUT = "30s"
_OF_OTHERS = """
    SELECT 'TABLE ' || c.oid::regclass FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace
        AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND pg_get_userbyid(c.relowner) <> %s
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
            AND c.relkind = 'S')
    UNION ALL
    SELECT 'FUNCTION ' || p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace
        AND pg_get_userbyid(p.proowner) <> %s
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True, slots=True)
class Role:
    """A role with its password, as a URL names them."""

    name: str
    password: str

    @classmethod
    def of(cls, url: str) -> Role:
        """Return the role of a connection URL."""
        parts = urlsplit(url)
        return cls(unquote(parts.username or ""), unquote(parts.password or ""))


def create_roles(admin: Connection, owner: Role, write: Role, read: Role) -> None:
    """Create the roles, or set what they may do and their passwords; give the tables to the owner.

    Args:
        admin: a superuser's connection to the installation's database. Commits.
        owner: owns the schema from now on, with what an earlier version left to the superuser.
        write: may make temporary tables, too.
        read: may connect to the database.
    """
    with admin, admin.cursor() as cursor:
        _lock(cursor)
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,))
        for role in {role.name: role for role in (read, write, owner)}.values():
            _create(cursor, role)
        cursor.execute("SELECT current_database(), current_schema()")
        database, schema = map(sql.Identifier, cursor.fetchone() or ("", ""))
        for statement in (
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {database} TO {owner}, {write}, {read}",
            "GRANT TEMPORARY ON DATABASE {database} TO {owner}, {write}",
            "ALTER SCHEMA {schema} OWNER TO {owner}",
            # For doctor, which looks for transactions that stay open.
            "GRANT pg_read_all_stats TO {owner}",
        ):
            cursor.execute(
                sql.SQL(statement).format(
                    database=database,
                    schema=schema,
                    owner=sql.Identifier(owner.name),
                    write=sql.Identifier(write.name),
                    read=sql.Identifier(read.name),
                )
            )
        if read.name not in {owner.name, write.name}:
            create_sql_role(cursor, read.name)
        cursor.execute(_OF_OTHERS, (owner.name, owner.name))
        for (thing,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("ALTER {} OWNER TO {}").format(sql.SQL(thing), sql.Identifier(owner.name))
            )


def grant(owner: Connection, write: str, read: str) -> None:
    """Give both roles exactly their rights on the tables that there are now. Commits.

    Args:
        owner: a connection of the tables' owner.
        write: the role's name; tables that are created later are its to write, too.
        read: the role's name.
    """
    with owner, owner.cursor() as cursor:
        # Of two that change the same rights at once, PostgreSQL lets one fail.
        _lock(cursor)
        cursor.execute(
            "SELECT current_schema(), current_user, to_regprocedure('make_events_partition(date)')"
        )
        schema, own_name, newest = cursor.fetchone() or ("", "", None)
        if newest is None:
            return  # a schema of before the roles, after a downgrade
        values = {
            "schema": sql.Identifier(schema),
            "write": sql.Identifier(write),
            "read": sql.Identifier(read),
        }

        def run(statement: str, **more: sql.Composable) -> None:
            cursor.execute(sql.SQL(statement).format(**values, **more))

        run("REVOKE ALL ON SCHEMA {schema} FROM PUBLIC")
        run("GRANT USAGE ON SCHEMA {schema} TO {write}, {read}")
        run("REVOKE ALL ON FUNCTION make_events_partition(date) FROM PUBLIC")
        if write != own_name:
            run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {write}")
            run("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {write}")
            run(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} "
                "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {write}"
            )
            run("GRANT EXECUTE ON FUNCTION make_events_partition(date) TO {write}")
        if read not in {own_name, write}:
            run("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {read}")
            run("GRANT SELECT ON {tables} TO {read}", tables=_names(READABLE))
            run("GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {read}", tables=_names(SAVED))
            for table, columns in READABLE_COLUMNS.items():
                run(
                    "GRANT SELECT ({columns}) ON {table} TO {read}",
                    columns=_names(columns),
                    table=sql.Identifier(table),
                )
            grant_views(cursor, read)


def _lock(cursor: Cursor) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (int(AdvisoryLock.ROLES),))


def _create(cursor: Cursor, role: Role) -> None:
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (role.name,))
    verb = sql.SQL("CREATE" if cursor.fetchone() is None else "ALTER")
    # PostgreSQL logs a statement that fails, so the password itself is in none.
    verifier = encrypt_password(
        role.password, role.name, scope=cursor.connection, algorithm="scram-sha-256"
    )
    cursor.execute(
        sql.SQL("{verb} ROLE {name} {rights} PASSWORD {password}").format(
            verb=verb,
            name=sql.Identifier(role.name),
            rights=_NO_RIGHTS,
            password=sql.Literal(verifier),
        )
    )


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
