"""Names of projects, for lists of what concerns the whole installation."""

from __future__ import annotations

from psycopg2.extensions import connection as Connection


def project_names(connection: Connection) -> dict[int, str]:
    """Return the names of all projects by id. Commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM projects")
        found: dict[int, str] = dict(cursor.fetchall())
    connection.commit()
    return found
