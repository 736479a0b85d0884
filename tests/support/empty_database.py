"""A database without tables, for tests that migrate it."""

from __future__ import annotations

from contextlib import closing

import psycopg2
from alembic.config import Config

from tests.conftest import ROOT

CONFIG = Config(ROOT / "alembic.ini")


def execute(url: str, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    """Run one statement in a transaction of its own; return its rows."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
