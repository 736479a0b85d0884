"""What a question's range of time is: named periods, dates and instants, in the project's zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from shared.errors import Unprocessable
from shared.events.buckets import BUCKET_SECONDS

PERIODS = ("today", "24h", "7d", "30d", "90d", "12mo")
INTERVALS = ("minute15", "hour", "day", "week", "month")
MAX_INTERVALS = 2_000
_LONGEST = timedelta(days=3_700)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_QUARTER = timedelta(seconds=BUCKET_SECONDS)
_PERIOD_DAYS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open span of time, ``start`` ≤ t < ``end``, seen in a time zone."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def is_aligned(self) -> bool:
        """Whether both ends fall between quarter-hour buckets, so that rollups answer exactly."""
        return all(moment.timestamp() % BUCKET_SECONDS == 0 for moment in (self.start, self.end))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A range and the same stretch of time before it, up to the same point."""

    current: TimeRange
    previous: TimeRange


def parse_time_range(
    zone_name: str, now: datetime, *, period: str | None, start: str | None, end: str | None
) -> TimeRange:
    """The range of a question.

    Args:
        zone_name: the project's time zone.
        now: the current instant.
        period: one of ``PERIODS``; ends with today, or with the current hour for ``24h``.
        start: ISO date (its midnight in the project's zone) or instant.
        end: ISO date (inclusive) or instant (exclusive); now's day when missing.

    Raises:
        Unprocessable: names the field that is wrong.
    """
    zone = ZoneInfo(zone_name)
    if start is None and end is None:
        return _named(period or "7d", zone, now)
    if period is not None:
        raise _wrong("period", "Give either period, or from and to.")
    if start is None:
        raise _wrong("from", "Give from as well as to.")
    first = _instant("from", start, zone, is_end=False)
    last = (
        _instant("to", end, zone, is_end=True)
        if end is not None
        else _midnight(now.astimezone(zone).date() + timedelta(days=1), zone)
    )
    if last <= first:
        raise _wrong("to", "to must be after from.")
    if last - first > _LONGEST:
        raise _wrong("from", f"A range has at most {_LONGEST.days} days.")
    return TimeRange(first, last, zone)


def parse_day_range(
    zone_name: str, now: datetime, first: date | None, last: date | None, days: int
) -> TimeRange:
    """The range of a question that is asked by ``start_date`` and ``end_date``, both inclusive.

    Args:
        zone_name: the project's time zone; days are its days.
        now: the current instant.
        first: when missing, the range has as many days as said.
        last: today when missing.
        days: how many days there are without ``first``.

    Raises:
        Unprocessable: names the field that is wrong.
    """
    zone = ZoneInfo(zone_name)
    for field, day in (("start_date", first), ("end_date", last)):
        if day is not None and not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise _wrong(field, f"Use a day of the years {_FIRST_YEAR} to {_LAST_YEAR}.")
    last = last or now.astimezone(zone).date()
    first = first or last - timedelta(days=days - 1)
    if last < first:
        raise _wrong("end_date", "end_date must not be before start_date.")
    if last - first >= _LONGEST:
        raise _wrong("start_date", f"A range has at most {_LONGEST.days} days.")
    return TimeRange(_midnight(first, zone), _midnight(last + timedelta(days=1), zone), zone)


def with_previous(current: TimeRange, now: datetime) -> Comparison:
    """The range, and the one before it cut where the current one is cut by now.

    On a day of 23 or 25 hours the local clock decides: Sunday noon is compared with noon.
    """
    local_start, local_end = (
        moment.astimezone(current.zone).replace(tzinfo=None)
        for moment in (current.start, current.end)
    )
    length = local_end - local_start
    reached = min(current.end, max(current.start, _next_quarter(now)))
    local_reached = reached.astimezone(current.zone).replace(tzinfo=None)
    return Comparison(
        current,
        TimeRange(
            _from_local(local_start - length, current.zone),
            _from_local(local_reached - length, current.zone),
            current.zone,
        ),
    )


def default_interval(time_range: TimeRange) -> str:
    """The interval a chart of this range reads best in."""
    days = (time_range.end - time_range.start) / timedelta(days=1)
    if days <= 2.1:
        return "hour"
    return "day" if days <= 120 else "month"


