"""Experiments over HTTP: what may be saved, and that results follow the data."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

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
            },
        )
        for person in range(1, 9)
    ]
    rows += [Sample(NOW - timedelta(hours=4), "bought", person) for person in (1, 3, 4)]
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
    metric = {"name": "Others", "kind": "conversion", "event": "nothing"}
    assert api("PATCH", path, {"metrics": [metric]}).status_code == 200
    values = api("GET", f"{path}/results").json["metrics"][0]["variants"]
    assert [one["value"] for one in values] == [0, 0]
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
