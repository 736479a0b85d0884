"""Insights against an oracle in plain Python, option by option."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import groupby, permutations
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.parsing.formulas import parse_formula
from services.query.parsing.time_range import (
    TimeRange,
    interval_starts,
    parse_time_range,
    with_previous,
)
from services.query.reports.funnel import (
    FunnelPersonsPlan,
    FunnelPersonsResponse,
    FunnelStep,
    list_funnel_persons,
    run_funnel,
)
from services.query.reports.lifecycle import LifecyclePlan, run_lifecycle
from services.query.reports.retention import RetentionPlan, run_retention
from services.query.reports.stickiness import StickinessPlan, run_stickiness
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.funnel_matching import Exclusion, FunnelPlan
from services.query.sources.series import Series
from shared.web.pagination import encode_cursor
from tests.support.insights import Sample, local_midnight, put, samples, seal_some

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


def number(value: Any) -> float | None:
    """What counts as a number: numbers, and texts that are one."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


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
        return sum(value * (weight if weighted else 1) for value, weight in known)
    if not plain:
        return None
    return {
        "average": lambda: sum(plain) / len(plain),
        "median": lambda: percentile(plain, 0.5),
        "p90": lambda: percentile(plain, 0.9),
        "min": lambda: min(plain),
        "max": lambda: max(plain),
    }[metric]()


METRICS = [
    "count", "unique_persons", "unique_sessions", "per_session", "sum", "average", "median", "p90",
    "min", "max",
]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("interval", ["hour", "day"])
@quick
@given(data=st.data(), metric=st.sampled_from(METRICS), weighted=st.booleans())
def test_trends_agree_with_the_oracle(
    database: Connection, zone: str, interval: str, data: st.DataObject, metric: str, weighted: bool
) -> None:
    rows = data.draw(samples(begin_of(zone), 4))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 4)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=1))
    name = data.draw(st.sampled_from([None, "a"]))
    plan = TrendsPlan(
        EventQuery(project_id, span, weighted=weighted),
        (Series(EventSelector(name), metric, "amount"),),
        interval,
    )
    [line] = run_trends(plan).series
    wanted = [row for row in inside(rows, span) if name in {None, row.name}]
    if metric == "unique_sessions" and name is None:  # they count where they begin
        begin = {row.session: row for row in sorted(rows, key=lambda row: row.at, reverse=True)}
        wanted = inside([row for session, row in begin.items() if session], span)
    # Not by local clock: two starts can show the same time.
    starts = [start.timestamp() for start in interval_starts(span, interval)]
    by_start: dict[float, list[Sample]] = {start: [] for start in starts}
    for row in wanted:
        by_start[max(start for start in starts if start <= row.at.timestamp())].append(row)
    expected = [figure(group, metric, weighted) for group in by_start.values()]
    # Answers are rounded to six decimals.
    assert line.values == [pytest.approx(one, abs=1e-6) for one in expected]
    assert line.total == pytest.approx(figure(wanted, metric, weighted), abs=1e-6)


@quick
@given(data=st.data(), limit=st.integers(1, 2), metric=st.sampled_from(["count", "unique_persons"]))
@pytest.mark.parametrize("name", [None, "$pageview"])
def test_one_series_broken_down_over_days(
    database: Connection, data: st.DataObject, limit: int, metric: str, name: str | None
) -> None:
    zone = "Australia/Lord_Howe"
    drawn = data.draw(samples(begin_of(zone), 4))
    rows = [replace(row, name=row.name.replace("b", "$pageview")) for row in drawn]
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 4)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=1))
    series = (Series(EventSelector(name), metric),)
    lines = run_trends(
        TrendsPlan(EventQuery(project_id, span), series, "day", Breakdown("country", limit))
    )
    wanted = [row for row in inside(rows, span) if name in {None, row.name}]
    counts = Counter(row.country for row in wanted)
    ranked = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))[:limit]
    expected: dict[str, list[float]] = {}
    for row in wanted:
        value = "(none)" if row.country is None else row.country
        expected.setdefault(value if row.country in ranked else "Other", [])
    days = [ZONES[zone], ZONES[zone] + timedelta(days=1)]
    for value, line in expected.items():
        for day in [*days, None]:
            group = [
                row
                for row in wanted
                if day in {None, row.at.astimezone(ZoneInfo(zone)).date()}
                and (
                    row.country not in ranked
                    if value == "Other"
                    else row.country == (None if value == "(none)" else value)
                )
            ]
            line.append(figure(group, metric, weighted=False) or 0)
    assert {line.breakdown: [*line.values, line.total] for line in lines.series} == expected


