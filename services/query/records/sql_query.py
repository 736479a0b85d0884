"""Run a checked SQL statement in PostgreSQL, within limits of time, memory, rows and bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import new_type, register_type
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.parsing.sql_names import COLUMN
from services.query.parsing.sql_statement import SqlStatement
from services.query.records.sql_errors import explain_refusal
from shared.errors import Unprocessable
from shared.runtime.settings import get_settings
from shared.runtime.sql_role import SQL_ROLE_ENDING

MAX_ROWS = 10_000
MAX_BYTES = 16 * 1024 * 1024
_MAX_ROWS_AT_ONCE = 50
_MAX_VALUES_AT_ONCE = 200
"""PostgreSQL sends all rows that are asked for at once, and a value may have a megabyte."""
_PREPARE = """
    SELECT set_config('timezone', %s, true), set_config('tidemark.project_id', %s, true),
        set_config('work_mem', '16MB', true), set_config('hash_mem_multiplier', '1', true),
        set_config('temp_file_limit', '1GB', true), set_config('jit', 'off', true),
        set_config('max_parallel_workers_per_gather', '0', true),
        set_config('cursor_tuple_fraction', '1', true),
        set_config('standard_conforming_strings', 'on', true),
        set_config('role', current_user || %s, true)
"""
"""The project of the views; one core; at most 16 MB for each sort or hash table. Then the role that
may read the views and nothing else, until the transaction ends."""
_KINDS = {
    16: "boolean", 20: "integer", 21: "integer", 23: "integer", 700: "number", 701: "number",
    1700: "decimal", 1082: "date", 1114: "timestamp", 1184: "timestamp", 114: "json",
    3802: "json",
}  # fmt: skip
"""Kinds of values by PostgreSQL's number of their type; every other type is text."""
# Values are passed on as PostgreSQL prints them: Python has no year 20000 and no date infinity.
_AS_TEXT = new_type(
    (*_KINDS, 25, 1043, 1186, 2950), "SQL_TEXT", lambda value, _cursor: value
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SqlResult:
    """The first rows of a statement's result, as PostgreSQL prints their values."""

    columns: Sequence[str]
    kinds: Sequence[str]
    """Of the columns: boolean, integer, number, decimal, date, timestamp, json or text."""
    rows: list[tuple[str | None, ...]]
    truncated: bool
    """Whether there are further rows."""
    took_ms: float


def run_statement(project_id: int, timezone: str, statement: SqlStatement, limit: int) -> SqlResult:
    """Return the first rows of a statement's result, in a slot of the project.

    Args:
        project_id: the project whose rows it reads.
        timezone: of the project; days and hours of the statement are those of this zone.
        statement: was checked.
        limit: the most rows, 1 to ``MAX_ROWS``; fewer if they have more than ``MAX_BYTES``.

    Raises:
        Unavailable: too many queries are running, or PostgreSQL is away.
        Unprocessable: PostgreSQL refuses the statement, or it reaches a limit.
    """
    with limited_session(project_id) as session:
        started = time.monotonic()
        _prepare(session, project_id, timezone)
        try:
            return _fetch(session, statement.sql, limit, started)
        except psycopg2.Error as error:
            raised = explain_refusal(error)
            if raised is None:
                raise
            raise raised from error


def _prepare(session: Session, project_id: int, timezone: str) -> None:
    """Limit the transaction to the project's rows of the views, whatever the statement says."""
    try:
        with _cursor(session) as cursor:
            cursor.execute(_PREPARE, (timezone, str(project_id), SQL_ROLE_ENDING))
    except (errors.InsufficientPrivilege, errors.InvalidParameterValue) as error:
        raise Unprocessable(
            "SQL is not set up: the database has no role for it. An operator creates it as "
            "docs/operations.md, Database roles, says."
        ) from error


def _fetch(session: Session, sql: str, limit: int, started: float) -> SqlResult:
    rows: list[tuple[str | None, ...]] = []
    left = MAX_BYTES
    with _cursor(session, "sql") as cursor, _cursor(session) as settings:
        register_type(_AS_TEXT, cursor)
        _limit_time(settings, started)
        cursor.execute(sql)
        at_once = 1
        while True:
            part = cursor.fetchmany(at_once)
            for row in part:
                left -= sum(len(value) if value is not None else 1 for value in row)
                if left < 0 or len(rows) == limit:
                    return _result(cursor, rows, started, truncated=True)
                rows.append(row)
            if len(part) < at_once:
                return _result(cursor, rows, started, truncated=False)
            most = max(1, _MAX_VALUES_AT_ONCE // len(part[0]))
            at_once = min(2 * at_once, most, _MAX_ROWS_AT_ONCE)
            _limit_time(settings, started)


def _limit_time(cursor: Cursor, started: float) -> None:
    """Set the time limit of the next statement to what is left of that of the query."""
    passed = (time.monotonic() - started) * 1000
    left = max(1, int(get_settings().query_timeout_ms - passed))
    cursor.execute("SET LOCAL statement_timeout = %s", (left,))


def _result(
    cursor: Cursor, rows: list[tuple[str | None, ...]], started: float, *, truncated: bool
) -> SqlResult:
    described = cursor.description or ()
    return SqlResult(
        [column.name.removeprefix(COLUMN) for column in described],
        [_KINDS.get(column.type_code, "text") for column in described],
        rows,
        truncated,
        round((time.monotonic() - started) * 1000, 2),
    )


def _cursor(session: Session, name: str | None = None) -> Cursor:
    connection = session.connection().connection.dbapi_connection
    assert connection is not None
    return cast("Cursor", connection.cursor(name))
