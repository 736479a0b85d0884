"""When an alert is evaluated, and which spans of time it then looks at.

Days and weeks are local, so they have 23 to 25 hours where clocks change. Shorter windows are of
elapsed time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from shared.alerts.definition import EVERY, AlertDefinition
from shared.events.local_days import day_of, midnight

SETTLE = timedelta(seconds=60)
"""How long after an instant it is evaluated, so that events on their way are stored by then."""
DAY_MINUTES, WEEK_MINUTES = EVERY["day"], EVERY["week"]


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
    """Return the same local time some days before, in UTC."""
    local = instant.astimezone(zone)
    return (local - timedelta(days=days)).replace(fold=local.fold).astimezone(timezone.utc)


def windows_of(definition: AlertDefinition, zone: ZoneInfo, at: datetime) -> list[Window]:
    """Return the span that an evaluation looks at, and then those of its baseline, latest first."""
    condition, unit = definition.condition, _unit(definition)
    end = _aligned(definition, zone, at)
    ends = [end]
    for number in range(1, condition.baselines + 1):
        if condition.by_week:
            ends.append(earlier(end, 7 * number, zone))
        else:
            ends.append(_start(ends[-1], unit, zone))
    return [Window(_start_of(definition, one, zone), one) for one in ends]


def _unit(definition: AlertDefinition) -> int:
    """Return how far the previous period lies back, in minutes."""
    if definition.watch.kind == "cell":
        return WEEK_MINUTES if definition.query.get("interval") == "week" else DAY_MINUTES
    return definition.window_minutes


def _aligned(definition: AlertDefinition, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the end of the last whole step of what is watched, at an instant."""
    kind = definition.watch.kind
    if kind in {"lag", "errors"}:
        seconds = int(at.timestamp()) // 900 * 900
        return datetime.fromtimestamp(seconds, timezone.utc)
    if kind == "cell":
        day: date = day_of(at, zone)
        if _unit(definition) == WEEK_MINUTES:
            day -= timedelta(days=day.weekday())
        return midnight(day, zone)
    return at.astimezone(timezone.utc)


def _start_of(definition: AlertDefinition, end: datetime, zone: ZoneInfo) -> datetime:
    if definition.watch.kind == "cell":
        # The cohort's own interval, and those after which its persons came back.
        days = _unit(definition) // DAY_MINUTES * (definition.watch.index + 1)
        return earlier(end, days, zone)
    return _start(end, definition.window_minutes, zone)


def _start(end: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    if minutes % DAY_MINUTES == 0:
        return earlier(end, minutes // DAY_MINUTES, zone)
    return end - timedelta(minutes=minutes)
