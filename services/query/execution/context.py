"""The context that the parts of a running query share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from services.query.execution.expired_days import find_expired
from services.query.execution.read_session import read_only_session
from services.query.execution.responses import ExpiredPart, ResponseMeta, Source
from services.query.parsing.events import EventQuery
from services.query.parsing.time_range import TimeRange, last_day, partial_intervals


@dataclass(slots=True)
class ResultMeta:
    """Collects the metadata of a result: its range, its duration, and the sources it was read from.

    The sources are ``rollup`` (quarter-hour counts), ``sealed`` (sealed days) and ``raw`` (rows of
    ``events`` or ``sessions``).
    """

    time_range: TimeRange
    sources: set[Source] = field(default_factory=set)
    expired: list[TimeRange] = field(default_factory=list)
    """Parts whose raw rows were needed, and have expired."""
    sealed_dates: set[date] = field(default_factory=set)
    """Local days that were read as sealed, of whatever range."""
    as_of: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    """The answer has every event that was stored by then."""
    _started: float = field(default_factory=time.perf_counter)

    def add_source(self, source: Literal["rollup", "sealed"]) -> None:
        """Note that a part of the result was read from this source.

        Raw rows are noted by ``QueryContext.note_raw_rows``, as they may have expired.
        """
        self.sources.add(source)

    def fields(self, interval: str | None = None) -> ResponseMeta:
        """Return the fields that a ``QueryResponse`` has besides its content.

        Args:
            interval: of a response by intervals.
        """
        source = next(iter(self.sources)) if len(self.sources) == 1 else "mixed"
        cut = [] if interval is None else partial_intervals(self.time_range, interval)
        return {
            "from_": self.time_range.start.isoformat(),
            "to": self.time_range.end.isoformat(),
            "timezone": self.time_range.zone.key,
            "took_ms": round((time.perf_counter() - self._started) * 1000, 2),
            "as_of": self.as_of.isoformat(),
            "source": source,
            "sealed_days": self._sealed_days(),
            "expired": [
                ExpiredPart(one.start.isoformat(), one.end.isoformat())
                for one in _united(self.expired)
            ]
            or msgspec.UNSET,
            "partial": cut or msgspec.UNSET,
        }

    def _sealed_days(self) -> int:
        first, last = self.time_range.start.date(), last_day(self.time_range)
        return sum(first <= day <= last for day in self.sealed_dates)


@dataclass(frozen=True, slots=True)
class QueryContext:
    """The transaction of a query, its events, its intervals, and the metadata of its result."""

    session: Session
    """Of a ``read_only_session()`` block. Its snapshot makes sealed days and raw rows agree."""
    query: EventQuery
    """No event of it is before the first of ``starts``."""
    starts: Sequence[datetime]
    """The starts of the intervals, ascending; one if there is only the range as a whole."""
    meta: ResultMeta

    def note_raw_rows(self) -> None:
        """Note that the answer needs raw rows of the range, and which of them have expired."""
        self.meta.sources.add("raw")
        self.note_expired()

    def note_expired(self) -> None:
        """Note which part of the range has expired, and that the answer lacks what it needs."""
        expired = find_expired(self.session, self.query.project_id, self.query.time_range)
        if expired is not None:
            self.meta.expired.append(expired)

    def within(self, time_range: TimeRange) -> QueryContext:
        """Return the context of a part of the range, with the same intervals."""
        return replace(self, query=self.query.within(time_range))

    def over(self, time_range: TimeRange, starts: Sequence[datetime] | None = None) -> QueryContext:
        """Return the context of another range; without ``starts`` it is one interval."""
        return replace(
            self,
            query=self.query.within(time_range),
            starts=[time_range.start] if starts is None else starts,
        )


def _united(parts: Sequence[TimeRange]) -> list[TimeRange]:
    """Return the parts in order of time; those that touch or overlap are one."""
    united: list[TimeRange] = []
    for part in sorted(parts, key=lambda one: one.start):
        if united and part.start <= united[-1].end:
            united[-1] = replace(united[-1], end=max(part.end, united[-1].end))
        else:
            united.append(part)
    return united


@contextmanager
def open_query(
    query: EventQuery, starts: Sequence[datetime] | None = None
) -> Iterator[QueryContext]:
    """Open a read-only transaction for a query.

    Args:
        query: the events.
        starts: the starts of the intervals; without them the range is one interval.

    Raises:
        Unavailable: PostgreSQL is away or busy.
        Unprocessable: the query took too long, or contains an invalid regular expression.
    """
    meta = ResultMeta(query.time_range)
    with read_only_session() as session:
        yield QueryContext(
            session, query, [query.time_range.start] if starts is None else starts, meta
        )
