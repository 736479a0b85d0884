"""Trends, breakdowns and formulas against an oracle in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.sealing.day import seal_day
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.parsing.formulas import parse_formula
from services.query.parsing.previous_period import with_previous
from services.query.parsing.time_range import (
    interval_starts,
)
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.series import PROPERTY_METRICS, Series
from tests.support.insight_oracle import (
    NOW,
    ZONES,
    begin_of,
    figure,
    inside,
    quick,
    span_of,
)
from tests.support.insights import Sample, put, samples, seal_some
from tests.support.number_oracle import number
from tests.support.session_oracle import with_sessions

METRICS = [
    "count", "unique_persons", "unique_sessions", "per_session", "sum", "average", "median", "p90",
    "min", "max",
]  # fmt: skip


def nearly(figure: float | None) -> Any:
    """Return what equals the figure: answers are doubles, rounded to six decimals."""
    return None if figure is None else pytest.approx(figure, rel=1e-12, abs=1e-6)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("interval", ["hour", "day"])
@quick
@given(data=st.data(), metric=st.sampled_from(METRICS), weighted=st.booleans())
def test_trends_agree_with_the_oracle(
    database: Connection, zone: str, interval: str, data: st.DataObject, metric: str, weighted: bool
) -> None:
    rows = data.draw(samples(begin_of(zone), 4))
    project_id = put(database, zone, rows)
    rows = with_sessions(rows)
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
    assert line.values == [nearly(one) for one in expected]
    assert line.total == nearly(figure(wanted, metric, weighted))
    amounts = [row.properties.get("amount") for row in wanted]
    assert line.ignored == (
        sum(amount is not None and number(amount) is None for amount in amounts)
        if metric in PROPERTY_METRICS
        else msgspec.UNSET
    )


@quick
@given(
    data=st.data(),
    limit=st.integers(1, 2),
    metric=st.sampled_from(["count", "unique_persons"]),
    weighted=st.booleans(),
)
@pytest.mark.parametrize("name", [None, "$pageview"])
def test_one_series_broken_down_over_days(
    database: Connection,
    data: st.DataObject,
    limit: int,
    metric: str,
    weighted: bool,
    name: str | None,
) -> None:
    zone = "Australia/Lord_Howe"
    drawn = data.draw(samples(begin_of(zone), 4))
    rows = [replace(row, name=row.name.replace("b", "$pageview")) for row in drawn]
    project_id = put(database, zone, rows)
    rows = with_sessions(rows)
    seal_some(data, database, project_id, zone, ZONES[zone] - timedelta(days=1), 4)
    span = span_of(zone, ZONES[zone], ZONES[zone] + timedelta(days=1))
    series = (Series(EventSelector(name), metric),)
    lines = run_trends(
        TrendsPlan(
            EventQuery(project_id, span, weighted=weighted),
            series,
            "day",
            Breakdown("country", limit),
        )
    )
    wanted = [row for row in inside(rows, span) if name in {None, row.name}]
    counts: Counter[str | None] = Counter()
    for row in wanted:
        counts[row.country] += int(row.weight or 1) if weighted else 1
    ranked = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))[:limit]
    expected: dict[tuple[str | None, bool], list[float]] = {}
    for row in wanted:
        expected.setdefault((row.country, False) if row.country in ranked else (None, True), [])
    days = [ZONES[zone], ZONES[zone] + timedelta(days=1)]
    for (value, is_other), line in expected.items():
        for day in [*days, None]:
            group = [
                row
                for row in wanted
                if day in {None, row.at.astimezone(ZoneInfo(zone)).date()}
                and (row.country not in ranked if is_other else row.country == value)
            ]
            line.append(figure(group, metric, weighted) or 0)
    assert {
        (line.breakdown, line.is_other): [*line.values, line.total] for line in lines.series
    } == expected


@pytest.mark.parametrize("is_sealed", [False, True])
def test_weighted_values_are_ranked_by_weight(database: Connection, is_sealed: bool) -> None:
    begin = datetime(2026, 3, 10, tzinfo=timezone.utc)
    rows = [Sample(begin, "a", person, "CA") for person in (1, 2, 3)]
    rows.append(Sample(begin, "a", 4, "DE", weight=10.0))
    project_id = put(database, "UTC", rows)
    if is_sealed:
        seal_day(database, project_id, begin.date(), ZoneInfo("UTC"))
    query = EventQuery(project_id, span_of("UTC", begin.date(), begin.date()), weighted=True)
    for metric, others in (("count", 3), ("unique_persons", 3)):
        series = (Series(EventSelector(None), metric),)
        first, rest = run_trends(TrendsPlan(query, series, "day", Breakdown("country", 1))).series
        assert (first.breakdown, rest.is_other, rest.total) == ("DE", True, others)


@pytest.mark.parametrize("is_sealed", [False, True])
def test_weights_are_added_up_as_doubles(database: Connection, is_sealed: bool) -> None:
    # Single precision would give 5,000 events of a rate of 0.3 two events too few.
    begin, weight = datetime(2026, 3, 10, tzinfo=timezone.utc), 3.3333332538604736
    rows = [
        Sample(begin + timedelta(seconds=number), "a", 1, "CA", weight=weight)
        for number in range(5_000)
    ]
    project_id = put(database, "UTC", rows)
    if is_sealed:
        seal_day(database, project_id, begin.date(), ZoneInfo("UTC"))
    query = EventQuery(project_id, span_of("UTC", begin.date(), begin.date()), weighted=True)
    series, by_country = (Series(EventSelector(None)),), Breakdown("country")
    [line] = run_trends(TrendsPlan(query, series, "day")).series
    [broken] = run_trends(TrendsPlan(query, series, "day", by_country)).series
    table = run_breakdown(BreakdownPlan(query, EventSelector(None), by_country))
    expected = pytest.approx(5_000 * weight, abs=0.001)
    assert [line.total, broken.total, table.items[0].events, table.total_events] == [expected] * 4


@quick
@given(data=st.data(), limit=st.integers(1, 3), metric=st.sampled_from(METRICS))
def test_trends_broken_down_and_filtered(
    database: Connection, data: st.DataObject, limit: int, metric: str
) -> None:
    zone = "Europe/Berlin"
    rows = data.draw(samples(begin_of(zone), 3))
    project_id = put(database, zone, rows)
    rows = with_sessions(rows)
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
        (line.breakdown, line.is_other, line.event): line.total for line in run_trends(plan).series
    }
    expected = {}
    for value, is_other in [*((value, False) for value in ranked), (None, True)]:
        group = [
            row for row in both if (row.country not in ranked if is_other else row.country == value)
        ]
        if is_other and not group:
            continue
        for name in "ab":
            mine = [row for row in group if row.name == name]
            total = figure(mine, metric, weighted=False)
            expected[value, is_other, name] = total
    assert found == {key: nearly(value) for key, value in expected.items()}


def test_a_formula_over_two_series_and_the_period_before(database: Connection) -> None:
    zone = "UTC"
    begin = datetime(2026, 3, 9, tzinfo=timezone.utc)
    rows = [Sample(begin + timedelta(hours=hour), "ab"[hour % 3 == 0], 1) for hour in range(48)]
    project_id = put(database, zone, rows)
    rows = with_sessions(rows)
    span = span_of(zone, date(2026, 3, 10), date(2026, 3, 10))
    plan = TrendsPlan(
        EventQuery(project_id, span),
        (Series(EventSelector("a")), Series(EventSelector("b"))),
        "day",
        formula=parse_formula("A / (A + B) * 100", 2),
        compare=with_previous(span, NOW, by_calendar=True),
    )
    answer = run_trends(plan)
    assert answer.source == "rollup"
    assert answer.series[0].values == [pytest.approx(100 * 16 / 24, abs=1e-4)]
    assert not isinstance(answer.previous, msgspec.UnsetType)
    assert answer.previous[0].values == [pytest.approx(100 * 16 / 24, abs=1e-4)]
