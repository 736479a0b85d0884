"""An oracle for insights: plain Python that counts the same events one by one."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

from hypothesis import HealthCheck, settings

from services.query.parsing.time_range import (
    TimeRange,
    parse_time_range,
)
from tests.support.insights import Sample, local_midnight
from tests.support.number_oracle import number

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)


# A day of 23 hours, one of 25, one of 24.5, and a zone off by three quarters of an hour.
ZONES = {
    "America/New_York": date(2026, 3, 7),
    "Europe/Berlin": date(2026, 10, 24),
    "Australia/Lord_Howe": date(2026, 4, 4),
    "Asia/Kathmandu": date(2026, 3, 29),
}


quick = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def span_of(zone: str, first: date, last: date) -> TimeRange:
    return parse_time_range(zone, NOW, period=None, start=first.isoformat(), end=last.isoformat())


def begin_of(zone: str) -> datetime:
    day = ZONES[zone] - timedelta(days=1)
    return local_midnight(zone, day.year, day.month, day.day)


def inside(rows: list[Sample], span: TimeRange) -> list[Sample]:
    return [row for row in rows if span.start <= row.at < span.end]


def percentile(values: list[Fraction], part: float) -> float:
    ordered = sorted(values)
    index = part * (len(ordered) - 1)
    low = int(index)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * Fraction(index - low))


def figure(rows: list[Sample], metric: str, weighted: bool) -> float | None:
    numbers = [(number(row.properties.get("amount")), row.weight or 1.0) for row in rows]
    known = [(value, weight) for value, weight in numbers if value is not None]
    plain = [value for value, _ in known]
    in_sessions = [row.session for row in rows if row.session]
    if metric == "count":
        return sum(row.weight or 1.0 for row in rows) if weighted else len(rows)
    if metric == "unique_persons":
        return len({row.person for row in rows})
    if metric == "unique_sessions":
        return len(set(in_sessions))
    if metric == "per_session":
        return len(in_sessions) / len(set(in_sessions)) if in_sessions else None
    if metric == "sum":
        return float(sum(value * (Fraction(weight) if weighted else 1) for value, weight in known))
    if not plain:
        return None
    return {
        "average": lambda: float(sum(plain) / len(plain)),
        "median": lambda: percentile(plain, 0.5),
        "p90": lambda: percentile(plain, 0.9),
        "min": lambda: float(min(plain)),
        "max": lambda: float(max(plain)),
    }[metric]()
