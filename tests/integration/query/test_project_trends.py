"""Trends of several projects against an oracle in plain Python."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.reports.project_trends import (
    SUMMABLE_METRICS,
    AskedProject,
    ProjectTrendsRequest,
    run_project_trends,
)
from services.query.sources.series import METRICS
from shared.errors import Unprocessable
from shared.web.request_schemas import request_schema
from tests.support.insight_oracle import NOW, ZONES, begin_of, figure, inside, quick, span_of
from tests.support.insights import put, samples, seal_some
from tests.support.session_oracle import with_sessions


def ask(zone: str, projects: dict[int, str], **asked: Any) -> Any:
    """Ask projects of these zones; each is called by its id."""
    data = request_schema(ProjectTrendsRequest)().load(asked)
    readable = {id_: AskedProject(id_, f"P{id_}", own) for id_, own in projects.items()}
    return run_project_trends(zone, NOW, data, readable)


def nearly(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-12, abs=1e-6)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
@quick
@given(data=st.data(), metric=st.sampled_from(METRICS))
def test_each_line_is_its_projects_own_and_a_sum_adds_them_up(
    database: Connection, zone: str, data: st.DataObject, metric: str
) -> None:
    drawn = [data.draw(samples(begin_of(zone), 3)) for _ in range(3)]
    ids = [put(database, zone, rows) for rows in drawn]
    seal_some(data, database, ids[0], zone, ZONES[zone] - timedelta(days=1), 3)
    day, last = ZONES[zone], ZONES[zone] + timedelta(days=1)
    asked = {
        "series": [{"event": "a", "metric": metric, "property": "amount"}],
        "project_ids": ids,
        "from": day.isoformat(),
        "to": last.isoformat(),
        "interval": "day",
    }
    projects = dict.fromkeys(ids, zone)
    found = ask(zone, projects, **asked)
    spans = [span_of(zone, day, day), span_of(zone, last, last)]
    rows_of = [[row for row in with_sessions(rows) if row.name == "a"] for rows in drawn]
    expected = [[figure(inside(rows, span), metric, False) for span in spans] for rows in rows_of]
    assert [line.values for line in found.lines] == [[*map(nearly, one)] for one in expected]
    assert [line.project_id for line in found.lines] == ids
    if metric in SUMMABLE_METRICS:
        [total] = ask(zone, projects, **asked, combine="sum").lines
        sums = [sum(one or 0 for one in column) for column in zip(*expected, strict=True)]
        assert total.values == [*map(nearly, sums)]
        assert total.total == nearly(sum(line.total or 0 for line in found.lines))


def test_projects_of_other_zones_and_unreadable_ones_are_named_and_left_out(
    database: Connection,
) -> None:
    zone = "Europe/Berlin"
    here, there = put(database, zone, []), put(database, "Asia/Kathmandu", [])
    unknown = 2_000_000_000
    found = ask(
        zone,
        {here: zone, there: "Asia/Kathmandu"},
        series=[{"event": "a"}, {"event": "b"}],
        project_ids=[there, unknown, here, here],
        combine="sum",
        period="7d",
    )
    assert [(one.project_id, one.name, one.reason) for one in found.missing] == [
        (there, f"P{there}", "other_timezone"),
        (unknown, None, "no_access"),
    ]
    assert [(line.event, line.total) for line in found.lines] == [("a", 0), ("b", 0)]
    nobody = ask(zone, {}, series=[{"event": "a"}], project_ids=[unknown], combine="sum")
    assert nobody.lines == []
    assert nobody.as_of is None


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"series": [{"metric": "average", "property": "amount"}], "combine": "sum"}, "metric"),
        ({"series": [{"filters": {"scope": "cohort", "value": 3}}]}, "filters"),
        ({"series": [{}], "filters": {"and": [{"scope": "segment", "value": 3}]}}, "filters"),
    ],
)
def test_what_has_no_meaning_over_projects_is_refused(
    database: Connection, asked: dict[str, Any], field: str
) -> None:
    own = put(database, "UTC", [])
    with pytest.raises(Unprocessable) as refused:
        ask("UTC", {own: "UTC"}, project_ids=[own], **asked)
    assert field in str(refused.value.errors)
