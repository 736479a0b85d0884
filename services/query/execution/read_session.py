"""Read-only database sessions with a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.errors import InvalidRegularExpression, QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from services.query.execution.concurrency_limit import concurrency_limiter
from shared.errors import ErrorCode, Unavailable, Unprocessable
from shared.runtime.database import get_engine
from shared.runtime.database_errors import is_outage, is_refusal
from shared.runtime.settings import get_settings

_SETTINGS = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
    # PostgreSQL overestimates what a row handed on by a parallel worker costs (really a tenth of a
    # microsecond). With the true cost, queries over raw rows use a second core.
    "SET LOCAL parallel_tuple_cost = 0.01; "
)


@contextmanager
def read_only_session() -> Iterator[Session]:
    """Open a read-only transaction that PostgreSQL cancels at the time limit.

    Raises:
        Unavailable: PostgreSQL is away or busy.
        Unprocessable: the query took too long, or contains an invalid regular expression.
    """
    with (
        translate_errors(),
        Session(get_engine(), expire_on_commit=False) as session,
        session.begin(),
    ):
        session.execute(text(_SETTINGS + _time_limit()))
        yield session


@contextmanager
def limited_session(project_id: int) -> Iterator[Session]:
    """Open a read-only session in a slot of the project, for a read that is not cached.

    Raises:
        Unavailable: too many queries are running, or as ``read_only_session``.
        Unprocessable: as ``read_only_session``.
    """
    with concurrency_limiter().slot(project_id), read_only_session() as session:
        yield session


def limit_time(session: Session) -> None:
    """Have PostgreSQL cancel statements of this transaction at the time limit."""
    session.execute(text(_time_limit()))


def _time_limit() -> str:
    return f"SET LOCAL statement_timeout = {int(get_settings().query_timeout_ms)}"


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate PostgreSQL errors that a query can cause into API errors."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("Too many queries are running. Try again in a few seconds.") from error
    except (DBAPIError, psycopg2.Error) as error:
        # COPY bypasses SQLAlchemy, and so its errors arrive unwrapped.
        cause = error.orig if isinstance(error, DBAPIError) else error
        raised = _api_error(cause)
        if raised is None:
            raise
        raise raised from error


def _api_error(cause: BaseException | None) -> Unavailable | Unprocessable | None:
    """Return the API error for a PostgreSQL error, or None if the error is a bug of ours."""
    if isinstance(cause, InvalidRegularExpression):
        return Unprocessable(
            "A filter contains an invalid regular expression. Correct it.",
            errors={"filters": ["Use the syntax of PostgreSQL's regular expressions."]},
        )
    if isinstance(cause, QueryCanceled):
        # Not 503: the same query would take as long the next time.
        seconds = get_settings().query_timeout_ms / 1000
        stopped = f"This query took longer than {seconds:g} seconds and was stopped."
        return Unprocessable(
            f"{stopped} Use a shorter range or fewer series.",
            code=ErrorCode.QUERY_TIMEOUT,
            errors={"from": [f"{stopped} Use a shorter range."]},
        )
    if is_refusal(cause):
        refused = "PostgreSQL cannot evaluate these filters: they are too long or too complex."
        return Unprocessable(
            f"{refused} Use a simpler regular expression or fewer conditions.",
            errors={"filters": [f"{refused} Use a simpler one."]},
        )
    if is_outage(cause):
        return Unavailable("The database is unavailable. Try again in a few seconds.")
    return None
