"""Segments: every query takes them for the conditions that were saved, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from tests.conftest import make_project
from tests.integration.query.test_saved_experiments import EXPERIMENT
from tests.support.insights import Sample, put, samples, seal_some
from tests.support.number_oracle import ODD_VALUES
from tests.support.reader import client_of, make_user
from tools.openapi import committed_document

BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)
DAYS = 3
RANGE = {"from": "2026-03-10", "to": "2026-03-12"}
Api = Callable[..., Any]
FILTERED = [
    path
    for path, calls in committed_document("query")["paths"].items()
    if any(one["name"] == "filters" for one in calls.get("get", {}).get("parameters", []))
]
"""The routes whose URL takes filters."""
CONDITIONS: list[Any] = [
    {"property": "country", "operator": "is_not", "value": ["CA"]},
    {"property": "amount", "value": [one for one in ODD_VALUES if one is not None][:5]},
    {"property": "country", "operator": "regex", "value": "^[A-D]"},
    {"property": "events", "scope": "session", "operator": "gte", "value": 2},
    {"property": "channel", "scope": "session", "value": "Direct"},
    {"property": "first_seen", "scope": "person", "operator": "after", "value": "2026-03-11"},
    {"or": [{"property": "country", "value": "DE"}, {"property": "x", "operator": "is_not_set"}]},
]

QUESTIONS: dict[str, dict[str, Any]] = {
    "insights/trends": {"series": [{"metric": "unique_persons"}, {"metric": "unique_sessions"}]},
    "insights/retention": {},
    "insights/breakdown": {"breakdown": {"property": "country"}},
}


def api_of(database: Connection, project: int) -> Api:
    """Return a function that calls the query service for a project; it returns the answer."""
    client = client_of(make_user(database, project))

    def call(method: str, path: str, body: Any = None, **query: Any) -> Any:
        base = "" if path.startswith("/") else f"/api/v1/analytics/{project}/"
        return client.open(base + path, method=method, json=body, query_string=query)

    return call


@pytest.fixture
def project(database: Connection) -> int:
    """A project with one event, from Canada."""
    at = datetime.now(timezone.utc) - timedelta(minutes=1)
    return put(database, "UTC", [Sample(at, "a", 1, country="CA")])


@pytest.fixture
def api(database: Connection, project: int) -> Api:
    return api_of(database, project)


def make(api: Api, *filters: Any) -> list[int]:
    made = [api("POST", "segments/", {"name": "s", "filters": one}) for one in filters]
    assert {one.status_code for one in made} <= {201}, [one.json for one in made]
    return [one.json["id"] for one in made]


def named(*ids: int) -> dict[str, Any]:
    return {"scope": "segment", "value": list(ids)}


def test_every_route_with_filters_takes_a_segment_and_refuses_a_deleted_one(
    database: Connection, project: int, api: Api
) -> None:
    [segment] = make(api, CONDITIONS[0])
    [foreign] = make(api_of(database, make_project(database, "UTC")), CONDITIONS[0])
    experiment = api("POST", "experiments/", EXPERIMENT).json["id"]
    named_in_urls = {"project_id": project, "dimension": "page", "experiment_id": experiment}
    body = {"series": [{"event": "a", "filters": named(segment)}]}
    funnel = {"steps": ["a", "a"], "step": 1, "filters": named(segment)}

    def asked(one: int) -> list[Any]:
        filters = json.dumps(named(one))
        gets = [path.format(**named_in_urls) for path in FILTERED]
        found = [api("GET", path, filters=filters) for path in gets]
        found += [
            api("POST", path, json.loads(json.dumps(sent).replace(f"[{segment}]", f"[{one}]")))
            for path, sent in {
                "insights/trends": body, "insights/funnel/persons": funnel,
                "insights/funnel/persons/export": funnel,
                "saved-insights/": {"name": "x", "kind": "trends", "query": body},
                "goals/": {"name": "x", "event": "a", "filters": named(segment)},
                "cohorts/": {"name": "x", "query": {"filters": named(segment)}},
            }.items()
        ]  # fmt: skip
        return found

    assert len(FILTERED) >= 16
    assert {one.status_code for one in asked(segment)} == {200, 201}
    refused = asked(foreign)
    assert api("DELETE", f"segments/{segment}").status_code == 204
    for one in refused + asked(segment):
        assert one.status_code == 422, one.request
        assert "The project has no segment" in one.text, one.request


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.data(),
    rows=samples(BEGIN, DAYS),
    some=st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=3),
    every=st.booleans(),
)
def test_a_segment_counts_as_its_conditions_written_out(
    database: Connection, data: st.DataObject, rows: list[Sample], some: list[Any], every: bool
) -> None:
    project = put(database, "UTC", rows)
    seal_some(data, database, project, "UTC", date(2026, 3, 10), DAYS)
    api = api_of(database, project)
    ids = make(api, *some)
    by_name = {"and": [named(one) for one in ids]} if every else named(*ids)
    written_out = {"and" if every else "or": some}
    for path in ("overview", "web/", "web/page", "timeseries", "top-events", "sessions"):
        first, second = (
            api("GET", path, filters=json.dumps(one), **RANGE).json
            for one in (by_name, written_out)
        )
        assert answer_of(first) == answer_of(second), path
    for path, body in QUESTIONS.items():
        first, second = (
            api("POST", path, {**RANGE, **body, "filters": one}).json
            for one in (by_name, written_out)
        )
        assert answer_of(first) == answer_of(second), path


def answer_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return what does not differ between two equal questions; at least it is an answer."""
    assert "code" not in content, content
    return {key: one for key, one in content.items() if key not in {"took_ms", "cached", "as_of"}}


def test_saved_questions_and_public_links_change_with_the_segment(api: Api) -> None:
    [segment] = make(api, {"property": "country", "value": "CA"})
    query = {"period": "7d", "series": [{"event": "a"}], "filters": named(segment)}
    insight = api("POST", "saved-insights/", {"name": "s", "kind": "trends", "query": query}).json
    tiles = {"items": [{"insight_id": insight["id"]}]}
    board = api("POST", "dashboards/", {"name": "d", "tiles": tiles}).json["id"]
    token = api("POST", f"dashboards/{board}/share").json["token"]
    shared = f"/api/v1/analytics/shared/dashboards/{token}/insights/{insight['id']}"

    def total() -> int:
        return int(api("GET", shared).json["series"][0]["total"])

    assert total() == 1
    change = {"filters": {"property": "country", "value": "FI"}}
    assert api("PATCH", f"segments/{segment}", change).status_code == 200
    assert total() == 0
    assert api("DELETE", f"segments/{segment}").status_code == 204
    refused = api("GET", shared)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["filters.value"])


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({}, "filters"),
        ({"and": []}, "filters"),
        (named(1), "filters.scope"),
        ({"property": "country", "operator": "regex", "value": "("}, "filters.value"),
        ({"scope": "cohort", "value": 77}, "filters.value"),
    ],
)
def test_a_segment_that_could_not_be_used_is_not_saved(api: Api, filters: Any, field: str) -> None:
    refused = api("POST", "segments/", {"name": "s", "filters": filters})
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_conditions_of_segments_count_towards_the_limit_of_a_filter(api: Api) -> None:
    one = {"property": "country", "value": "CA"}
    ids = make(api, {"and": [one] * 30}, {"or": [one] * 21})
    query = {"series": [{}], "filters": named(*ids)}
    refused = api("POST", "insights/trends", query)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["filters.value"])
    assert api("POST", "insights/trends", {**query, "filters": named(ids[0])}).status_code == 200