@quick
@given(data=st.data(), limit=st.integers(1, 3), metric=st.sampled_from(METRICS))
def test_trends_broken_down_and_filtered(
    database: Connection, data: st.DataObject, limit: int, metric: str
) -> None:
    zone = "Europe/Berlin"
    rows = data.draw(samples(begin_of(zone), 3))
    project_id = put(database, zone, rows)
    span = span_of(zone, ZONES[zone] - timedelta(days=1), ZONES[zone])
    filters = parse_filter({"property": "amount", "operator": "gt", "value": 0})
    plan = TrendsPlan(
        EventQuery(project_id, span, filters),
        (
            Series(EventSelector("a"), metric, "amount"),
            Series(EventSelector("b"), metric, "amount"),
        ),
        "day",
        Breakdown("country", limit),
    )
    positive = [
        row for row in inside(rows, span) if (number(row.properties.get("amount")) or 0) > 0
    ]
    both = [row for row in positive if row.name in "ab"]
    counts: dict[str | None, int] = defaultdict(int)
    for row in both:
        counts[row.country] += 1
    ranked = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))[:limit]
    found = {
        (line.breakdown, line.label or line.event): line.total for line in run_trends(plan).series
    }
    expected = {}
    for value in [*ranked, "Other"]:
        group = [
            row
            for row in both
            if (row.country == value if value != "Other" else row.country not in ranked)
        ]
        if value == "Other" and not group:
            continue
        for name in "ab":
            mine = [row for row in group if row.name == name]
            total = figure(mine, metric, weighted=False) if mine else 0
            expected[("(none)" if value is None else value, name)] = total
    assert found == {key: pytest.approx(value, abs=1e-6) for key, value in expected.items()}


def test_a_formula_over_two_series_and_the_period_before(database: Connection) -> None:
    zone = "UTC"
    begin = datetime(2026, 3, 9, tzinfo=timezone.utc)
    rows = [Sample(begin + timedelta(hours=hour), "ab"[hour % 3 == 0], 1) for hour in range(48)]
    project_id = put(database, zone, rows)
    span = span_of(zone, date(2026, 3, 10), date(2026, 3, 10))
    plan = TrendsPlan(
        EventQuery(project_id, span),
        (Series(EventSelector("a")), Series(EventSelector("b"))),
        "day",
        formula=parse_formula("A / (A + B) * 100", 2),
        compare=with_previous(span, NOW),
    )
    answer = run_trends(plan)
    assert answer.source == "rollup"
    assert answer.series[0].values == [pytest.approx(100 * 16 / 24, abs=1e-4)]
    assert not isinstance(answer.previous, msgspec.UnsetType)
    assert answer.previous[0].values == [pytest.approx(100 * 16 / 24, abs=1e-4)]


def ways(
    rows: list[Sample], plan: FunnelPlan, first: str | None, value: Any = ...
) -> dict[int, dict[int, timedelta]]:
    """Every way through the funnel, tried one by one: by step, the quickest of each person."""
    del first
    found: dict[int, dict[int, timedelta]] = defaultdict(dict)
    window = timedelta(microseconds=plan.window_us)
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].person, pair[1].at, pair[0]))
    for person, group in groupby(ordered, key=lambda pair: pair[1].person):
        mine = [row for _, row in group]
        names = [pick.event for pick in plan.steps]

        def note(step: int, took: timedelta, person: int = person) -> None:
            best = found[step].get(person)
            found[step][person] = took if best is None else min(best, took)

        def walk(
            path: list[int], mine: list[Sample] = mine, names: Any = names, note: Any = note
        ) -> None:
            start = mine[path[0]]
            note(len(path) - 1, mine[path[-1]].at - start.at)
            if len(path) == len(names):
                return
            nexts = range(path[-1] + 1, len(mine))
            for place in list(nexts)[:1] if plan.order == "strict" else nexts:
                if mine[place].name != names[len(path)] or mine[place].at - start.at > window:
                    continue
                between = mine[path[-1] + 1 : place + 1]
                if any(
                    row.name == one.selector.event and one.after <= len(path) - 1 < one.before
                    for row in between
                    for one in plan.exclusions
                ):
                    continue
                walk([*path, place])

        for place, row in enumerate(mine):
            if row.name == names[0] and (value is ... or row.country == value):
                walk([place])
    return found


