"""Filters, tables, paths, sessions and revenue against an oracle in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import groupby, pairwise
from statistics import median
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.parsing.time_range import TimeRange, parse_time_range
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.paths import PathsPlan, run_paths
from services.query.reports.revenue import RevenuePlan, run_revenue
from services.query.reports.session_metrics import (
    SessionsInterval,
    SessionsPlan,
    SessionsResponse,
    run_sessions,
)
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.series import Series
from shared.errors import Unprocessable
from tests.conftest import make_project
from tests.support.factories import an_event
from tests.support.filter_oracle import passes
from tests.support.insights import Sample, put, samples, seal_some
from tests.support.number_oracle import ODD_VALUES, shown
from tests.support.revenue_oracle import money, payers
from tests.support.sealing import store
from tests.support.session_oracle import with_sessions as in_sessions

NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)
quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def span_of(days: int = 3) -> TimeRange:
    last = date(2026, 3, 10) + timedelta(days=days - 1)
    return parse_time_range("UTC", NOW, period=None, start="2026-03-10", end=last.isoformat())


CONDITIONS = st.one_of(
    st.fixed_dictionaries(
        {
            "property": st.sampled_from(["country", "amount", "missing"]),
            "operator": st.sampled_from(["is", "is_not"]),
            "value": st.sampled_from(
                [
                    ["CA"],
                    ["CA", "(none)"],
                    [7],
                    ["12"],
                    [12],
                    [True],
                    "x",
                    *[[value] for value in ODD_VALUES if value is not None],
                ]
            ),
        }
    ),
    st.fixed_dictionaries(
        {
            "property": st.sampled_from(["country", "amount"]),
            "operator": st.sampled_from(["contains", "not_contains"]),
            "value": st.sampled_from(["c", ["A", "e"], "."]),
        }
    ),
    st.fixed_dictionaries(
        {
            "property": st.sampled_from(["country", "amount"]),
            "operator": st.just("regex"),
            "value": st.sampled_from(["^C", "A$", "[0-9]+", "^(D|F)"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "property": st.just("amount"),
            "operator": st.sampled_from(["gt", "gte", "lt", "lte"]),
            "value": st.sampled_from([-3, 0, 2.5, 12, 0.1 + 0.2, 1e21, 2**53 + 1]),
        }
    ),
    st.fixed_dictionaries(
        {"property": st.just("amount"), "operator": st.just("between"), "value": st.just([0, 7])}
    ),
    st.fixed_dictionaries(
        {
            "property": st.sampled_from(["country", "amount", "missing"]),
            "operator": st.sampled_from(["is_set", "is_not_set"]),
        }
    ),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
    ),
    max_leaves=5,
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), rows=samples(BEGIN, 3), part=FILTERS)
def test_filters_choose_the_events_of_the_oracle(
    database: Connection, data: st.DataObject, rows: list[Sample], part: dict[str, Any]
) -> None:
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), 3)
    try:
        scope = EventQuery(project_id, span_of(), parse_filter(part))
    except Unprocessable:
        assert "and" in str(part) or "or" in str(part)  # nested too deep
        return
    series = tuple(Series(EventSelector(None), metric) for metric in ("count", "unique_persons"))
    events, persons = run_trends(TrendsPlan(scope, series, "day")).series
    assert events.total == sum(passes(row, part) for row in rows)
    assert persons.total == len({row.person for row in rows if passes(row, part)})


@pytest.mark.parametrize(
    ("part", "matching"),
    [
        ({"scope": "session", "property": "events", "operator": "gte", "value": 2}, {"s1"}),
        ({"scope": "session", "property": "duration_seconds", "operator": "lt",
          "value": 5}, {"s2", None}),
        ({"scope": "session", "property": "entry_page", "operator": "is", "value": "/a"}, {"s1"}),
        ({"scope": "session", "property": "exit_page", "operator": "is", "value": "/b"}, {"s1"}),
        ({"scope": "person", "property": "distinct_id", "value": "person 1"}, {"s1", None}),
        (
            {"scope": "person", "property": "distinct_id", "operator": "is_not",
             "value": "person 1"},
            {"s2"},
        ),
        ({"property": "timestamp", "operator": "after", "value": "2026-03-10T01:00:00Z"}, {"s2"}),
        ({"property": "until", "operator": "before", "value": "2026-01-01"}, {"s2"}),
    ],
)  # fmt: skip
def test_filters_of_other_scopes(database: Connection, part: Any, matching: Any) -> None:
    hour = timedelta(hours=1)
    rows = [
        Sample(BEGIN, "$pageview", 1, session="s1", page="/a"),
        Sample(BEGIN + hour / 2, "page_view", 1, session="s1", page="/b"),
        Sample(BEGIN + hour, "c", 1),
        Sample(BEGIN + 2 * hour, "d", 2, session="s2", page="/c",
               properties={"until": "2025-12-31T00:00:00Z"}),
    ]  # fmt: skip
    project_id = put(database, "UTC", rows)
    scope = EventQuery(project_id, span_of(), parse_filter(part))
    [line] = run_trends(TrendsPlan(scope, (Series(EventSelector(None)),), "day")).series
    assert line.total == sum(row.session in matching for row in rows)


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"and": [{"property": "a", "operator": "like", "value": 1}]}, "filters.and.0.operator"),
        ({"property": "a", "operator": "gt", "value": "x"}, "filters.value"),
        ({"property": "a", "operator": "between", "value": [1]}, "filters.value"),
        ({"property": "a", "operator": "regex", "value": r"(a)\1"}, "filters.value"),
        ({"property": "a", "operator": "regex", "value": "a{1000}"}, "filters.value"),
        ({"property": "", "value": 1}, "filters.property"),
        ({"property": "a", "scope": "planet", "value": 1}, "filters.scope"),
        ({"property": "a", "value": list(range(1000))}, "filters.value"),
        ({"property": "a\x00", "value": 1}, "filters.property"),
        ({"and": [{"and": [{"and": [{"and": [{"and": [{"and": []}]}]}]}]}]},
         "filters.and.0.and.0.and.0.and.0.and.0"),
        ("text", "filters"),
        ({"scope": "cohort", "value": "best"}, "filters.value"),
    ],
)  # fmt: skip
def test_an_unusable_filter_is_refused_by_name(part: Any, field: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        parse_filter(part)
    assert list(refused.value.errors) == [field]


@quick
@given(
    data=st.data(),
    limit=st.integers(1, 3),
    weighted=st.booleans(),
    with_sessions=st.booleans(),
    name=st.sampled_from([None, "a", "$pageview"]),
    by=st.sampled_from(["country", "amount"]),
)
def test_breakdowns_agree_with_the_oracle(
    database: Connection,
    data: st.DataObject,
    limit: int,
    weighted: bool,
    with_sessions: bool,
    name: str | None,
    by: str,
) -> None:
    rows = [
        replace(row, name=row.name.replace("b", "$pageview"))
        for row in data.draw(samples(BEGIN, 3))
    ]
    project_id = put(database, "UTC", rows)
    rows = in_sessions(rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), 3)
    scope = EventQuery(project_id, span_of(), weighted=weighted)
    answer = run_breakdown(
        BreakdownPlan(scope, EventSelector(name), Breakdown(by, limit), with_sessions)
    )
    mine = [row for row in rows if name in {None, row.name}]
    events: Counter[str | None] = Counter()
    for row in mine:
        events[shown(row.value(by))] += int(row.weight or 1) if weighted else 1
    ranked = sorted(events, key=lambda value: (-events[value], value is None, value or ""))
    assert [(item.value, item.events, item.persons, item.sessions) for item in answer.items] == [
        (
            value,
            events[value],
            len({row.person for row in mine if shown(row.value(by)) == value}),
            len({row.session for row in mine if shown(row.value(by)) == value and row.session})
            if with_sessions
            else msgspec.UNSET,
        )
        for value in ranked[:limit]
    ]
    assert answer.total_persons == len({row.person for row in mine})
    assert answer.total_events == sum(events.values())
    assert answer.has_more == (len(ranked) > limit)


@quick
@given(
    rows=samples(BEGIN, 1, "abcd"),
    points=st.sampled_from([(None, None), ("a", None), (None, "b")]),
    steps=st.integers(2, 4),
    hidden=st.sampled_from(["", "b", "ac"]),
)
def test_paths_agree_with_the_oracle(
    database: Connection, rows: list[Sample], points: Any, steps: int, hidden: str
) -> None:
    project_id = put(database, "UTC", rows)
    start, end = points
    point = start or end
    left_out = tuple(name for name in hidden if name != point)
    answer = run_paths(
        PathsPlan(
            EventQuery(project_id, span_of()), "event", start, end, steps, 500, hidden=left_out
        )
    )
    counts: Counter[tuple[int, str, str]] = Counter()
    persons: dict[tuple[int, str, str], set[int]] = defaultdict(set)
    visits_of: Counter[tuple[int, str]] = Counter()
    ended: Counter[tuple[int, str]] = Counter()
    sign = -1 if end else 1
    for person, names in _paths(rows, left_out, point, backwards=end is not None):
        for place, (left, right) in enumerate(pairwise(names[:steps]), 1):
            edge = (-place, right, left) if end else (place, left, right)
            counts[edge] += 1
            persons[edge].add(person)
        for place, name in enumerate(names[:steps], 1):
            visits_of[sign * place, name] += 1
            ended[sign * place, name] += place == len(names)
    assert {
        (edge.step, edge.source, edge.target): (edge.count, edge.persons) for edge in answer.edges
    } == {edge: (count, len(persons[edge])) for edge, count in counts.items()}
    assert {(one.step, one.node): (one.visits, one.ended) for one in answer.nodes} == {
        node: (count, ended[node]) for node, count in visits_of.items()
    }


def _paths(
    rows: list[Sample], hidden: tuple[str, ...], point: str | None, *, backwards: bool
) -> Iterator[tuple[int, list[str]]]:
    """The person and the names, from the start on, of each visit with a path."""
    shown = [row for row in rows if row.name not in hidden]
    ordered = sorted(enumerate(shown), key=lambda pair: (pair[1].person, pair[1].at, pair[0]))
    for person, group in groupby(ordered, key=lambda pair: pair[1].person):
        visits: list[list[Sample]] = []
        for _, row in group:
            if not visits or row.at - visits[-1][-1].at > timedelta(minutes=30):
                visits.append([])
            visits[-1].append(row)
        for visit in visits:
            names = [name for name, _ in groupby(row.name for row in visit)]
            if backwards:
                names.reverse()
            if point is not None:
                names = names[names.index(point) :] if point in names else []
            yield person, names


@quick
@given(data=st.data(), is_filtered=st.booleans())
def test_session_metrics_agree_with_the_oracle(
    database: Connection, data: st.DataObject, is_filtered: bool
) -> None:
    rows = data.draw(samples(BEGIN - timedelta(hours=3), 3))
    project_id = make_project(database, "UTC")
    for row in data.draw(st.permutations(rows)):
        person = f"person {row.person}"
        event = an_event(row.name, at=row.at, person=person, session_id=row.session)
        store(database, project_id, [event])
    by_session: dict[str, list[Sample]] = defaultdict(list)
    for row in sorted(in_sessions(rows), key=lambda row: row.at):
        by_session[row.session or ""].append(row)
    span = span_of(2)
    filters = parse_filter({"property": "event_name", "value": "a"} if is_filtered else None)
    wanted = [
        one
        for one in by_session.values()
        if span.start <= one[0].at < span.end
        and (not is_filtered or any(row.name == "a" for row in one))
    ]
    answer = run_sessions(SessionsPlan(EventQuery(project_id, span, filters), "day"))

    def check(shown: SessionsResponse | SessionsInterval, group: list[list[Sample]]) -> None:
        assert shown.sessions == len(group)
        if not group:
            return
        seconds = [(one[-1].at - one[0].at).total_seconds() for one in group]
        assert shown.average_seconds == pytest.approx(sum(seconds) / len(seconds), abs=0.001)
        assert shown.median_seconds == pytest.approx(median(seconds), abs=0.001)
        assert shown.bounce_rate == pytest.approx(
            sum(len(one) == 1 for one in group) / len(group), abs=1e-6
        )
        assert shown.persons == len({one[0].person for one in group})

    check(answer, wanted)
    for place, line in enumerate(answer.series):
        check(line, [one for one in wanted if (one[0].at - BEGIN).days == place])
    assert sum(page.sessions for page in answer.entry_pages) == len(wanted)


@quick
@given(data=st.data())
def test_revenue_agrees_with_the_oracle(database: Connection, data: st.DataObject) -> None:
    rows = data.draw(samples(BEGIN - timedelta(days=1), 4))
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date() - timedelta(days=1), 4)
    answer = run_revenue(
        RevenuePlan(
            EventQuery(project_id, span_of(3)), EventSelector("a"), "amount", "day", None, NOW
        )
    )
    span = span_of(3)
    considered = [row for row in rows if span.start <= row.at < span.end]
    paid = money((row for row in considered if row.name == "a"), span.start, span.end).payments
    for place, line in enumerate(answer.series):
        active = {row.person for row in considered if (row.at - BEGIN).days == place}
        mine = [payment for payment in paid if (payment.row.at - BEGIN).days == place]
        total = float(sum(payment.amount for payment in mine))
        assert line.revenue == pytest.approx(total, rel=1e-12, abs=1e-6)
        assert line.payers == payers(mine)
        assert line.active == len(active)
    first: dict[int, int] = {}
    for row in sorted(rows, key=lambda row: row.at):
        first.setdefault(row.person, (row.at - BEGIN).days)
    new = {person: day for person, day in first.items() if 0 <= day < 3}
    for point in answer.lifetime_value:
        old = {person for person, day in new.items() if day + point.after < 3}
        total = float(
            sum(
                one.amount
                for one in paid
                if one.row.person in old
                and (one.row.at - BEGIN).days - new[one.row.person] <= point.after
            )
        )
        assert point.persons == len(old)
        assert point.value == pytest.approx(total / len(old), rel=1e-12, abs=1e-5)
