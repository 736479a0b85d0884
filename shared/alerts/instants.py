"""When an alert is evaluated, and which spans of time it then looks at.

Days and weeks are local, so they have 23 to 25 hours where clocks change. Shorter windows are of
elapsed time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from shared.alerts.definition import (
    DAY_MINUTES,
    EVERY,
    HOUR_MINUTES,
    WEEK_MINUTES,
    AlertDefinition,
)
from shared.alerts.watches.registry import watch_kind_of
from shared.events.local_days import day_of, midnight

SETTLE = timedelta(seconds=60)
"""How long after an instant it is evaluated, so that events on their way are stored by then."""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, ``start`` ≤ t < ``end``, in UTC."""

    start: datetime
    end: datetime


def instants(every: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield when an alert is evaluated, ``after`` < t ≤ ``until``, ascending, in UTC.

    Five and fifteen minutes are counted from the full hour of UTC; hours begin with the local ones,
    which may lie half an hour beside those of UTC; days and weeks begin at local midnight, weeks
    on Monday.
    """
    if every in {"day", "week"}:
        yield from _midnights(every, zone, after, until)
        return
    step = min(EVERY[every], 15) * 60
    seconds = int(after.timestamp()) // step * step + step
    while seconds <= until.timestamp():
        instant = datetime.fromtimestamp(seconds, timezone.utc)
        if every != "hour" or instant.astimezone(zone).minute == 0:
            yield instant
        seconds += step


def _midnights(every: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    day = day_of(after, zone)
    while (instant := midnight(day, zone)) <= until:
        if instant > after and (every == "day" or day.weekday() == 0):
            yield instant
        day += timedelta(days=1)


def earlier(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same local time some days before, in UTC; of the start of a day, that of one."""
    local = instant.astimezone(zone)
    if midnight(local.date(), zone) == instant:
        # Where clocks skip midnight a day begins at 01:00, but those before it do not.
        return midnight(local.date() - timedelta(days=days), zone)
    return (local - timedelta(days=days)).replace(fold=local.fold).astimezone(timezone.utc)


def windows_of(definition: AlertDefinition, zone: ZoneInfo, at: datetime) -> list[Window]:
    """Return the span that an evaluation looks at, and then the earlier ones, latest first."""
    span = watch_kind_of(definition).span(definition)
    end = _aligned(span.step, zone, at)
    ends = [end]
    for number in range(1, definition.earlier_periods + 1):
        if definition.condition.by_week:
            ends.append(earlier(end, 7 * number, zone))
        else:
            ends.append(_start(ends[-1], span.shift or span.window, zone))
    return [Window(_start(one, span.window, zone), one) for one in ends]


def _aligned(step: int, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the end of the last whole step at an instant, in UTC.

    Args:
        step: in minutes: 0 (the instant itself), 15, or those of a local hour, day or week.
        zone: the project's.
        at: the instant.
    """
    if step in {DAY_MINUTES, WEEK_MINUTES}:
        day = day_of(at, zone)
        return midnight(day - timedelta(days=day.weekday() if step == WEEK_MINUTES else 0), zone)
    if step == HOUR_MINUTES:
        at -= timedelta(minutes=at.astimezone(zone).minute)
    if step:
        at = datetime.fromtimestamp(int(at.timestamp()) // 900 * 900, timezone.utc)
    return at.astimezone(timezone.utc)


def _start(end: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    if minutes % DAY_MINUTES == 0:
        return earlier(end, minutes // DAY_MINUTES, zone)
    return end - timedelta(minutes=minutes)