def any_order(rows: list[Sample], plan: FunnelPlan) -> dict[int, dict[int, timedelta]]:
    found: dict[int, dict[int, timedelta]] = defaultdict(dict)
    window = timedelta(microseconds=plan.window_us)
    names = [pick.event for pick in plan.steps]
    ordered = sorted(enumerate(rows), key=lambda pair: (pair[1].person, pair[1].at, pair[0]))
    for person, group in groupby(ordered, key=lambda pair: pair[1].person):
        mine = [row for _, row in group]
        for place, start in enumerate(mine):
            if start.name not in names:
                continue
            after = []
            for row in mine[place:]:
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


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.data(),
    window=st.sampled_from([600, 7_200, 86_400]),
    steps=st.sampled_from(["abc", "ab", "acb", "ba"]),
    excluded=st.sampled_from([None, (0, 1), (0, 2), (1, 2)]),
)
def test_funnels_agree_with_the_oracle(
    database: Connection, order: str, data: st.DataObject, window: int, steps: str, excluded: Any
) -> None:
    zone = "America/New_York"
    rows = data.draw(samples(begin_of(zone), 3, "abcd", 25))
    project_id = put(database, zone, rows)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=1))
    exclusions: tuple[Exclusion, ...] = ()
    if excluded is not None and excluded[1] < len(steps):
        exclusions = (Exclusion(EventSelector("d"), *excluded),)
    plan = FunnelPlan(
        EventQuery(project_id, span),
        tuple(EventSelector(name) for name in steps),
        window * 1_000_000,
        order,
        exclusions,
        Breakdown("country", 2) if order != "any" else None,
    )
    answer = run_funnel(plan)
    considered = inside(rows, span)
    if order == "any":
        check_steps(answer.steps, any_order(considered, plan))
        return
    check_steps(answer.steps, ways(considered, plan, steps[0]))
    for part in answer.breakdown:
        if part.value != "Other":
            value = None if part.value == "(none)" else part.value
            check_steps(part.steps, ways(considered, plan, steps[0], value))


@quick
@given(data=st.data(), steps=st.sampled_from(["ab", "abc", "aab", "ca"]))
def test_a_funnel_in_any_order_over_the_whole_range_asks_only_who(
    database: Connection, data: st.DataObject, steps: str
) -> None:
    zone = "America/New_York"
    rows = data.draw(samples(begin_of(zone), 4, "abcd", 25))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 4)
    span = span_of(zone, ZONES[zone] - timedelta(days=1), ZONES[zone] + timedelta(days=2))
    whole = int((span.end.timestamp() - span.start.timestamp()) * 1_000_000)
    plan = FunnelPlan(EventQuery(project_id, span), tuple(map(EventSelector, steps)), whole, "any")
    told = [step.persons for step in run_funnel(plan).steps]
    quick_plan = replace(plan, with_durations=False)
    answer = run_funnel(quick_plan).steps
    done: dict[int, set[str]] = defaultdict(set)
    for row in inside(rows, span):
        done[row.person].add(row.name)
    times = [sum(name in names for name in steps) for names in done.values()]
    expected = [sum(n > place for n in times) for place in range(len(steps))]
    assert [step.persons for step in answer] == told == expected
    assert {step.median_seconds for step in answer} == {None}


