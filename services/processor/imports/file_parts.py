"""Hold and read the parts of an import's file."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from shared.imports.parts import PART_BYTES, parts_of


class PartsMissing(Exception):
    """Raised when parts of a file are gone before its end: the import was cancelled meanwhile."""


def add_part(
    connection: Connection, project_id: int, import_id: int, part: int, content: bytes
) -> None:
    """Hold a part of a file. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO import_parts (project_id, import_id, part, content) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (project_id, import_id, part) "
            "DO UPDATE SET content = excluded.content",
            (project_id, import_id, part, psycopg2.Binary(content)),
        )
    connection.commit()


def is_complete(connection: Connection, project_id: int, import_id: int, size: int) -> bool:
    """Return whether every part of a file of so many bytes is there. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(octet_length(content)), 0) FROM import_parts "
            "WHERE project_id = %s AND import_id = %s",
            (project_id, import_id),
        )
        found = cursor.fetchone()
    connection.commit()
    return found == (parts_of(size), size)


def read_file(
    connection: Connection, project_id: int, import_id: int, size: int, offset: int
) -> Iterator[bytes]:
    """Yield a file of so many bytes from a byte on, a part at a time. Commits.

    Raises:
        PartsMissing: a part is gone. Its absence is no end of the file, at which the rest of a row
            would count as a whole one.
    """
    first, skip = divmod(offset, PART_BYTES)
    for part in range(first, parts_of(size)):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT content FROM import_parts "
                "WHERE project_id = %s AND import_id = %s AND part = %s",
                (project_id, import_id, part),
            )
            found = cursor.fetchone()
        connection.commit()
        if found is None:
            raise PartsMissing
        content = bytes(found[0])
        if skip < len(content):
            yield content[skip:] if skip else content
        skip = 0


def remove_file(cursor: Cursor, project_id: int, import_id: int) -> None:
    """Remove the file of an import, within the caller's transaction."""
    cursor.execute(
        "DELETE FROM import_parts WHERE project_id = %s AND import_id = %s",
        (project_id, import_id),
    )
