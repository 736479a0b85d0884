"""A project's local days as spans of time. A day has 23, 24 or 25 hours, rarely others."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; also where clocks jump over midnight."""
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)


def span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A local day as ``start`` ≤ t < ``end``, in UTC."""
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The local day of an instant."""
    return moment.astimezone(zone).date()


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included; empty when last is before first."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
