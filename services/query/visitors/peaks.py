"""The busiest hour of each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from sqlalchemy import select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext
from services.query.execution.responses import QueryResponse
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange, check_day_count, interval_starts
from services.query.sources.combine import cover, read
from services.query.sources.coverage import Coverage
from services.query.visitors.query import VisitorQuery, by_interval, parse_audience, parse_days
from services.query.visitors.unique_visitors import visitors_by_interval
from shared.models import ANY_EVENT, HourlyEventSummary
from shared.responses import Doc, Timestamp

_MAX_DAYS = 366
_DAYS_AT_ONCE = timedelta(days=60)
"""A query has at most 2,000 intervals, and these days have 1,440 hours."""


@dataclass(frozen=True, slots=True)
class VisitorPeak:
    """The hour of a day with the most visitors."""

    date: Annotated[str, Doc("Local day.", example="2026-10-11")]
    hour: Annotated[Timestamp | None, Doc("Start of the hour; null: the day has no visitor.")]
    visitors: Annotated[int, Doc("Visitors with an event in that hour.", example=120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorPeaksResponse(QueryResponse):
    """The busiest hour of each day."""

    items: list[VisitorPeak]


def parse_peaks(request: UntypedRequest) -> VisitorQuery:
    """Parse a request for the busiest hours.

    Raises:
        Unprocessable: names the invalid field.
    """
    time_range = parse_days(request)
    check_day_count(time_range, "start_date", _MAX_DAYS)
    return by_interval(parse_audience(request), time_range, "day")


def visitor_peaks(plan: VisitorQuery) -> VisitorPeaksResponse:
    """Return the hour of each day with the most visitors; of several, the first."""
    zone = plan.time_range.zone
    peaks: dict[date, tuple[datetime, int]] = {}
    with plan.open() as context:
        for hour, visitors in _hours(context, plan):
            day = hour.astimezone(zone).date()
            if visitors and (day not in peaks or visitors > peaks[day][1]):
                peaks[day] = hour.astimezone(zone), visitors
        return VisitorPeaksResponse(
            **context.meta.fields(), items=[_peak(start.date(), peaks) for start in plan.starts]
        )


VISITOR_PEAKS = CachedQuery("visitor peaks", parse_peaks, visitor_peaks, VisitorPeaksResponse)


def _peak(day: date, peaks: dict[date, tuple[datetime, int]]) -> VisitorPeak:
    if day not in peaks:
        return VisitorPeak(day.isoformat(), None, 0)
    hour, visitors = peaks[day]
    return VisitorPeak(day.isoformat(), hour.isoformat(), visitors)


def _pieces(whole: TimeRange) -> Iterator[TimeRange]:
    """Yield a range in pieces of some days."""
    start = whole.start
    while start < whole.end:
        end = min(start + _DAYS_AT_ONCE, whole.end)
        yield TimeRange(start, end, whole.zone)
        start = end


def _hours(context: QueryContext, plan: VisitorQuery) -> list[tuple[datetime, int]]:
    """Return the visitors of each hour that has some, in order of time."""

    def sealed(coverage: Coverage) -> Iterator[tuple[datetime, int]]:
        summary = HourlyEventSummary
        statement = select(summary.hour, summary.unique_persons).where(
            summary.project_id == plan.project_id,
            summary.event_name == ANY_EVENT,
            summary.day.in_(coverage.dates),
        )
        return ((hour, visitors) for hour, visitors in context.session.execute(statement))

    def raw(part: QueryContext) -> Iterator[tuple[datetime, int]]:
        for days in _pieces(part.query.time_range):
            hours = interval_starts(days, "hour")
            found = visitors_by_interval(part.over(days, hours), plan.audience)
            yield from zip(hours, map(len, found), strict=True)

    whole = plan.audience.is_everybody
    coverage = cover(context) if whole else Coverage([], [context.query.time_range])
    return sorted(read(context, coverage, sealed=sealed, raw=raw))
