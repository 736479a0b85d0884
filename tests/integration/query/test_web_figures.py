"""The persons behind the web report's figures: as many as each counts, whatever the filter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.web_dimensions import WEB_DIMENSIONS
from shared.events.dimensions import PAGE_EVENTS
from tests.integration.query.test_web_report import (
    BEGIN,
    DAYS,
    END,
    FILTERS,
    RANGE,
    START,
    started,
)
from tests.support.insight_oracle import quick
from tests.support.insights import Sample, put, seal_some
from tests.support.reader import client_of, make_user
from tests.support.visit_oracle import events


class Reader:
    """A user of a project who asks many questions with one client."""

    def __init__(self, database: Connection, project_id: int) -> None:
        self.client = client_of(make_user(database, project_id))
        self.base = f"/api/v1/analytics/{project_id}"

    def get(self, path: str, **query: Any) -> Any:
        """The answer of a report for the range."""
        answer = self.client.get(f"{self.base}/{path}", query_string={**RANGE, **query})
        assert answer.status_code == 200, answer.text
        return answer.json

    def behind(self, **point: Any) -> set[int]:
        """The persons behind a figure of the web report."""
        body = {**RANGE, "limit": 200, **point}
        answer = self.client.post(f"{self.base}/insights/web/persons", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json["total"] == len(answer.json["person_ids"])
        return set(answer.json["person_ids"])

    def create_goal(self, goal: dict[str, Any]) -> dict[str, Any]:
        """Create a goal."""
        answer = self.client.post(f"{self.base}/goals/", json={"name": "goal", **goal})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made


@quick
@given(data=st.data(), rows=events(BEGIN, DAYS))
def test_without_a_filter_a_figure_leads_to_whoever_it_counts(
    database: Connection, data: st.DataObject, rows: list[Sample]
) -> None:
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), DAYS)
    reader = Reader(database, project_id)
    inside = [row for row in rows if START <= row.at < END]
    visits = started(rows)
    assert reader.behind() == {row.person for row in inside}
    assert reader.behind(metric="visits") == {one.first.person for one in visits}
    assert reader.behind(metric="page_views") == {
        row.person for row in inside if row.name in PAGE_EVENTS
    }
    assert reader.behind(metric="bounces") == {
        one.first.person for one in visits if one.events <= 1
    }


@pytest.mark.parametrize("name", FILTERS)
@quick
@given(rows=events(BEGIN, DAYS))
def test_with_a_filter_they_are_the_visitors_of_the_visits_that_pass(
    database: Connection, name: str, rows: list[Sample]
) -> None:
    condition, passes = FILTERS[name]
    project_id = put(database, "UTC", rows)
    visits = [visit for visit in started(rows) if passes(visit)]
    reader = Reader(database, project_id)
    found = {
        metric: reader.behind(metric=metric, filters=condition)
        for metric in ("visitors", "visits", "page_views", "bounces")
    }
    visitors = {one.first.person for one in visits}
    assert found == {
        "visitors": visitors,
        "visits": visitors,
        "page_views": {one.first.person for one in visits if one.pages},
        "bounces": {one.first.person for one in visits if one.events <= 1},
    }


@pytest.mark.parametrize("condition", [None, *(FILTERS[name][0] for name in ("country", "page"))])
@quick
@given(data=st.data(), rows=events(BEGIN, DAYS))
def test_each_row_of_each_list_and_each_goal_leads_to_its_visitors(
    database: Connection, condition: Any, data: st.DataObject, rows: list[Sample]
) -> None:
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), DAYS)
    asked = {} if condition is None else {"filters": json.dumps(condition)}
    point = {} if condition is None else {"filters": condition}
    reader = Reader(database, project_id)
    dimension = data.draw(st.sampled_from(sorted(WEB_DIMENSIONS)))
    for item in reader.get(f"web/{dimension}", compare="none", **asked)["items"][:4]:
        row = {"dimension": dimension, "value": item["value"]}
        assert len(reader.behind(**point, **row)) == item["visitors"]
    pages_and_events = ({"event": "signup"}, {"page": "/do*"}, {"page": "/"})
    goals = [reader.create_goal(goal) for goal in pages_and_events]
    items = reader.get("goals/report", compare="none", **asked)["items"]
    visitors = {one["id"]: one["visitors"] for one in items}
    for goal in goals:
        assert len(reader.behind(**point, event=goal["selector"])) == visitors[goal["id"]]
