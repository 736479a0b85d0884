"""Queries about visitors: whose, of which time range, in which intervals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from services.query.execution.context import QueryContext, open_query
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange, interval_starts, parse_day_range

DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose visitors: a project's, a community's, or those from a division."""

    project_id: int
    community_id: str | None = None
    division_id: str | None = None
    """With all divisions inside it."""

    @property
    def is_everybody(self) -> bool:
        """Whether every event of the project counts."""
        return self.community_id is None and self.division_id is None


@dataclass(frozen=True, slots=True)
class VisitorQuery:
    """The visitors of an audience in each interval of a range."""

    audience: Audience
    time_range: TimeRange
    starts: tuple[datetime, ...]
    """The starts of the intervals, ascending; one for the range as a whole."""
    by_days: bool = True
    """Whether every interval consists of whole local days."""

    @property
    def project_id(self) -> int:
        """The project of the audience."""
        return self.audience.project_id

    @property
    def labels(self) -> list[str]:
        """The label of each interval: a local date, or an instant with its offset."""
        if self.by_days:
            return [start.date().isoformat() for start in self.starts]
        return [start.isoformat() for start in self.starts]

    @contextmanager
    def open(self) -> Iterator[QueryContext]:
        """Open a read-only transaction over the events of the audience's project.

        Raises:
            Unavailable: PostgreSQL is away or busy.
            Unprocessable: the query took too long.
        """
        query = EventQuery(self.project_id, self.time_range)
        with open_query(query, self.starts) as context:
            yield context


def parse_audience(request: UntypedRequest) -> Audience:
    """Parse whose visitors a request is about."""
    data = request.data
    return Audience(request.project_id, data.get("community_id"), data.get("division_id"))


def parse_days(request: UntypedRequest) -> TimeRange:
    """Parse ``start_date`` and ``end_date``, or the number of last days.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    return parse_day_range(
        request.timezone,
        request.now,
        data.get("start_date"),
        data.get("end_date"),
        data.get("days", DEFAULT_DAYS),
    )


def parse_visitor_query(request: UntypedRequest) -> VisitorQuery:
    """Parse a request about the visitors of a range as a whole.

    Raises:
        Unprocessable: names the invalid field.
    """
    time_range = parse_days(request)
    return VisitorQuery(parse_audience(request), time_range, (time_range.start,))


def by_interval(audience: Audience, time_range: TimeRange, interval: str) -> VisitorQuery:
    """Return the query for the visitors of each interval of a range.

    Raises:
        Unprocessable: the range has too many of these intervals.
    """
    starts = tuple(interval_starts(time_range, interval))
    return VisitorQuery(audience, time_range, starts, by_days=interval != "hour")