def test_the_persons_behind_a_bar_are_those_it_counts(database: Connection) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    rows = [Sample(begin + timedelta(minutes=n), "a", n, "CA") for n in range(1, 8)]
    rows += [Sample(begin + timedelta(minutes=30 + n), "b", n) for n in (2, 4, 6)]
    project_id = put(database, "UTC", rows)
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    plan = FunnelPlan(
        EventQuery(project_id, span), (EventSelector("a"), EventSelector("b")), 86_400_000_000
    )
    page = list_funnel_persons(FunnelPersonsPlan(plan, step=1, limit=2))
    assert page == FunnelPersonsResponse([2, 4], total=3, next_cursor=encode_cursor(4))
    gone = list_funnel_persons(FunnelPersonsPlan(plan, step=1, dropped=True))
    assert gone.person_ids == [1, 3, 5, 7]


@pytest.mark.parametrize("kind", ["first_time", "recurring"])
@pytest.mark.parametrize("rule", ["strict", "rolling"])
@quick
@given(data=st.data(), same=st.booleans())
def test_retention_agrees_with_the_oracle(
    database: Connection, kind: str, rule: str, data: st.DataObject, same: bool
) -> None:
    zone = "Australia/Lord_Howe"
    rows = data.draw(samples(begin_of(zone), 6))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 6)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=3))
    back = "a" if same else "b"
    answer = run_retention(
        RetentionPlan(
            EventQuery(project_id, span),
            EventSelector("a"),
            EventSelector(back),
            "day",
            kind,
            rule,
            NOW,
        )
    )
    local = ZoneInfo(zone)
    days = [ZONES[zone] + timedelta(days=n) for n in range(4)]
    did: dict[str, dict[int, set[date]]] = {"a": defaultdict(set), back: defaultdict(set)}
    for row in rows:
        if row.name in did:
            did[row.name][row.person].add(row.at.astimezone(local).date())
    for place, cohort in enumerate(answer.cohorts):
        day = days[place]
        members = {
            person
            for person, dates in did["a"].items()
            if (min(dates) == day if kind == "first_time" else day in dates)
        }
        assert cohort.size == len(members)
        expected = [
            sum(
                any(
                    (back_day == later if rule == "strict" else later <= back_day <= days[-1])
                    for back_day in did[back][person]
                )
                for person in members
            )
            for later in days[place + 1 :]
        ]
        expected.insert(0, len(members))
        assert cohort.returned == expected


@quick
@given(data=st.data())
def test_lifecycle_and_stickiness_agree_with_the_oracle(
    database: Connection, data: st.DataObject
) -> None:
    zone = "Asia/Kathmandu"
    rows = data.draw(samples(begin_of(zone) - timedelta(days=2), 8))
    project_id = put(database, zone, rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=3), 8)
    first = ZONES[zone]
    span = span_of(zone, first, first + timedelta(days=3))
    states = {
        line.label: line.values
        for line in run_lifecycle(
            LifecyclePlan(EventQuery(project_id, span), EventSelector(None), "day")
        ).series
    }
    did: dict[int, set[date]] = defaultdict(set)
    for row in rows:
        did[row.person].add(row.at.astimezone(ZoneInfo(zone)).date())
    one = timedelta(days=1)
    for place in range(4):
        day = first + place * one
        active = [dates for dates in did.values() if day in dates]
        assert states["new"][place] == sum(min(dates) == day for dates in active)
        assert states["returning"][place] == sum(day - one in dates for dates in active)
        assert states["resurrecting"][place] == sum(
            min(dates) < day and day - one not in dates for dates in active
        )
        assert -states["dormant"][place] == sum(
            day - one in dates and day not in dates for dates in did.values()
        )
    [line] = run_stickiness(
        StickinessPlan(EventQuery(project_id, span), (EventSelector("a"),), "day")
    ).series
    times: dict[int, set[date]] = defaultdict(set)
    for row in inside(rows, span):
        if row.name == "a":
            times[row.person].add(row.at.astimezone(ZoneInfo(zone)).date())
    assert line.values == [sum(len(dates) == n for dates in times.values()) for n in range(1, 5)]
