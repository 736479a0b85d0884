"""Read-only database sessions with a time limit, and the frame of every answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg2.errors import InvalidRegularExpression, QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from services.query.ranges import Range
from shared.database import get_engine
from shared.errors import Unavailable, Unprocessable
from shared.settings import get_settings

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
        Unavailable: the question took too long, or PostgreSQL is away or busy.
        Unprocessable: PostgreSQL does not know a regular expression of the question.
    """
    limit_ms = get_settings().query_timeout_ms
    try:
        with Session(get_engine(), expire_on_commit=False) as session, session.begin():
            session.execute(text(_SETTINGS + f"SET LOCAL statement_timeout = {int(limit_ms)}"))
            yield session
    except DataError as error:
        if isinstance(error.orig, InvalidRegularExpression):
            raise Unprocessable(
                "A regular expression of the filter is not one.",
                errors={"filters": ["Not a regular expression that PostgreSQL knows."]},
            ) from error
        raise
    except PoolTimeout as error:
        raise Unavailable("Too many questions at once. Try again in a few seconds.") from error
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise Unavailable(
                f"This question took longer than {limit_ms / 1000:g} seconds and was stopped. "
                "Ask for a shorter range or fewer series."
            ) from error
        raise Unavailable("The database is away. Try again in a few seconds.") from error


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
