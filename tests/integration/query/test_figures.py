"""The persons behind a figure are those that it counts: every kind, sealed or raw, odd data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.insight_kind import FigureKind, InsightKind
from services.query.parsing.request import QueryRequest
from services.query.reports.registry import FIGURES, INSIGHTS
from shared.errors import Unprocessable
from shared.web.request_schemas import request_schema
from tests.support.insight_oracle import NOW, ZONES, begin_of, inside, span_of
from tests.support.insights import Sample, put, samples, seal_some

ZONE = "America/New_York"
FIRST = ZONES[ZONE]
DAYS = 4
few = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""An example asks for dozens of points."""
RANGE = {"from": FIRST.isoformat(), "to": (FIRST + timedelta(days=DAYS - 1)).isoformat()}


def ask(registry: Any, project_id: int, kind: FigureKind, body: dict[str, Any]) -> Any:
    """The entry of a kind, and its plan for a request body."""
    entry = registry[kind]
    data = request_schema(entry.request)().load({**RANGE, **body})
    return entry, entry.parse(QueryRequest(project_id, ZONE, NOW, data))


def answer(project_id: int, kind: InsightKind, /, **body: Any) -> Any:
    entry, plan = ask(INSIGHTS, project_id, kind, body)
    return entry.run(plan)


def behind(project_id: int, kind: FigureKind, /, **body: Any) -> set[int]:
    entry, plan = ask(FIGURES, project_id, kind, body)
    return set(entry.find(plan).persons)


def draw_project(data: st.DataObject, database: Connection) -> tuple[int, list[Sample]]:
    rows = data.draw(samples(begin_of(ZONE) - timedelta(days=3), 8, max_size=50))
    project_id = put(database, ZONE, rows)
    seal_some(data, database, project_id, ZONE, FIRST - timedelta(days=4), 8)
    return project_id, rows


def some_of(points: list[Any]) -> st.SearchStrategy[list[Any]]:
    """At most ten of the points."""
    if not points:
        return st.just([])
    numbers = st.lists(st.integers(0, len(points) - 1), min_size=1, max_size=10, unique=True)
    return numbers.map(lambda chosen: [points[number] for number in chosen])


def row_of(value: str | None, is_other: Any) -> dict[str, Any]:
    """The fields that name a row of a breakdown."""
    if is_other is True:
        return {"is_other": True}
    return {"is_missing": True} if value is None else {"value": value}


@pytest.mark.parametrize("metric", ["count", "unique_persons", "sum", "unique_sessions"])
@few
@given(data=st.data(), limit=st.integers(1, 4), compare=st.booleans())
def test_a_point_of_a_trend_lists_whoever_did_its_events(
    database: Connection, metric: str, data: st.DataObject, limit: int, compare: bool
) -> None:
    project_id, rows = draw_project(data, database)
    body = {
        "series": [{"event": "a", "metric": metric, "property": "amount"}],
        "interval": "day",
        "breakdown": {"property": "country", "limit": limit},
        "compare": compare,
    }
    found = answer(project_id, "trends", **body)
    points = [
        (previous, line, index, start)
        for previous, lines in ((False, found.series), (True, found.previous if compare else []))
        for line in lines
        for index, start in enumerate(line.dates)
    ]
    for previous, line, index, start in data.draw(some_of(points), label="points"):
        persons = behind(
            project_id, "trends", **body, date=start, previous=previous,
            **row_of(line.breakdown, line.is_other),
        )  # fmt: skip
        day = date.fromisoformat(start[:10])
        lines = found.previous if previous else found.series
        named = {one.breakdown for one in lines if one.is_other is False}
        matching = {
            row.person
            for row in inside(rows, span_of(ZONE, day, day))
            if row.name == "a"
            and (row.country not in named if line.is_other else row.country == line.breakdown)
        }
        if metric == "unique_persons":
            assert len(persons) == line.values[index]
        if metric in {"count", "unique_persons"}:
            assert persons == matching
        else:
            assert persons <= matching
            assert bool(persons) >= bool(line.values[index])


