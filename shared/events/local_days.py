"""Compute a project's local days as time ranges. A day has 23, 24 or 25 hours, rarely others."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, in UTC, even if clocks skip midnight."""
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)


def span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return a local day as ``start`` ≤ t < ``end``, in UTC."""
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local day of a point in time."""
    return instant.astimezone(zone).date()


def days_between(first: date, last: date) -> list[date]:
    """Return every day from the first to the last, inclusive; empty when last precedes first."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
