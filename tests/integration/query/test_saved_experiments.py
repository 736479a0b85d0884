"""Experiments over HTTP: what may be saved, and that results follow the data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
from psycopg2.extensions import connection as Connection

from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc)
EXPERIMENT: dict[str, Any] = {
    "name": "Button",
    "flag_key": "button",
    "variants": [{"key": "control", "share": 0.5}, {"key": "test", "share": 0.5}],
    "metrics": [{"name": "Buys", "kind": "conversion", "event": "bought"}],
    "starts_at": (NOW - timedelta(days=2)).isoformat(),
}


@pytest.fixture
def api(database: Connection) -> Any:
    rows = [
        Sample(
            NOW - timedelta(hours=5),
            "$feature_flag_called",
            person,
            properties={
                "$feature_flag": "button",
                "$feature_flag_response": "test" if person % 2 else "control",
                **({} if person in {1, 2} else {"plan": "free"}),
            },
        )
        for person in range(1, 9)
    ]
    rows += [Sample(NOW - timedelta(hours=4), "bought", person) for person in (1, 3, 4)]
    # A second exposure, when the person had a plan: the first one divides.
    rows.append(replace(rows[0], at=NOW - timedelta(hours=3), properties=rows[2].properties))
    project = put(database, "Europe/Berlin", rows)
    client = client_of(make_user(database, project))

    def call(method: str, path: str = "", body: Any = None) -> Any:
        return client.open(
            f"/api/v1/analytics/{project}/experiments/{path}", method=method, json=body
        )

    return call


def test_an_experiment_is_saved_answered_changed_and_deleted(api: Any) -> None:
    made = api("POST", "", EXPERIMENT)
    assert made.status_code == 201
    assert (made.json["planned_sample"], made.json["metrics"][0]["role"]) == (5_000, "primary")
    path = str(made.json["id"])
    results = api("GET", f"{path}/results").json
    assert [one["persons"] for one in results["exposures"]] == [4, 4]
    assert [one["value"] for one in results["metrics"][0]["variants"]] == [0.25, 0.5]
    assert results["timezone"] == "Europe/Berlin"
    # A change of the question is answered at once, not from the cache.
    assert results["metrics"][0]["worse"] == "lower"
    metric = {"name": "Others", "kind": "conversion", "event": "nothing", "worse": "higher"}
    assert api("PATCH", path, {"metrics": [metric]}).status_code == 200
    changed = api("GET", f"{path}/results").json["metrics"][0]
    assert [one["value"] for one in changed["variants"]] == [0, 0]
    assert changed["worse"] == "higher"
    assert api("PATCH", path, {"decision": "Shipped: more bought."}).json["decision"]
    assert api("DELETE", path).status_code == 204
    assert api("GET", f"{path}/results").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variants": [{"key": "a", "share": 0.5}]}, "variants"),
        ({"variants": [{"key": "a", "share": 0.5}] * 2}, "variants"),
        ({"ends_at": (NOW - timedelta(days=3)).isoformat()}, "ends_at"),
        ({"ends_at": (NOW + timedelta(days=300)).isoformat()}, "ends_at"),
        ({"metrics": [{"name": "x", "kind": "sum", "event": "a"}]}, "metrics.0.value_property"),
        (
            {"metrics": [{"name": "x", "kind": "count", "event": "a", "worse": "other"}]},
            "metrics.0.worse",
        ),
        ({"metrics": [{"name": "x", "kind": "ratio", "event": "a"}]}, "metrics.0.denominator"),
        ({"metrics": [{"name": "x", "kind": "conversion", "event": "a", "cap": 1}]},
         "metrics.0.cap"),
        ({"metrics": [{"name": "x", "kind": "retention", "event": "a", "from_day": 7}]},
         "metrics.0.to_day"),
    ],
)  # fmt: skip
def test_what_could_not_be_computed_is_refused_by_its_field(
    api: Any, change: dict[str, Any], field: str
) -> None:
    refused = api("POST", "", EXPERIMENT | change)
    assert refused.status_code == 422
    assert field in refused.json["errors"]
    saved = api("POST", "", EXPERIMENT).json["id"]
    assert field in api("PATCH", str(saved), change).json["errors"]


def test_an_experiment_that_has_not_begun_says_so(api: Any) -> None:
    later = {"starts_at": (NOW + timedelta(days=3)).isoformat()}
    path = api("POST", "", EXPERIMENT | later).json["id"]
    refused = api("GET", f"{path}/results")
    assert refused.status_code == 422
    assert "has not begun" in str(refused.json["errors"])


def test_halves_of_the_own_persons_are_compared(api: Any) -> None:
    found = api("POST", "aa", {"metrics": EXPERIMENT["metrics"]}).json
    assert (found["splits"], found["persons"]) == (1_000, 8)
    retention = {"name": "x", "kind": "retention", "event": "a", "from_day": 1, "to_day": 2}
    refused = api("POST", "aa", {"metrics": [retention]})
    assert "metrics.0.kind" in refused.json["errors"]


def test_results_of_a_filter_have_only_whose_first_exposure_passes(api: Any) -> None:
    path = str(api("POST", "", EXPERIMENT).json["id"])
    one = json.dumps({"scope": "person", "property": "distinct_id", "value": ["person 1"]})
    found = api("GET", f"{path}/results?filters={quote(one)}").json
    assert [one["persons"] for one in found["exposures"]] == [0, 1]
    wrong = api("GET", f"{path}/results?filters=nonsense")
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["filters"])


def test_a_deleted_segment_is_named_not_taken_for_nobody(api: Any) -> None:
    path = str(api("POST", "", EXPERIMENT).json["id"])
    gone = json.dumps({"scope": "segment", "property": "id", "value": [99]})
    refused = api("GET", f"{path}/results?filters={quote(gone)}")
    assert refused.status_code == 422
    assert "no segment 99" in str(refused.json["errors"])


def test_segments_are_those_of_the_first_exposure(api: Any) -> None:
    path = str(api("POST", "", EXPERIMENT).json["id"])
    found = api("GET", f"{path}/segments?property=plan").json
    told = [
        (one["value"], [each["persons"] for each in one["exposures"]]) for one in found["segments"]
    ]
    assert told == [("free", [3, 3]), (None, [1, 1])]
    assert found["confidence"] == pytest.approx(0.975)
    assert found["segments"][0]["metrics"][0]["comparisons"][0]["timeline"] == []


def test_only_members_decide(database: Connection) -> None:
    project = put(database, "UTC", [])
    path = f"/api/v1/analytics/{project}/experiments/"
    made = client_of(make_user(database, project)).post(path, json=EXPERIMENT).json
    viewer = client_of(make_user(database, project, role="viewer"))
    for how, body in (("ship", {"variant": "test"}), ("roll-back", {})):
        refused = viewer.post(f"{path}{made['id']}/{how}", json=body)
        assert (refused.status_code, refused.json["code"]) == (403, "role_too_low")


def test_the_sample_is_planned_before_the_experiment_is_saved(database: Connection) -> None:
    before = NOW - timedelta(days=3)
    rows = [Sample(before, "seen", person) for person in range(1, 9)]
    rows += [Sample(before + timedelta(hours=1), "bought", person) for person in (1, 3, 4)]
    project = put(database, "Europe/Berlin", rows)
    client = client_of(make_user(database, project))
    path = f"/api/v1/analytics/{project}/experiments/sample"
    found = client.post(path, json={"metrics": EXPERIMENT["metrics"], "smallest_effect": 0.1})
    assert found.status_code == 200
    # What test_experiment_sample computes of the share 3/8.
    assert (found.json["required_persons"], found.json["metrics"][0]["persons"]) == (10_191, 8)
    wrong = client.post(path, json={"metrics": EXPERIMENT["metrics"], "smallest_effect": 0})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["smallest_effect"])
