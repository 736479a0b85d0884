"""Tell what an error of PostgreSQL means to whoever made the request: wait, or change it."""

from __future__ import annotations

import psycopg2
from psycopg2 import errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_LIMITS = (
    errors.ProgramLimitExceeded,
    errors.StatementTooComplex,
    errors.TooManyColumns,
    errors.TooManyArguments,
)
"""All of SQLSTATE class 54. psycopg2 counts them among the errors of an absent server."""
_TOO_LARGE = "invalid memory alloc request size"
"""PostgreSQL gives the size of a value or a regular expression no code of its own."""


def is_refusal(error: BaseException | None) -> bool:
    """Return whether PostgreSQL refused a value or reached a limit of its own.

    The same request is refused every time: SQLSTATE classes 22 (data) and 54 (program limits).
    """
    cause = _of_driver(error)
    if isinstance(cause, psycopg2.InternalError):
        return str(cause).startswith(_TOO_LARGE)
    return isinstance(cause, (psycopg2.DataError, *_LIMITS))


def is_outage(error: BaseException | None) -> bool:
    """Return whether PostgreSQL is away, full, stopped or busy, so that it may work later.

    These are errors without a SQLSTATE, when the connection broke, and the classes 08, 40, 53, 55,
    57 and 58.
    """
    if isinstance(error, PoolTimeout):
        return True
    cause = _of_driver(error)
    away = isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError)
    return away and not is_refusal(cause)


def _of_driver(error: BaseException | None) -> BaseException | None:
    """Return psycopg2's error: COPY and jobs raise it as it is, SQLAlchemy wraps it."""
    return error.orig if isinstance(error, DBAPIError) else error
