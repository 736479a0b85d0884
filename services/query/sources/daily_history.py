"""A project's local days from its first event to today, for records and for the last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from services.query.execution.context import QueryContext, ResultMeta
from services.query.parsing.time_range import TimeRange, interval_starts, midnight
from services.query.sources.coverage import find_coverage
from services.query.sources.event_counts import first_event
from services.query.sources.key_metrics import MetricName, read_metric
from shared.events.local_days import day_of
from shared.models import SealedDay

MAX_DAYS = 1_990
"""Older days are left out."""
MAX_UNSEALED = timedelta(days=10)
"""With more unsealed days, reading them all would take longer than the rest of an answer."""


@dataclass(frozen=True, slots=True)
class DailyHistory:
    """The days of a project that are cheap to read."""

    context: QueryContext

    @property
    def starts(self) -> list[datetime]:
        """The first instants of the days, ascending; the last day is today."""
        return [*self.context.starts]

    def read(self, metric: MetricName) -> list[int]:
        """Return a metric by day."""
        return read_metric(self.context, metric).values


def daily_history(context: QueryContext, now: datetime) -> DailyHistory | None:
    """Return the days from the project's first event to today.

    Returns:
        None for a query with filters, and while many days are not sealed.
    """
    query = context.query
    first = _first_event(context)
    if query.is_filtered or first is None:
        return None
    zone = query.time_range.zone
    today = day_of(now, zone)
    earliest = max(day_of(first, zone), today - timedelta(days=MAX_DAYS - 1))
    days = TimeRange(
        midnight(min(earliest, today), zone), midnight(today + timedelta(days=1), zone), zone
    )
    starts = interval_starts(days, "day")
    raw = find_coverage(context.session, query.project_id, days, starts).raw
    if sum((part.end - part.start for part in raw), timedelta()) > MAX_UNSEALED:
        return None
    # What these days were read from, and what has expired of them, is not said of the range.
    apart = QueryContext(context.session, query, starts, ResultMeta(days))
    return DailyHistory(apart.over(days, starts))


def _first_event(context: QueryContext) -> datetime | None:
    project_id = context.query.project_id
    sealed = context.session.scalar(
        select(func.min(SealedDay.starts_at)).where(
            SealedDay.project_id == project_id, SealedDay.events > 0
        )
    )
    found = sealed, first_event(context.session, project_id)
    return min((one for one in found if one is not None), default=None)
