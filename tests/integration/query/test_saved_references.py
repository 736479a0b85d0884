"""Questions are checked when they are saved, and cohorts that are gone are refused by name."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.jobs.tasks import delete_person
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from services.query.parsing.insight_kind import InsightKind
from services.query.reports.registry import INSIGHTS
from shared.events.envelope import Event, PersonChange
from shared.web.request_schemas import request_schema
from tests.support.factories import a_batch, an_event
from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc)
PERSONS = ("ada", "bob", "cyd", "dan")
NOTHING_MATCHES = {"property": "nobody sent it", "operator": "regex", "value": "("}


@pytest.fixture
def project(database: Connection) -> int:
    """A project in which nothing happened but an event of one person."""
    return put(database, "UTC", [Sample(NOW - timedelta(minutes=1), "a", 1)])


@pytest.fixture
def api(database: Connection, project: int) -> Any:
    client = client_of(make_user(database, project))

    def call(method: str, path: str, body: Any = None) -> Any:
        base = "" if path.startswith("/") else f"/api/v1/analytics/{project}/"
        return client.open(base + path, method=method, json=body)

    return call


def trends(filters: Any) -> dict[str, Any]:
    return {"period": "7d", "series": [{"event": "none"}], "filters": filters}


@pytest.mark.parametrize("operator", ["is", "is_not"])
def test_a_cohort_that_is_gone_is_refused_by_every_question_that_names_it(
    api: Any, operator: str
) -> None:
    made = api("POST", "cohorts/", {"name": "c", "distinct_ids": ["person 1"]}).json["id"]
    filters = {"scope": "cohort", "operator": operator, "value": [made]}
    saved = {"name": "s", "kind": "trends", "query": trends(filters)}
    insight = api("POST", "saved-insights/", saved).json["id"]
    tiles = {"items": [{"insight_id": insight}]}
    board = api("POST", "dashboards/", {"name": "d", "tiles": tiles}).json["id"]
    token = api("POST", f"dashboards/{board}/share").json["token"]
    asked = [
        ("POST", "insights/trends", trends(filters)),
        ("POST", "insights/funnel", {"steps": ["a", {"event": "b", "filters": filters}]}),
        ("POST", "insights/funnel/persons", {"steps": ["a", "b"], "step": 1, "filters": filters}),
        ("GET", f"exports/events?period=7d&filters={json.dumps(filters)}", None),
        ("GET", f"/api/v1/analytics/shared/dashboards/{token}/insights/{insight}", None),
        ("POST", "saved-insights/", {**saved, "name": "another"}),
        ("POST", "cohorts/", {"name": "c", "query": {"event": "a", "filters": filters}}),
    ]
    assert {api(*one).status_code for one in asked} <= {200, 201}
    assert api("DELETE", f"cohorts/{made}").status_code == 204
    for one in asked:
        answer = api(*one)
        assert answer.status_code == 422, one
        assert f"no cohort {made}." in json.dumps(answer.json["errors"]), one


@pytest.mark.parametrize(
    ("kind", "query", "field"),
    [
        ("trends", trends(NOTHING_MATCHES), "query.filters.value"),
        ("trends", {**trends(None), "nonsense": 1}, "query.nonsense"),
        ("trends", {"series": []}, "query.series"),
        ("trends", {**trends(None), "weighted": 1}, "query.weighted"),
        ("funnel", {"steps": ["a"]}, "query.steps"),
        (
            "funnel",
            {"steps": ["a", {"event": "b", "filters": NOTHING_MATCHES}]},
            "query.steps.1.filters.value",
        ),
        ("trends", trends({"scope": "person", "property": "x"}), "query.filters.property"),
        ("trends", trends({"scope": "cohort", "value": 77}), "query.filters.value"),
    ],
)
def test_a_question_that_cannot_be_answered_is_not_saved(
    api: Any, kind: str, query: dict[str, Any], field: str
) -> None:
    refused = api("POST", "saved-insights/", {"name": "x", "kind": kind, "query": query})
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])
    good = {"name": "x", "kind": "stickiness", "query": {}}
    made = api("POST", "saved-insights/", good).json["id"]
    change = api("PATCH", f"saved-insights/{made}", {"kind": kind, "query": query})
    assert (change.status_code, list(change.json["errors"])) == (422, [field])
    assert api("GET", f"saved-insights/{made}").json["kind"] == "stickiness"


def test_a_query_stays_valid_when_only_its_kind_changes(api: Any) -> None:
    saved = {"name": "x", "kind": "trends", "query": trends(None)}
    made = api("POST", "saved-insights/", saved).json["id"]
    changed = api("PATCH", f"saved-insights/{made}", {"kind": "funnel"})
    assert changed.status_code == 422
    assert "query.steps" in changed.json["errors"]


def test_cohorts_and_tiles_are_checked_when_they_are_saved(api: Any) -> None:
    for query in (
        {"event": "none", "filters": NOTHING_MATCHES},
        {"event": "a", "at_least": True},
        {"event": "a", "at_least": 1.0},
    ):
        answer = api("POST", "cohorts/", {"name": "c", "query": query})
        assert answer.status_code == 422, query
    for insight_id in (999_999, True, "1"):
        tiles = {"items": [{"insight_id": insight_id}]}
        answer = api("POST", "dashboards/", {"name": "d", "tiles": tiles})
        assert answer.status_code == 422, insight_id
        assert "tiles.items" in json.dumps(answer.json["errors"])


@pytest.mark.parametrize("kind", INSIGHTS)
def test_whole_numbers_and_booleans_are_not_taken_for_each_other(
    api: Any, kind: InsightKind
) -> None:
    schema = request_schema(INSIGHTS[kind].request)()
    needed: dict[str, dict[str, Any]] = {
        "trends": {"series": [{"event": "a"}]},
        "funnel": {"steps": ["a", "b"]},
        "breakdown": {"breakdown": {"property": "country"}},
        "revenue": {"property": "amount"},
    }
    required = needed.get(kind, {})
    for name, field in schema.load_fields.items():
        wrong: list[Any] = {
            "WholeNumber": [True, "3", 3.0, [3]],
            "TrueOrFalse": [1, 0, "true", "on"],
        }.get(type(field).__name__, [])
        for value in wrong:
            answer = api("POST", f"insights/{kind}", {**required, field.data_key or name: value})
            assert answer.status_code == 422, (name, value)
            assert list(answer.json["errors"]) == [field.data_key or name]


def _event(person: str) -> Event:
    return an_event("a", at=NOW - timedelta(minutes=1), person=person)


def _store(database: Connection, project_id: int, *events: Event) -> None:
    batch = a_batch(project_id, events, key_kind="secret")
    batch.batch_id = uuid.uuid4().bytes
    Pipeline().store(database, list(flatten([batch])))


_CHANGES = st.lists(
    st.tuples(st.sampled_from(["delete", "merge"]), st.permutations(PERSONS)), max_size=4
)
_MEMBERS = st.lists(st.sets(st.sampled_from(PERSONS), min_size=1), min_size=1, max_size=3)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cohorts=_MEMBERS, changes=_CHANGES)
def test_the_size_of_a_cohort_follows_deleted_and_merged_persons(
    database: Connection, cohorts: list[set[str]], changes: list[tuple[str, list[str]]]
) -> None:
    project_id = put(database, "UTC", [])
    _store(database, project_id, *map(_event, PERSONS))
    client = client_of(make_user(database, project_id))
    url = f"/api/v1/analytics/{project_id}/cohorts/"
    made = [
        client.post(url, json={"name": "c", "distinct_ids": sorted(ids)}).json["id"]
        for ids in cohorts
    ]
    root = {person: person for person in PERSONS}
    for change, (one, other, *_) in changes:
        if change == "merge":
            event = _event(one)
            event.person = PersonChange(link="alias", previous_id=other)
            _store(database, project_id, event)
            root = {who: root[one] if to == root[other] else to for who, to in root.items()}
        elif one in root:
            delete_person(project_id, one)
            root = {who: to for who, to in root.items() if to != root[one]}
        if not {one, other} <= root.keys():
            break
    right = [len({root[who] for who in ids if who in root}) for ids in cohorts]
    assert [client.get(f"{url}{one}").json["size"] for one in made] == right
    again = [client.post(f"{url}{one}/refresh").json["size"] for one in made]
    assert again == right
