"""What the last same weekdays had by the same time of day, and in the end."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from cachetools import LRUCache

from services.query.execution.context import QueryContext
from services.query.parsing.time_range import TimeRange, whole_days
from services.query.sources.coverage import find_coverage
from services.query.sources.key_metrics import MetricName, read_metric

WEEKS = 8
_Key = tuple[object, ...]
_lock = threading.Lock()
_known: LRUCache[_Key, list[EarlierInterval]] = LRUCache(4_096)


class EarlierInterval(NamedTuple):
    """A metric in the same interval of an earlier week."""

    by_then: int
    """By the same time."""
    whole: int


def earlier_intervals(
    context: QueryContext, metric: MetricName, interval: TimeRange, reached: datetime
) -> list[EarlierInterval]:
    """Return the same interval of up to eight earlier weeks; those without any are left out.

    What sealed days say is remembered under their versions: the past is not counted again for every
    new event. Weeks whose days are not sealed, or not any more, are counted each time.

    Args:
        context: a query without filters.
        metric: what is counted.
        interval: the interval in progress.
        reached: how much of it has passed.
    """
    weeks = [
        (_weeks_before(interval, interval.end, week), _weeks_before(interval, reached, week))
        for week in range(1, WEEKS + 1)
    ]
    key = _key(context, metric, interval, reached, [whole for whole, _ in weeks])
    with _lock:
        found = _known.get(key) if key else None
    if found is None:
        wholes = _wholes(context, metric, [whole for whole, _ in weeks])
        found = [
            EarlierInterval(_total(context, metric, part), whole)
            for (_, part), whole in zip(weeks, wholes, strict=True)
        ]
        if key:
            with _lock:
                _known[key] = found
    return [one for one in found if one.whole]


def _key(
    context: QueryContext,
    metric: MetricName,
    interval: TimeRange,
    reached: datetime,
    weeks: list[TimeRange],
) -> _Key | None:
    """Return what the numbers of earlier weeks depend on; None unless all their days are sealed."""
    days = [whole_days(week) for week in weeks]
    span = TimeRange(days[-1].start, days[0].end, interval.zone)
    sealed = find_coverage(context.session, context.query.project_id, span).days
    versions = {one.day: one.version for one in sealed}
    found = tuple(versions.get(day.start.date()) for day in days)
    if None in found:
        return None
    bounds = (interval.start, interval.end, reached, interval.zone.key)
    return (context.query.project_id, metric, *bounds, found)


def _wholes(context: QueryContext, metric: MetricName, weeks: list[TimeRange]) -> list[int]:
    """Return a metric of the interval of each week; whole days are read in one go."""
    if any(whole_days(week) != week for week in weeks):
        return [_total(context, metric, week) for week in weeks]
    edges = [edge for week in reversed(weeks) for edge in (week.start, week.end)]
    span = TimeRange(edges[0], edges[-1], weeks[0].zone)
    # Every second interval is what lies between two of the weeks' days.
    values = read_metric(context.over(span, edges[:-1]), metric).values
    return values[::2][::-1]


def _total(context: QueryContext, metric: MetricName, part: TimeRange) -> int:
    return read_metric(context.over(part), metric).total if part.start < part.end else 0


def _weeks_before(interval: TimeRange, end: datetime, weeks: int) -> TimeRange:
    """Return the interval up to an end by the same local clock, so many weeks before."""
    zone, shift = interval.zone, timedelta(weeks=weeks)
    first, last = (
        (instant.astimezone(zone).replace(tzinfo=None) - shift).replace(tzinfo=zone)
        for instant in (interval.start, end)
    )
    return TimeRange(first, max(first, last), zone)
