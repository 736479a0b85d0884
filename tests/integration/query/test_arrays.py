"""An array counts by its elements: in filters and breakdowns, from raw rows and sealed days."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.sealing.day import seal_day
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.parsing.time_range import TimeRange
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.series import Series
from tests.support.array_oracle import passes, ranked, values
from tests.support.insights import Sample, put

UTC = ZoneInfo("UTC")
BEGIN = datetime(2026, 3, 10, 9, tzinfo=timezone.utc)
DAYS = TimeRange(BEGIN.replace(hour=0), BEGIN.replace(hour=0) + timedelta(days=2), UTC)
ANY = EventSelector(None)
TAGS: list[Any] = [
    None, [], [None], ["red"], ["red", "dark red"], ["blue", "blue"], "red", '["red"]', "[", [1.0],
    1, [1, "1", True], ["Other", ["red"]], "blue", [""],
]  # fmt: skip
_TAGGED = st.lists(
    st.tuples(st.sampled_from(TAGS), st.integers(1, 3), st.integers(0, 1)), max_size=8
)


def tagged(database: Connection, rows: list[tuple[Any, int, int]]) -> int:
    """A project with an event for each tag, person and day."""
    return put(
        database,
        "UTC",
        [Sample(BEGIN + timedelta(days=day), "m", who, properties={"tags": tag})
         for tag, who, day in rows],
    )  # fmt: skip


def count(project_id: int, operator: str, *wanted: Any) -> Any:
    raw = {"property": "tags", "operator": operator, "value": [*wanted]}
    query = EventQuery(project_id, DAYS, parse_filter(raw))
    return run_trends(TrendsPlan(query, (Series(ANY, "count"),), "day")).series[0].total


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=_TAGGED, sealed=st.sets(st.integers(0, 1)), with_sessions=st.booleans())
def test_each_element_is_a_value_of_a_breakdown(
    database: Connection, rows: list[tuple[Any, int, int]], sealed: set[int], *, with_sessions: bool
) -> None:
    project_id = tagged(database, rows)
    for day in sealed:
        seal_day(database, project_id, BEGIN.date() + timedelta(days=day), UTC)
    events: Counter[str | None] = Counter()
    persons: dict[str | None, set[int]] = defaultdict(set)
    for tag, person, _ in rows:
        for value in values(tag):
            events[value] += 1
            persons[value].add(person)
        if not values(tag):
            events[None] += 1
            persons[None].add(person)
    query, breakdown = EventQuery(project_id, DAYS), Breakdown("tags", 50)
    found = run_breakdown(BreakdownPlan(query, ANY, breakdown, with_sessions))
    assert {item.value: item.events for item in found.items} == events
    assert {item.value: item.persons for item in found.items} == {
        value: len(of_value) for value, of_value in persons.items()
    }
    assert (found.total_events, found.total_persons) == (len(rows), len({r[1] for r in rows}))
    lines = run_trends(TrendsPlan(query, (Series(ANY, "count"),), "day", breakdown)).series
    assert {line.breakdown: line.total for line in lines} == events


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=_TAGGED, sealed=st.sets(st.integers(0, 1)), limit=st.integers(1, 3))
def test_all_other_values_count_an_event_once(
    database: Connection, rows: list[tuple[Any, int, int]], sealed: set[int], limit: int
) -> None:
    rows = [(["b", "c", "d"], 1, 0), (["b", "c", "d"], 1, 0), *rows, *[("a", 2, 1)] * 9]
    project_id = tagged(database, rows)
    for day in sealed:
        seal_day(database, project_id, BEGIN.date() + timedelta(days=day), UTC)
    expected = ranked((tag for tag, _, _ in rows), limit)
    query, breakdown = EventQuery(project_id, DAYS), Breakdown("tags", limit)
    for series in ((Series(ANY),), (Series(ANY), Series(ANY, "sum", "one"))):
        lines = run_trends(TrendsPlan(query, series, "day", breakdown)).series
        found = {
            (line.breakdown, line.is_other): line.total for line in lines if line.metric == "count"
        }
        assert {key: total for key, total in found.items() if total} == expected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=_TAGGED,
    operator=st.sampled_from(["is", "is_not", "contains", "not_contains", "is_set", "is_not_set"]),
    wanted=st.sampled_from(["red", "RED", "1", "[", ",", '["red"]', "true", "Other", ""]),
)
def test_a_filter_compares_each_element(
    database: Connection, rows: list[tuple[Any, int, int]], operator: str, wanted: str
) -> None:
    project_id = tagged(database, rows)
    expected = sum(passes(tag, operator, wanted) for tag, _, _ in rows)
    assert count(project_id, operator, *([] if "set" in operator else [wanted])) == expected


_ODD_TEXT = st.text("aA%_\\\u00e9\u00c9", min_size=1, max_size=5)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tags=st.lists(_ODD_TEXT, max_size=8),
    parts=st.lists(
        st.one_of(_ODD_TEXT, st.sampled_from(["%", "_", "\\", "\\%"])), min_size=2, max_size=4
    ),
)
def test_a_text_contains_one_of_several_parts_none_of_which_is_a_pattern(
    database: Connection, tags: list[str], parts: list[str]
) -> None:
    project_id = tagged(database, [(tag, 1, 0) for tag in tags])
    expected = sum(any(part.lower() in tag.lower() for part in parts) for tag in tags)
    assert count(project_id, "contains", *parts) == expected
    assert count(project_id, "not_contains", *parts) == len(tags) - expected


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [
        ("regex", "^red$", 2),
        ("gt", 4, 2),
        ("between", [1, 2], 1),
        ("is", 5.0, 2),
        ("is_not", 5, 5),
        ("after", "2026-01-01", 1),
    ],
)
def test_every_operator_compares_elements(
    database: Connection, operator: str, wanted: Any, expected: int
) -> None:
    tags = [["red", "dark red"], "red", [5, 1], 5, ["2026-02-02"], [], None]
    project_id = tagged(database, [(tag, 1, 0) for tag in tags])
    assert count(project_id, operator, *(wanted if isinstance(wanted, list) else [wanted])) == (
        expected
    )


def test_a_property_of_a_person_is_compared_by_element(database: Connection) -> None:
    project_id = tagged(database, [(None, 1, 0), (None, 2, 0)])
    with database.cursor() as cursor:
        cursor.execute(
            'UPDATE persons SET properties = \'{"teams": ["red", "blue"]}\''
            " WHERE project_id = %s AND person_id = 1",
            (project_id,),
        )
    database.commit()
    for operator, expected in (("is", 1), ("is_not", 1), ("is_set", 1), ("is_not_set", 1)):
        raw = {"scope": "person", "property": "properties.teams", "operator": operator}
        raw |= {} if "set" in operator else {"value": "red"}
        query = EventQuery(project_id, DAYS, parse_filter(raw))
        [line] = run_trends(TrendsPlan(query, (Series(ANY, "count"),), "day")).series
        assert line.total == expected