@few
@given(data=st.data(), interval=st.sampled_from(["hour", "day", "week"]))
def test_values_of_any_form_and_the_whole_range_have_their_persons(
    database: Connection, data: st.DataObject, interval: str
) -> None:
    project_id, _ = draw_project(data, database)
    filters = data.draw(st.sampled_from([None, {"property": "country", "operator": "is_set"}]))
    body = {
        "series": [{"event": None, "metric": "unique_persons"}],
        "interval": interval,
        "filters": filters,
    }
    broken_down = {**body, "breakdown": {"property": "amount", "limit": 3}}
    for line in answer(project_id, "trends", **broken_down).series:
        row = row_of(line.breakdown, line.is_other)
        assert len(behind(project_id, "trends", **broken_down, **row)) == line.total
    [line] = answer(project_id, "trends", **body).series
    assert len(behind(project_id, "trends", **body)) == line.total
    points = [*zip(line.dates, line.values, strict=True)]
    for start, value in data.draw(some_of(points), label="points"):
        assert len(behind(project_id, "trends", **body, date=start)) == value


@pytest.mark.parametrize("kind", ["first_time", "recurring"])
@pytest.mark.parametrize("rule", ["strict", "rolling"])
@few
@given(data=st.data())
def test_cells_of_retention_have_their_persons(
    database: Connection, kind: str, rule: str, data: st.DataObject
) -> None:
    project_id, _ = draw_project(data, database)
    body = {"target": "a", "returning": "b", "kind": kind, "rule": rule, "interval": "day"}
    for cohort in answer(project_id, "retention", **body).cohorts:
        everybody = behind(project_id, "retention", **body, date=cohort.date)
        assert len(everybody) == cohort.size
        for after, returned in enumerate(cohort.returned):
            point = {"date": cohort.date, "after": after}
            back = behind(project_id, "retention", **body, **point)
            assert len(back) == returned
            if after:
                gone = behind(project_id, "retention", **body, **point, dropped=True)
                assert gone == everybody - back


@few
@given(data=st.data())
def test_bars_of_lifecycle_and_stickiness_have_their_persons(
    database: Connection, data: st.DataObject
) -> None:
    project_id, _ = draw_project(data, database)
    for line in answer(project_id, "lifecycle", interval="day").series:
        for start, value in zip(line.dates, line.values, strict=True):
            point = {"interval": "day", "state": line.label, "date": start}
            assert len(behind(project_id, "lifecycle", **point)) == abs(value)
    series = [{"event": "a"}, {"event": None}]
    for index, line in enumerate(answer(project_id, "stickiness", series=series).series):
        for times, (exactly, at_least) in enumerate(zip(line.values, line.at_least, strict=True)):
            point = {"series": series, "series_index": index, "times": times + 1}
            assert len(behind(project_id, "stickiness", **point)) == exactly
            assert len(behind(project_id, "stickiness", **point, at_least=True)) == at_least


@few
@given(data=st.data(), property_name=st.sampled_from(["country", "amount"]))
def test_rows_of_breakdowns_sessions_and_paths_have_their_persons(
    database: Connection, data: st.DataObject, property_name: str
) -> None:
    project_id, _ = draw_project(data, database)
    body = {"event": "a", "breakdown": {"property": property_name, "limit": 50}}
    found = answer(project_id, "breakdown", **body)
    for item in found.items:
        row = row_of(item.value, False)
        assert len(behind(project_id, "breakdown", **body, **row)) == item.persons
    assert len(behind(project_id, "breakdown", **body)) == found.total_persons
    sessions = answer(project_id, "sessions", interval="day")
    assert len(behind(project_id, "sessions")) == sessions.persons
    for line in sessions.series:
        point = {"interval": "day", "date": line.date}
        assert len(behind(project_id, "sessions", **point)) == line.persons
    for direction in ({}, {"start": "a"}, {"end": "b"}):
        for edge in answer(project_id, "paths", **direction).edges:
            point = {"step": edge.step, "source": edge.source, "target": edge.target}
            assert len(behind(project_id, "paths", **direction, **point)) == edge.persons


@few
@given(data=st.data())
def test_figures_of_revenue_have_their_persons(database: Connection, data: st.DataObject) -> None:
    project_id, _ = draw_project(data, database)
    body = {"event": "a", "property": "amount", "interval": "day"}
    found = answer(project_id, "revenue", **body)
    for figure in ("payers", "active"):
        assert len(behind(project_id, "revenue", **body, figure=figure)) == getattr(found, figure)
        for line in found.series:
            point = {"figure": figure, "date": line.date}
            assert len(behind(project_id, "revenue", **body, **point)) == getattr(line, figure)


