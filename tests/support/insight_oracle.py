"""An oracle for insights: plain Python that counts the same events one by one."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import groupby, permutations
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from services.query.parsing.time_range import (
    TimeRange,
    parse_time_range,
)
from services.query.reports.funnel import (
    FunnelStep,
)
from services.query.sources.funnel_matching import FunnelPlan
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


def ways(
    rows: list[Sample], plan: FunnelPlan, first: str | None, value: Any = ...
) -> dict[int, dict[int, timedelta]]:
    """Every way through the funnel, tried one by one: by step, the quickest of each person."""
    del first
    found: dict[int, dict[int, timedelta]] = defaultdict(dict)
    window = timedelta(microseconds=plan.window_us)
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].person, pair[1].at, pair[0]))
    for person, group in groupby(ordered, key=lambda pair: pair[1].person):
        own = [row for _, row in group]
        names = [pick.event for pick in plan.steps]

        def note(step: int, took: timedelta, person: int = person) -> None:
            best = found[step].get(person)
            found[step][person] = took if best is None else min(best, took)

        def walk(
            path: list[int], own: list[Sample] = own, names: Any = names, note: Any = note
        ) -> None:
            start = own[path[0]]
            note(len(path) - 1, own[path[-1]].at - start.at)
            if len(path) == len(names):
                return
            nexts = range(path[-1] + 1, len(own))
            for index in list(nexts)[:1] if plan.order == "strict" else nexts:
                if own[index].name != names[len(path)] or own[index].at - start.at > window:
                    continue
                between = own[path[-1] + 1 : index + 1]
                if any(
                    row.name == one.selector.event and one.after <= len(path) - 1 < one.before
                    for row in between
                    for one in plan.exclusions
                ):
                    continue
                walk([*path, index])

        for index, row in enumerate(own):
            if row.name == names[0] and (value is ... or row.country == value):
                walk([index])
    return found


def any_order(rows: list[Sample], plan: FunnelPlan) -> dict[int, dict[int, timedelta]]:
    found: dict[int, dict[int, timedelta]] = defaultdict(dict)
    window = timedelta(microseconds=plan.window_us)
    names = [pick.event for pick in plan.steps]
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].person, pair[1].at, pair[0]))
    for person, group in groupby(ordered, key=lambda pair: pair[1].person):
        own = [row for _, row in group]
        for index, start in enumerate(own):
            if start.name not in names:
                continue
            after = []
            for row in own[index:]:
                if any(row.name == one.selector.event for one in plan.exclusions):
                    break
                if row.at - start.at <= window:
                    after.append(row)
            for order in permutations(names):
                times = []
                for name in order:
                    times += [min((r.at for r in after if r.name == name), default=None)]
                got = sorted(time - start.at for time in times if time is not None)
                for step, took in enumerate(got):
                    best = found[step].get(person)
                    found[step][person] = took if best is None else min(best, took)
    return found


def check_steps(shown: list[FunnelStep], expected: dict[int, dict[int, timedelta]]) -> None:
    for step, line in enumerate(shown):
        assert line.persons == len(expected.get(step, {})), (step, shown, expected)
        if step and expected.get(step):
            times = [took.total_seconds() for took in expected[step].values()]
            assert line.median_seconds == pytest.approx(median(times), abs=0.001)