def interval_starts(time_range: TimeRange, interval: str) -> list[datetime]:
    """The start of every interval that the range touches, in its zone.

    Raises:
        Unprocessable: there would be more than ``MOST_BUCKETS``.
    """
    starts: list[datetime] = []
    for start in _starts(time_range, interval):
        starts.append(start)
        if len(starts) > MAX_INTERVALS:
            raise _wrong(
                "interval", f"That is more than {MAX_INTERVALS} points; use a longer interval."
            )
    return starts


def check_day_count(time_range: TimeRange, field: str) -> None:
    """A list by day has no interval that could be longer.

    Raises:
        Unprocessable: there would be more than ``MOST_BUCKETS`` days; names the field.
    """
    if (time_range.end - time_range.start).days > MAX_INTERVALS:
        raise _wrong(field, f"A list by day has at most {MAX_INTERVALS:,} days.")


def _starts(time_range: TimeRange, interval: str) -> Iterator[datetime]:
    if interval in {"minute15", "hour"}:
        yield from _short_starts(time_range, whole_hours=interval == "hour")
        return
    day = time_range.start.astimezone(time_range.zone).date()
    if interval == "week":
        day -= timedelta(days=day.weekday())
    elif interval == "month":
        day = day.replace(day=1)
    while (start := _midnight(day, time_range.zone)) < time_range.end:
        yield start
        if interval == "month":
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            day += timedelta(days=7 if interval == "week" else 1)


def _short_starts(time_range: TimeRange, *, whole_hours: bool) -> Iterator[datetime]:
    """Step by quarters of an hour: some zones shift by half an hour, so hours are not all equal."""
    last: datetime | None = None
    seconds = int(time_range.start.timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS
    while seconds < time_range.end.timestamp():
        start = datetime.fromtimestamp(seconds, time_range.zone)
        if whole_hours:
            # Not by subtraction: that would forget which of two equal hours this is.
            start = start.replace(minute=0)
        # By instant: where clocks go back by half an hour, one hour shows the same half twice.
        if last is None or start.timestamp() > last.timestamp():
            yield start
            last = start
        seconds += BUCKET_SECONDS


def _named(period: str, zone: ZoneInfo, now: datetime) -> TimeRange:
    local = now.astimezone(zone)
    tomorrow = _midnight(local.date() + timedelta(days=1), zone)
    if period == "24h":
        end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return TimeRange((end - timedelta(hours=24)).astimezone(zone), end.astimezone(zone), zone)
    if period == "12mo":
        first = local.date().replace(day=1)
        first = first.replace(
            year=first.year - 1 if first.month < 12 else first.year, month=first.month % 12 + 1
        )
        return TimeRange(_midnight(first, zone), tomorrow, zone)
    if period not in _PERIOD_DAYS:
        raise _wrong("period", f"Use one of: {', '.join(PERIODS)}.")
    first = local.date() - timedelta(days=_PERIOD_DAYS[period] - 1)
    return TimeRange(_midnight(first, zone), tomorrow, zone)


def _instant(field: str, text: str, zone: ZoneInfo, *, is_end: bool) -> datetime:
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            _require_usual_year(day.year)
            return _midnight(day + timedelta(days=1 if is_end else 0), zone)
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        _require_usual_year(moment.year)
    except (ValueError, OverflowError) as error:
        raise _wrong(
            field, "Use a date (2026-03-29) or an instant (2026-03-29T12:00:00Z)."
        ) from error
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _require_usual_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError("out of range")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, also where clocks jump over midnight."""
    return _from_local(datetime.combine(day, time()), zone)


def _from_local(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(timezone.utc).astimezone(zone)


def _next_quarter(moment: datetime) -> datetime:
    seconds = -(-int(moment.timestamp()) // BUCKET_SECONDS) * BUCKET_SECONDS
    return datetime.fromtimestamp(seconds, timezone.utc)


def _wrong(field: str, message: str) -> Unprocessable:
    return Unprocessable("The range is not usable; see errors.", errors={field: [message]})
