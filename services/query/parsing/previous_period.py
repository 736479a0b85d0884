"""The period that a range is compared with, and which of its intervals are set beside which.

Local clocks are compared: a month with the month before it, noon with noon on a day of 23 hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from services.query.parsing.errors import invalid_field
from services.query.parsing.time_range import TimeRange, add_elapsed, interval_starts
from shared.events.buckets import BUCKET_SECONDS
from shared.events.local_days import day_of, midnight

PREVIOUS_PERIOD, PREVIOUS_YEAR, WEEKDAYS = "previous_period", "previous_year", "weekdays"
NONE = "none"
COMPARISONS = (NONE, PREVIOUS_PERIOD, PREVIOUS_YEAR, WEEKDAYS)
"""What a range can be compared with; ``WEEKDAYS``: as many whole weeks before as it covers."""
_MONTHS_OF_YEAR = 12
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A range and the period before it, cut at the same point."""

    current: TimeRange
    previous: TimeRange


@dataclass(frozen=True, slots=True)
class PairedIntervals:
    """The intervals of a previous period, and their order beside those of the range."""

    starts: list[datetime]
    """Of the intervals that are read."""
    indexes: list[int | None]
    """For each interval of the range: the index of its counterpart; None: it has none."""
    dates: list[datetime]
    """The starts of the counterparts; where there is none, when it would be."""


def parse_comparison(raw: object) -> str:
    """Return which of ``COMPARISONS`` a request asks for; true is the previous period.

    Raises:
        Unprocessable: it is none of them.
    """
    if isinstance(raw, bool):
        return PREVIOUS_PERIOD if raw else NONE
    if raw not in COMPARISONS:
        raise invalid_field("compare", f"Use one of: {', '.join(COMPARISONS)}.")
    return str(raw)


def with_previous(
    current: TimeRange, now: datetime, *, by_calendar: bool, kind: str = PREVIOUS_PERIOD
) -> Comparison:
    """Return the range and the period that it is compared with, cut where ``now`` cuts the range.

    Args:
        current: the range.
        now: the current instant.
        by_calendar: whether a range that begins with a month is compared by months; else, and for
            every other range, the previous period has the same local length.
        kind: one of ``COMPARISONS`` but ``NONE``.
    """
    zone = current.zone
    start, end = _end_to_local(current.start, zone), _last_to_local(current, current.end)
    reached = max(current.start, _next_quarter_hour(now), key=datetime.timestamp)
    reached = min(current.end, reached, key=datetime.timestamp)
    ends = start, _last_to_local(current, reached)
    months = _calendar_months(start, end) if by_calendar else 0
    if kind == PREVIOUS_YEAR:
        first, last = _year_before(ends[0]), _months_before(ends[1], _MONTHS_OF_YEAR)
    elif kind == WEEKDAYS:
        first, last = (local - -(-(end - start) // _WEEK) * _WEEK for local in ends)
    elif months:
        first, last = (_months_before(local, months) for local in ends)
    else:
        first, last = (local - (end - start) for local in ends)
    previous = TimeRange(_from_local(first, zone), _from_local(last, zone), zone)
    if previous.start.timestamp() >= previous.end.timestamp():  # the clocks skip that time
        elapsed = timedelta(seconds=reached.timestamp() - current.start.timestamp())
        previous = replace(previous, start=add_elapsed(previous.end, -elapsed))
    return Comparison(current, previous)


def pair_intervals(comparison: Comparison, interval: str) -> PairedIntervals:
    """Return the intervals of the previous period in the order of those of the range.

    Days, weeks and months are paired by their order. Hours and quarter hours are paired by their
    local names: one that only the range has (where clocks change) has no counterpart, and one that
    only the previous period has is left out.
    """
    starts = interval_starts(comparison.previous, interval)
    if interval not in {"minute15", "hour"}:
        return PairedIntervals(starts, list(range(len(starts))), starts)
    known = {name: index for index, name in enumerate(_names(starts, comparison.previous))}
    names = _names(interval_starts(comparison.current, interval), comparison.current)
    indexes = [known.get(name) for name in names]
    while indexes and indexes[-1] is None:  # the previous period ends here
        indexes.pop()
    zone = comparison.previous.zone
    begin = _end_to_local(comparison.previous.start, zone)
    dates = [
        _from_local(begin + name[0], zone) if index is None else starts[index]
        for name, index in zip(names, indexes, strict=False)
    ]
    return PairedIntervals(starts, indexes, dates)


def _names(starts: list[datetime], time_range: TimeRange) -> list[tuple[timedelta, int]]:
    """Return each start as local time since the range began, and how often that came before."""
    begin = _end_to_local(time_range.start, time_range.zone)
    seen: dict[timedelta, int] = {}
    names = []
    for start in starts:
        offset = _to_local(start, time_range.zone) - begin
        names.append((offset, seen.get(offset, 0)))
        seen[offset] = seen.get(offset, 0) + 1
    return names


def _calendar_months(start: datetime, end: datetime) -> int:
    """Return the number of months by which a range of local times is compared; 0: by its length.

    A range is compared by months if it begins with one, unless it is one day, or whole weeks that
    are not whole months as well.
    """
    if start != _first_of_month(start):
        return 0
    length = end - start
    is_weeks = start.weekday() == 0 and not length % _WEEK
    if end != _first_of_month(end) and (length <= _DAY or is_weeks):
        return 0
    last = end - timedelta(microseconds=1)
    return (last.year - start.year) * 12 + last.month - start.month + 1


def _months_before(local: datetime, months: int) -> datetime:
    """Return the same time of the month so many months before, or the end of that month."""
    first = _first_of_month(local)
    shifted = _shift_month(first, -months)
    return min(shifted + (local - first), _shift_month(shifted, 1))


def _year_before(local: datetime) -> datetime:
    """Return the same time a year before; that of 29 February is on the 28th."""
    is_leap_day = (local.month, local.day) == (2, 29)
    return local.replace(year=local.year - 1, day=28 if is_leap_day else local.day)


def _first_of_month(local: datetime) -> datetime:
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _shift_month(first: datetime, months: int) -> datetime:
    number = first.year * 12 + first.month - 1 + months
    return first.replace(year=number // 12, month=number % 12 + 1)


def _to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _end_to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return an end of a range as local time; the first instant of a day is always its midnight."""
    day = day_of(instant, zone)
    return (
        datetime.combine(day, time())
        if midnight(day, zone) == instant
        else _to_local(instant, zone)
    )


def _last_to_local(current: TimeRange, instant: datetime) -> datetime:
    """Return an instant of a range as local time, which never precedes that of its start.

    Where clocks go back in the range, they may show an earlier time. Then what has elapsed counts.
    """
    start, local = _end_to_local(current.start, current.zone), _end_to_local(instant, current.zone)
    if local > start:
        return local
    return start + timedelta(seconds=instant.timestamp() - current.start.timestamp())


def _from_local(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a local time; a skipped time moves forward by the gap."""
    return local.replace(tzinfo=zone).astimezone(timezone.utc).astimezone(zone)


def _next_quarter_hour(instant: datetime) -> datetime:
    seconds = -(-int(instant.timestamp()) // BUCKET_SECONDS) * BUCKET_SECONDS
    return datetime.fromtimestamp(seconds, timezone.utc)
