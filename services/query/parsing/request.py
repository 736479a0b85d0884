"""A request to query a project, before it is parsed into a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from services.query.parsing.errors import invalid_field
from services.query.parsing.events import (
    ANY_SELECTOR,
    EventQuery,
    EventSelector,
    parse_event_selector,
)
from services.query.parsing.filters import parse_filter, parse_filter_text
from services.query.parsing.previous_period import (
    PREVIOUS_PERIOD,
    Comparison,
    parse_comparison,
    with_previous,
)
from services.query.parsing.time_range import (
    TimeRange,
    default_interval,
    interval_starts,
    parse_day_range,
    parse_time_range,
)

Parameters_co = TypeVar("Parameters_co", bound=Mapping[str, Any], covariant=True)


@dataclass(frozen=True, slots=True)
class QueryRequest(Generic[Parameters_co]):
    """The project that is queried, its time zone, the current time, and the parameters."""

    project_id: int
    timezone: str
    """An IANA name."""
    now: datetime
    data: Parameters_co
    """The parameters, as the schema of the request loaded them."""

    def time_range(self) -> TimeRange:
        """Parse ``period``, ``days``, or ``from`` and ``to``.

        Raises:
            Unprocessable: names the invalid field.
        """
        data = self.data
        if data.get("days") is not None:
            if any(data[other] is not None for other in ("period", "start", "end")):
                raise invalid_field("days", "Use either days, or period, or from and to.")
            return parse_day_range(self.timezone, self.now, None, None, data["days"])
        return parse_time_range(
            self.timezone, self.now, period=data["period"], start=data["start"], end=data["end"]
        )

    def comparison(self, time_range: TimeRange) -> Comparison:
        """Return the range and what ``compare`` names; without it, the previous period.

        ``7d`` and the like follow no calendar.

        Raises:
            Unprocessable: there is no such comparison.
        """
        by_calendar = self.data["start"] is not None or self.data["period"] == "12mo"
        kind = parse_comparison(self.data.get("compare", PREVIOUS_PERIOD))
        return with_previous(time_range, self.now, by_calendar=by_calendar, kind=kind)

    def event_query(self) -> EventQuery:
        """Parse the time range and the filters.

        Raises:
            Unprocessable: names the invalid field.
        """
        filters = parse_filter(self.data.get("filters"))
        weighted = self.data.get("weighted", False)
        return EventQuery(self.project_id, self.time_range(), filters, weighted)

    def event_query_of_url(self) -> EventQuery:
        """Parse the time range, and the filters that a URL has as JSON text.

        Raises:
            Unprocessable: names the invalid field.
        """
        filters = parse_filter_text(self.data.get("filters"))
        return EventQuery(self.project_id, self.time_range(), filters)

    def interval(self, time_range: TimeRange) -> str:
        """Return the requested interval, or else the one that suits the range.

        Raises:
            Unprocessable: the range has too many of these intervals.
        """
        interval = self.data["interval"] or default_interval(time_range)
        interval_starts(time_range, interval)
        return str(interval)

    def selector(self, field: str) -> EventSelector:
        """Parse the event selector in a field; null selects every event.

        Raises:
            Unprocessable: names the invalid field.
        """
        raw = self.data[field]
        return ANY_SELECTOR if raw is None else parse_event_selector(raw, field)


UntypedRequest = QueryRequest[dict[str, Any]]
"""A request whose parameters only its schema declares."""
