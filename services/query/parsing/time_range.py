"""Time ranges and their intervals, in the project's time zone.

``start`` and ``end`` are the ends of a range everywhere inside the service; ``from`` and ``to`` are
their names in requests and results only. An interval is known by its index among the starts that
``interval_starts`` returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.query.parsing.errors import invalid_field
from shared.events.buckets import BUCKET_SECONDS
from shared.events.local_days import day_of
from shared.events.local_days import midnight as utc_midnight

PERIODS = ("today", "24h", "7d", "30d", "90d", "12mo")
INTERVALS = ("minute15", "hour", "day", "week", "month")
MAX_INTERVALS = 2_000
_MAX_LENGTH = timedelta(days=3_700)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_QUARTER_HOUR = timedelta(seconds=BUCKET_SECONDS)
_PERIOD_DAYS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open range of time, ``start`` ≤ t < ``end``, in a time zone."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def is_aligned(self) -> bool:
        """Whether both ends are starts of quarter hours, so that rollups answer exactly."""
        return all(instant.timestamp() % BUCKET_SECONDS == 0 for instant in (self.start, self.end))


def parse_time_range(
    zone_name: str, now: datetime, *, period: str | None, start: str | None, end: str | None
) -> TimeRange:
    """Parse the range of a query.

    Args:
        zone_name: the project's time zone.
        now: the current instant.
        period: one of ``PERIODS``; ends with today, or with the current hour for ``24h``.
        start: ISO date (its midnight in the project's zone) or instant.
        end: ISO date (inclusive) or instant (exclusive). Default: today.

    Raises:
        Unprocessable: names the invalid field.
    """
    zone = ZoneInfo(zone_name)
    if start is None and end is None:
        return _named_period("7d" if period is None else period, zone, now)
    if period is not None:
        raise invalid_field("period", "Use either period, or from and to.")
    if start is None:
        raise invalid_field("from", "Use from together with to.")
    first = _instant("from", start, zone, is_end=False)
    last = (
        _instant("to", end, zone, is_end=True)
        if end is not None
        else midnight(day_of(now, zone) + timedelta(days=1), zone)
    )
    # Of one zone Python compares local clocks, on which an hour may come twice.
    if last.timestamp() <= first.timestamp():
        raise invalid_field("to", "Use a time after from.")
    if last - first > _MAX_LENGTH:
        raise invalid_field("from", f"Use a range of at most {_MAX_LENGTH.days} days.")
    return TimeRange(first, last, zone)


def parse_day_range(
    zone_name: str, now: datetime, first: date | None, last: date | None, days: int
) -> TimeRange:
    """Return the range of a query by ``start_date`` and ``end_date``, both inclusive.

    Args:
        zone_name: the project's time zone; days are its local days.
        now: the current instant.
        first: default: as many days as ``days`` says, up to ``last``.
        last: default: today.
        days: the number of days if ``first`` is missing.

    Raises:
        Unprocessable: names the invalid field.
    """
    zone = ZoneInfo(zone_name)
    for field, day in (("start_date", first), ("end_date", last)):
        if day is not None and not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise invalid_field(field, f"Use a day of the years {_FIRST_YEAR} to {_LAST_YEAR}.")
    last = last or day_of(now, zone)
    first = first or last - timedelta(days=days - 1)
    if last < first:
        raise invalid_field("end_date", "Use a day that is not before start_date.")
    if last - first >= _MAX_LENGTH:
        raise invalid_field("start_date", f"Use a range of at most {_MAX_LENGTH.days} days.")
    return TimeRange(midnight(first, zone), midnight(last + timedelta(days=1), zone), zone)


def date_or_instant(text: str) -> date:
    """Return the date or the ``datetime`` that a text in ISO form names.

    ``datetime`` takes ``20260329`` and ``2026-W13`` too, which are dates: it comes second.

    Raises:
        ValueError: it names neither.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def all_time(zone_name: str) -> TimeRange:
    """Return the range of every event, always the same one, in a project's time zone."""
    zone = ZoneInfo(zone_name)
    return TimeRange(
        midnight(date(_FIRST_YEAR, 1, 1), zone), midnight(date(_LAST_YEAR + 1, 1, 1), zone), zone
    )


def whole_days(time_range: TimeRange) -> TimeRange:
    """Return the range, widened to whole local days."""
    zone = time_range.zone
    first = day_of(time_range.start, zone)
    last = last_day(time_range)
    return TimeRange(midnight(first, zone), midnight(last + timedelta(days=1), zone), zone)


def last_day(time_range: TimeRange) -> date:
    """Return the local day of the last instant of a range."""
    return day_of(add_elapsed(time_range.end, timedelta(microseconds=-1)), time_range.zone)


def default_interval(time_range: TimeRange) -> str:
    """Return the interval that makes a readable chart of this range."""
    days = (time_range.end - time_range.start) / timedelta(days=1)
    if days <= 2.1:
        return "hour"
    return "day" if days <= 120 else "month"


def interval_starts(time_range: TimeRange, interval: str) -> list[datetime]:
    """Return the start of every interval that overlaps the range, ascending, in its zone.

    Raises:
        Unprocessable: there are more than ``MAX_INTERVALS``.
    """
    starts: list[datetime] = []
    for start in _starts(time_range, interval):
        starts.append(start)
        if len(starts) > MAX_INTERVALS:
            raise invalid_field(
                "interval",
                f"The range has more than {MAX_INTERVALS} intervals. Use a longer interval.",
            )
    return starts


def quarter_hour_pieces(time_range: TimeRange) -> list[TimeRange]:
    """Return the range, divided where its whole quarter hours begin and end."""
    first, last = time_range.start.timestamp(), time_range.end.timestamp()
    edges = [-(-first // BUCKET_SECONDS) * BUCKET_SECONDS, last // BUCKET_SECONDS * BUCKET_SECONDS]
    cuts = sorted({edge for edge in edges if first < edge < last})
    instants = [datetime.fromtimestamp(cut, time_range.zone) for cut in cuts]
    ends = [time_range.start, *instants, time_range.end]
    return [TimeRange(start, end, time_range.zone) for start, end in pairwise(ends)]


def partial_intervals(time_range: TimeRange, interval: str) -> list[int]:
    """Return the indexes of the intervals that the range cuts: of the first, the last, or both."""
    after = add_elapsed(time_range.end, timedelta(seconds=1))
    at_end = TimeRange(time_range.end, after, time_range.zone)
    begin, end = time_range.start.timestamp(), time_range.end.timestamp()
    cut = {0} if next(_starts(time_range, interval)).timestamp() < begin else set()
    if next(_starts(at_end, interval)).timestamp() < end:
        cut.add(sum(1 for _ in _starts(time_range, interval)) - 1)
    return sorted(cut)


def clock_hour_starts(time_range: TimeRange) -> list[datetime]:
    """Return the starts of the hours of whole local days, as the sealed hourly sums have them.

    Unlike in ``interval_starts``, an hour that a clock change interrupts counts as two hours here.
    """
    zone = time_range.zone
    start = utc_midnight(day_of(time_range.start, zone), zone)
    end = utc_midnight(last_day(time_range) + timedelta(days=1), zone)
    starts: list[datetime] = []
    last_hour = None
    while start < end:
        local = start.astimezone(zone)
        hour = (local.date(), local.hour, local.utcoffset())
        if hour != last_hour:
            starts.append(local)
        last_hour = hour
        start += _QUARTER_HOUR
    return starts


def check_day_count(time_range: TimeRange, field: str, most: int = MAX_INTERVALS) -> None:
    """Refuse a list by day of more than ``most`` days.

    Raises:
        Unprocessable: names the field.
    """
    if (time_range.end - time_range.start).days > most:
        raise invalid_field(field, f"Use a range of at most {most:,} days.")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, in its zone."""
    return utc_midnight(day, zone).astimezone(zone)


def add_elapsed(instant: datetime, elapsed: timedelta) -> datetime:
    """Return the instant so much later (below zero: earlier), in its zone.

    Python adds to the local clock, which is off by an hour where clocks change in between.
    """
    return (instant.astimezone(timezone.utc) + elapsed).astimezone(instant.tzinfo)


def start_of_hour(instant: datetime) -> datetime:
    """Return the instant, cut to its hour."""
    return instant.replace(minute=0, second=0, microsecond=0)


def start_of_quarter_hour(instant: datetime) -> datetime:
    """Return the instant, cut to its quarter hour.

    Plans that only need to know which intervals have started use it: equal queries within a quarter
    hour then share one cached answer. No interval begins within one, in whatever zone.
    """
    return instant - timedelta(seconds=instant.timestamp() % BUCKET_SECONDS)


def _starts(time_range: TimeRange, interval: str) -> Iterator[datetime]:
    if interval in {"minute15", "hour"}:
        yield from _short_starts(time_range, whole_hours=interval == "hour")
        return
    day = day_of(time_range.start, time_range.zone)
    if interval == "week":
        day -= timedelta(days=day.weekday())
    elif interval == "month":
        day = day.replace(day=1)
    end = time_range.end.timestamp()
    while (start := midnight(day, time_range.zone)).timestamp() < end:
        yield start
        if interval == "month":
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            day += timedelta(days=7 if interval == "week" else 1)


def _short_starts(time_range: TimeRange, *, whole_hours: bool) -> Iterator[datetime]:
    """Yield starts in steps of quarter hours: some zones shift by half an hour."""
    last: datetime | None = None
    seconds = int(time_range.start.timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS
    while seconds < time_range.end.timestamp():
        start = datetime.fromtimestamp(seconds, time_range.zone)
        if whole_hours:
            # Not by subtraction, which would lose which of two equal hours this is (its fold).
            start = start.replace(minute=0)
        # Compared by instant: where clocks go back by half an hour, one hour shows the same half
        # hour twice.
        if last is None or start.timestamp() > last.timestamp():
            yield start
            last = start
        seconds += BUCKET_SECONDS


def _named_period(period: str, zone: ZoneInfo, now: datetime) -> TimeRange:
    today = day_of(now, zone)
    tomorrow = midnight(today + timedelta(days=1), zone)
    if period == "24h":
        local = now.astimezone(zone)
        soon = TimeRange(local, add_elapsed(local, timedelta(hours=2)), zone)
        end = interval_starts(soon, "hour")[1]
        return TimeRange(add_elapsed(end, timedelta(hours=-24)), end, zone)
    if period == "12mo":
        first = today.replace(day=1)
        first = first.replace(
            year=first.year - 1 if first.month < 12 else first.year, month=first.month % 12 + 1
        )
        return TimeRange(midnight(first, zone), tomorrow, zone)
    if period not in _PERIOD_DAYS:
        raise invalid_field("period", f"Use one of: {', '.join(PERIODS)}.")
    return TimeRange(
        midnight(today - timedelta(days=_PERIOD_DAYS[period] - 1), zone), tomorrow, zone
    )


def _instant(field: str, text: str, zone: ZoneInfo, *, is_end: bool) -> datetime:
    try:
        # The + of an offset is a space where a URL does not encode it.
        instant = date_or_instant(text.replace(" ", "+"))
        _require_usual_year(instant.year)
        if not isinstance(instant, datetime):
            return midnight(instant + timedelta(days=1 if is_end else 0), zone)
    except (ValueError, OverflowError) as error:
        raise invalid_field(
            field, "Use a date (2026-03-29) or an instant (2026-03-29T12:00:00Z)."
        ) from error
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant.astimezone(zone)


def _require_usual_year(year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError("out of range")
