"""Trends beside their previous period: the same values in the same order, sealed or not."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.sealing.day import seal_day
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import NO_FILTER, parse_filter
from services.query.parsing.formulas import parse_formula
from services.query.parsing.previous_period import with_previous
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.series import Series
from tests.support.insight_oracle import NOW, figure, inside, quick, span_of
from tests.support.insights import Sample, put, samples, seal_some
from tests.support.session_oracle import with_sessions

BEGIN = datetime(2026, 3, 9, tzinfo=timezone.utc)
DAY = BEGIN.date()


@quick
@given(data=st.data(), limit=st.integers(1, 3), metric=st.sampled_from(["count", "unique_persons"]))
@pytest.mark.parametrize("is_filtered", [False, True])
def test_each_value_is_set_against_itself(
    database: Connection, data: st.DataObject, limit: int, metric: str, is_filtered: bool
) -> None:
    rows = data.draw(samples(BEGIN, 2, max_size=12))
    project_id = put(database, "UTC", rows)
    rows = with_sessions(rows)
    seal_some(data, database, project_id, "UTC", DAY, 2)
    span = span_of("UTC", DAY + timedelta(days=1), DAY + timedelta(days=1))
    compare = with_previous(span, NOW, by_calendar=True)
    filters = parse_filter({"property": "event_name", "operator": "is_set"})
    query = EventQuery(project_id, span, filters if is_filtered else NO_FILTER)
    series = (Series(EventSelector(None), metric),)
    answer = run_trends(
        TrendsPlan(query, series, "day", Breakdown("country", limit), compare=compare)
    )
    now, before = (inside(rows, one) for one in (span, compare.previous))
    shown: list[str | None] = []
    for group in (now, before):
        counts = Counter(row.country for row in group if row.country not in shown)
        ranked = sorted(counts, key=lambda one: (-counts[one], one is None, one or ""))
        shown += ranked[: max(0, limit - len(shown))]
    labels = [(value, False) for value in shown]
    if any(row.country not in shown for row in now + before):
        labels.append((None, True))
    assert not isinstance(answer.previous, msgspec.UnsetType)
    for group, lines in ((now, answer.series), (before, answer.previous)):
        expected = [
            figure([row for row in group if row.country == value], metric, weighted=False)
            for value in shown
        ]
        if (None, True) in labels:
            rest = [row for row in group if row.country not in shown]
            expected.append(figure(rest, metric, weighted=False))
        assert [((line.breakdown, line.is_other), line.total) for line in lines] == [
            *zip(labels, expected, strict=True)
        ]
        assert [line.values for line in lines] == [[value] for value in expected]


@pytest.mark.parametrize("formula", [None, "A / B"])
def test_a_value_of_one_period_only_has_no_average_in_the_other(
    database: Connection, formula: str | None
) -> None:
    today = BEGIN + timedelta(days=1)
    rows = [
        Sample(BEGIN, "a", 1, "DE", properties={"amount": 4}),
        Sample(today, "a", 1, "FR", properties={"amount": 6}),
    ]
    span = span_of("UTC", today.date(), today.date())
    series = Series(EventSelector("a"), "average", "amount")
    count = 1 if formula is None else 2
    answer = run_trends(
        TrendsPlan(
            EventQuery(put(database, "UTC", rows), span),
            (series,) * count,
            "day",
            Breakdown("country"),
            parse_formula(formula, count),
            with_previous(span, NOW, by_calendar=True),
        )
    )
    assert not isinstance(answer.previous, msgspec.UnsetType)
    wanted = 1 if formula else None
    assert [(line.breakdown, line.values) for line in answer.series] == [
        ("FR", [wanted or 6]),
        ("DE", [None]),
    ]
    assert [(line.breakdown, line.values) for line in answer.previous] == [
        ("FR", [None]),
        ("DE", [wanted or 4]),
    ]


def test_a_day_of_23_hours_is_paired_hour_by_hour(database: Connection) -> None:
    # One event in the middle of each hour of 28 and 29 March; clocks go forward on the 29th.
    begin = datetime(2026, 3, 27, 23, 30, tzinfo=timezone.utc)
    rows = [
        Sample(begin + timedelta(hours=hour), "a", 1)
        for hour in range(47)
        for _ in range(hour % 24 + 1 if hour < 24 else 1)
    ]
    span = span_of("Europe/Berlin", date(2026, 3, 29), date(2026, 3, 29))
    plan = TrendsPlan(
        EventQuery(put(database, "Europe/Berlin", rows), span),
        (Series(EventSelector(None)),),
        "hour",
        compare=with_previous(span, NOW, by_calendar=True),
    )
    answer = run_trends(plan)
    assert not isinstance(answer.previous, msgspec.UnsetType)
    [now], [before] = answer.series, answer.previous
    assert now.values == [1] * 23
    assert before.values == [1, 2, *range(4, 25)]  # 02:00 has no counterpart
    assert before.total == sum(range(1, 25))
    assert [start[11:13] for start in before.dates] == [start[11:13] for start in now.dates]


@pytest.mark.parametrize("is_sealed", [False, True])
@pytest.mark.parametrize(
    ("kind", "expected"), [("previous_period", 1), ("weekdays", 2), ("previous_year", 3)]
)
def test_a_day_is_set_beside_the_day_that_the_comparison_names(
    database: Connection, kind: str, expected: int, is_sealed: bool
) -> None:
    moments = {
        "previous_period": BEGIN - timedelta(days=1),
        "weekdays": BEGIN - timedelta(days=7),
        "previous_year": BEGIN.replace(year=2025),
    }
    counts = {"previous_period": 1, "weekdays": 2, "previous_year": 3}
    rows = [
        Sample(moments[name] + timedelta(hours=2), "a", 1, "DE")
        for name, count in counts.items()
        for _ in range(count)
    ]
    project_id = put(database, "UTC", rows)
    if is_sealed:
        for moment in moments.values():
            seal_day(database, project_id, moment.date(), ZoneInfo("UTC"))
    span = span_of("UTC", DAY, DAY)
    compare = with_previous(span, NOW, by_calendar=True, kind=kind)
    answer = run_trends(
        TrendsPlan(
            EventQuery(project_id, span), (Series(EventSelector(None)),), "day", compare=compare
        )
    )
    assert not isinstance(answer.previous, msgspec.UnsetType)
    assert answer.previous[0].values == [expected]
    assert answer.previous[0].dates == [moments[kind].isoformat()]