def test_rows_of_a_game_have_their_persons(database: Connection) -> None:
    begin = begin_of(ZONE) + timedelta(days=2)
    rows = [
        Sample(begin, "progression", 1, properties={"progression01": "w1", "status": "start"}),
        Sample(begin, "progression", 2, properties={"progression01": "w1", "status": "Fail"}),
        Sample(begin, "progression", 2, properties={"progression01": "w2", "status": "start"}),
        Sample(begin, "resource", 3, properties={"currency": "gold", "amount": 5}),
    ]
    project_id = put(database, ZONE, rows)
    found = answer(project_id, "game")
    for level in found.progression:
        assert len(behind(project_id, "game", level=level.level)) == level.persons
    assert behind(project_id, "game", level="w1", status="fail") == {2}
    for one in found.resources:
        point = {"table": "resources", "currency": one.currency, "item": one.item}
        assert len(behind(project_id, "game", **point)) == one.persons == 1


def test_levels_of_different_parts_are_different_levels(database: Connection) -> None:
    levels = {
        "a:b": ("a", "b"), "a\\:b": ("a:b",), "a\\\\:b": ("a\\", "b"), "a\\\\\\:b": ("a\\:b",),
        "a::b": ("a", None, "b"), ":a:b": (None, "a", "b"), "a": ("a", ""), "": (),
    }  # fmt: skip
    rows = [
        Sample(
            begin_of(ZONE) + timedelta(days=2, minutes=number),
            "progression",
            number,
            properties={f"progression0{n}": part for n, part in enumerate(parts, 1)},
        )
        for number, parts in enumerate(levels.values(), 1)
    ]
    project_id = put(database, ZONE, rows)
    assert {one.level for one in answer(project_id, "game").progression} == set(levels)
    for number, level in enumerate(levels, 1):
        assert behind(project_id, "game", level=level) == {number}


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("trends", {"series": [{}], "series_index": 1}, "series_index"),
        ("trends", {"series": [{}], "date": "2026-03-08T01:00:00"}, "date"),
        ("trends", {"series": [{}], "date": "soon"}, "date"),
        ("trends", {"series": [{}], "previous": True}, "previous"),
        ("trends", {"series": [{}], "value": "CA"}, "breakdown"),
        ("retention", {"interval": "day", "after": DAYS}, "after"),
        ("retention", {"interval": "day", "dropped": True}, "dropped"),
        ("stickiness", {"times": DAYS + 1}, "times"),
        ("stickiness", {"series_index": 1}, "series_index"),
        ("breakdown", {"breakdown": {"property": "country"}, "is_other": True}, "is_other"),
        ("sessions", {"page": "/"}, "by"),
        ("paths", {"step": -1}, "step"),
        ("paths", {"step": 1, "source": "a", "is_other_source": True}, "source"),
        ("web", {"value": "CA"}, "dimension"),
        ("web", {"dimension": "country", "event": "a"}, "event"),
        ("live", {"list": "countries", "value": "CA"}, "from"),
    ],
)
def test_a_point_that_the_insight_does_not_have_is_refused(
    kind: FigureKind, body: dict[str, Any], field: str
) -> None:
    with pytest.raises(Unprocessable) as refused:
        ask(FIGURES, 1, kind, body)
    assert field in refused.value.errors


def test_every_kind_of_insight_leads_to_persons() -> None:
    assert FIGURES.keys() == {*INSIGHTS, "web", "live"}
    for kind, insight in INSIGHTS.items():
        asked = request_schema(insight.request)().fields
        assert asked.keys() <= request_schema(FIGURES[kind].request)().fields.keys()


def test_an_hour_that_comes_twice_has_two_points(database: Connection) -> None:
    """2026-11-01 has 01:00 twice in New York."""
    day = date(2026, 11, 1)
    span = span_of(ZONE, day, day)
    hours = [span.start + timedelta(hours=number) for number in (1, 2)]
    rows = [Sample(at + timedelta(minutes=5), "a", n) for n, at in enumerate(hours, 1)]
    project_id = put(database, ZONE, rows)
    body = {
        "series": [{"event": "a"}],
        "interval": "hour",
        "from": "2026-11-01",
        "to": "2026-11-01",
    }
    [line] = answer(project_id, "trends", **body).series
    with_events = [start for start, value in zip(line.dates, line.values, strict=True) if value]
    found = [behind(project_id, "trends", **body, date=start) for start in with_events]
    assert found == [{1}, {2}]
