"""The role in PostgreSQL that runs the SQL of people: it reads three views and nothing else.

The views show rows of the project that the transaction has set as ``tidemark.project_id``, and none
where it has set none. They are security barriers: PostgreSQL tests the project before it calls
anything that could tell something of a row, and plans without statistics of its values
(docs/decisions/0063-sql.md).
"""

from __future__ import annotations

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

SQL_ROLE_ENDING = "_sql"
"""After the name of the role that answers queries, which turns into this one for a transaction."""
_VIEWS = ("sql_events", "sql_persons", "sql_sessions")


def create_sql_role(cursor: Cursor, read: str) -> None:
    """Create the role that another one may turn into, with no rights of its own.

    Args:
        cursor: of a superuser.
        read: the role that answers queries.
    """
    name = read + SQL_ROLE_ENDING
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,))
    verb = "CREATE" if cursor.fetchone() is None else "ALTER"
    for statement in (
        verb + " ROLE {name} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
        "GRANT {name} TO {read}",
        # The most that sorts and joins of a statement may put into temporary files.
        "GRANT SET ON PARAMETER temp_file_limit TO {read}",
    ):
        cursor.execute(
            sql.SQL(statement).format(name=sql.Identifier(name), read=sql.Identifier(read))
        )


def grant_views(cursor: Cursor, read: str) -> None:
    """Let the role read the views, and take every other right over tables away, if it exists.

    Args:
        cursor: of the tables' owner.
        read: the role that answers queries.
    """
    name = read + SQL_ROLE_ENDING
    cursor.execute(
        "SELECT current_schema(), to_regclass(%s) FROM pg_roles WHERE rolname = %s",
        (_VIEWS[0], name),
    )
    schema, views = cursor.fetchone() or ("", None)
    if views is None:
        return  # no such role, or a schema of before it
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}",
        "GRANT USAGE ON SCHEMA {schema} TO {name}",
        "GRANT SELECT ON {views} TO {name}",
    ):
        cursor.execute(
            sql.SQL(statement).format(
                schema=sql.Identifier(schema),
                name=sql.Identifier(name),
                views=sql.SQL(", ").join(map(sql.Identifier, _VIEWS)),
            )
        )
