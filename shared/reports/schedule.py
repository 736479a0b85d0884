"""Compute when a report is due, and the period that it then covers.

Times are local ones of the project. A time that clocks skip is due at the first instant after the
gap; one that comes twice is due the first time.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from shared.events.local_days import day_of

FREQUENCIES = ("daily", "weekly", "monthly")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a report is sent, and when."""

    frequency: str
    """One of ``FREQUENCIES``."""
    weekday: int
    """Of a weekly report: 1 (Monday) to 7 (Sunday)."""
    month_day: int
    """Of a monthly report; a shorter month has it on its last day."""
    time: str
    """HH:MM."""

    def has(self, day: date) -> bool:
        """Return whether a report is due on a local day."""
        if self.frequency == "weekly":
            return day.isoweekday() == self.weekday
        if self.frequency == "monthly":
            return day.day == min(self.month_day, monthrange(day.year, day.month)[1])
        return True


@dataclass(frozen=True, slots=True)
class Period:
    """The local days that a report covers, both included."""

    first: date
    last: date


def next_due(rhythm: Rhythm, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the first instant after another at which a report is due, in UTC."""
    day = day_of(after, zone) - _DAY
    while True:
        if rhythm.has(day):
            instant = instant_of(day, rhythm.time, zone)
            if instant > after:
                return instant
        day += _DAY


def latest_due(rhythm: Rhythm, zone: ZoneInfo, until: datetime) -> datetime:
    """Return the last instant up to another (included) at which a report was due, in UTC."""
    day = day_of(until, zone) + _DAY
    while True:
        if rhythm.has(day):
            instant = instant_of(day, rhythm.time, zone)
            if instant <= until:
                return instant
        day -= _DAY


def period_of(rhythm: Rhythm, due: datetime, zone: ZoneInfo) -> Period:
    """Return the period of a report that is due at an instant.

    Daily: the day before. Weekly: the seven days before. Monthly: the calendar month before.
    """
    today = day_of(due, zone)
    if rhythm.frequency == "weekly":
        return Period(today - 7 * _DAY, today - _DAY)
    if rhythm.frequency == "monthly":
        last = today.replace(day=1) - _DAY
        return Period(last.replace(day=1), last)
    return Period(today - _DAY, today - _DAY)


def instant_of(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """Return the instant of a local time (HH:MM), in UTC."""
    local = datetime.combine(day, time.fromisoformat(clock), zone)
    instant = local.astimezone(timezone.utc)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # Clocks skip it. The two readings of it lie on both sides of the change (PEP 495).
    before, after = local.replace(fold=1).astimezone(timezone.utc), instant
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
