"""Read-only database sessions with a time limit, and the frame of every answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from psycopg2.errors import InvalidRegularExpression, QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from services.query.parsing.time_range import Range
from shared.errors import Unavailable, Unprocessable
from shared.runtime.database import get_engine
from shared.runtime.settings import get_settings

_SETTINGS = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
    # Rows that a parallel worker hands on cost a tenth of a microsecond, not what PostgreSQL
    # supposes: questions over raw rows gain a second core by it.
    "SET LOCAL parallel_tuple_cost = 0.01; "
)


@contextmanager
def reading() -> Iterator[Session]:
    """A read-only transaction that PostgreSQL cancels at the time limit.

    Raises:
        Unavailable: PostgreSQL is away or busy.
        Unprocessable: the question took too long, or PostgreSQL does not know a regular
            expression of it.
    """
    with (
        explained(),
        Session(get_engine(), expire_on_commit=False) as session,
        session.begin(),
    ):
        session.execute(text(_SETTINGS + _time_limit()))
        yield session


def limit_time(session: Session) -> None:
    """Have PostgreSQL cancel statements of this transaction at the time limit."""
    session.execute(text(_time_limit()))


def _time_limit() -> str:
    return f"SET LOCAL statement_timeout = {int(get_settings().query_timeout_ms)}"


@contextmanager
def explained() -> Iterator[None]:
    """Errors of PostgreSQL that a question can cause become what its asker is told."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("Too many questions at once. Try again in a few seconds.") from error
    except (DBAPIError, psycopg2.Error) as error:
        # What is read by COPY passes SQLAlchemy by, and so do its errors.
        cause = error.orig if isinstance(error, DBAPIError) else error
        raised = _told(cause)
        if raised is None:
            raise
        raise raised from error


def _told(cause: BaseException | None) -> Unavailable | Unprocessable | None:
    """What the asker is told of an error of PostgreSQL's; None: it is ours."""
    if isinstance(cause, InvalidRegularExpression):
        return Unprocessable(
            "A regular expression of the filter is not one.",
            errors={"filters": ["Not a regular expression that PostgreSQL knows."]},
        )
    if isinstance(cause, QueryCanceled):
        # To come back later would not help, so this is not 503.
        seconds = get_settings().query_timeout_ms / 1000
        stopped = f"This question took longer than {seconds:g} seconds and was stopped."
        return Unprocessable(
            f"{stopped} Ask for a shorter range or fewer series.",
            errors={"from": [f"{stopped} Ask for a shorter range."]},
        )
    if isinstance(cause, psycopg2.OperationalError):
        return Unavailable("The database is away. Try again in a few seconds.")
    return None


@dataclass(slots=True)
class Answer:
    """Collects what every answer says besides its content."""

    span: Range
    sources: set[str] = field(default_factory=set)
    _started: float = field(default_factory=time.perf_counter)

    def took_from(self, source: str) -> None:
        """Note where a part of the answer came from: rollup, sealed or raw."""
        self.sources.add(source)

    def frame(self, content: dict[str, Any]) -> dict[str, Any]:
        """The content with its range, time zone, duration and source."""
        source = next(iter(self.sources)) if len(self.sources) == 1 else "mixed"
        return {
            "from": self.span.start.isoformat(),
            "to": self.span.end.isoformat(),
            "timezone": self.span.zone.key,
            "took_ms": round((time.perf_counter() - self._started) * 1000, 2),
            "source": source,
            **content,
        }
