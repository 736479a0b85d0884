"""OpenFeature's Python SDK, unchanged, with its provider of OFREP, through the gateway."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import requests

from tests.conftest import Installation
from tests.support.sdk_processes import OPENFEATURE_PYTHON

_VARIANTS = [{"key": "a", "rollout_percentage": 60}, {"key": "b", "rollout_percentage": 40}]
_FLAGS: dict[str, dict[str, Any]] = {
    "rollout": {"rollout_percentage": 30},
    "variants": {"variants": _VARIANTS},
    "prices": {"variants": _VARIANTS, "payloads": {"a": {"price": 9}, "b": {"price": 12}}},
    "for/plans": {"conditions": [{"filters": [{"property": "plan", "value": ["pro"]}]}]},
    "off": {"variants": _VARIANTS, "is_active": False},
}
_PERSONS = [
    (f"person-{number}", {"plan": "pro" if number % 3 else "free"}) for number in range(300)
]


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    made, owner = installation.new_project("OpenFeature"), installation.login()
    place = f"{installation.url}/api/v1/projects/{made['id']}/feature-flags/"
    for key, definition in _FLAGS.items():
        answer = owner.post(place, json={"key": key, **definition}, timeout=10)
        assert answer.status_code == 201, answer.text
    return made


def _evaluate(installation: Installation, key: str, persons: list[Any]) -> list[dict[str, Any]]:
    output = OPENFEATURE_PYTHON.evaluate(installation.url, key, "", json.dumps(persons))
    found: list[dict[str, Any]] = json.loads(output)
    return found


def _bulk(installation: Installation, key: str, body: Any, **headers: str) -> requests.Response:
    return requests.post(
        f"{installation.url}/ofrep/v1/evaluate/flags",
        json=body,
        headers={"X-API-Key": key, **headers},
        timeout=10,
    )


def test_values_and_reasons_reach_code(installation: Installation, project: Any) -> None:
    found = _evaluate(installation, project["public_key"], _PERSONS)
    values = [{key: one[key]["value"] for key in one} for one in found]
    assert [one["plan"] for one in values] == [bool(number % 3) for number in range(len(_PERSONS))]
    assert 60 < sum(one["rollout"] for one in values) < 120
    assert set(Counter(one["variants"] for one in values)) == {"a", "b"}
    for one, answer in zip(values, found, strict=True):
        price = {"a": 9, "b": 12}[answer["prices"]["variant"]]
        assert one["prices"] == {"price": price}
        assert (one["off"], answer["off"]["reason"]) == ("default", "DISABLED")
        assert (one["missing"], answer["missing"]["error_code"]) == (True, "FLAG_NOT_FOUND")
        assert answer["wrong-type"]["error_code"] == "TYPE_MISMATCH"
    assert {answer["rollout"]["reason"] for answer in found} == {"SPLIT"}


def test_what_is_wrong_is_said_in_the_words_of_the_protocol(
    installation: Installation, project: Any
) -> None:
    [nobody] = _evaluate(installation, project["public_key"], [("", {"plan": "pro"})])
    assert nobody["rollout"]["error_code"] == "TARGETING_KEY_MISSING"
    [stranger] = _evaluate(installation, "pk_of_nobody", [("ada", {})])
    assert (stranger["missing"]["value"], stranger["missing"]["error_message"]) == (
        *(True, "unauthorized"),
    )
    for body, code in (
        ([], "PARSE_ERROR"),
        ({}, "INVALID_CONTEXT"),
        ({"context": 1}, "INVALID_CONTEXT"),
    ):
        answer = _bulk(installation, project["public_key"], body)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
        assert answer.json()["errorDetails"]


def test_all_flags_are_evaluated_at_once_and_only_when_they_changed(
    installation: Installation, project: Any
) -> None:
    key, body = project["public_key"], {"context": {"targetingKey": "person-1", "plan": "pro"}}
    answer = _bulk(installation, key, body)
    assert answer.status_code == 200, answer.text
    found = {one["key"]: one for one in answer.json()["flags"]}
    assert set(found) == set(_FLAGS)
    [single] = _evaluate(installation, key, [("person-1", {"plan": "pro"})])
    assert found["variants"]["value"] == single["variants"]["value"]
    assert found["for/plans"]["value"] is True
    assert "value" not in found["off"]
    again = _bulk(installation, key, body, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    body["context"]["plan"] = "free"
    other = _bulk(installation, key, body, **{"If-None-Match": answer.headers["ETag"]})
    assert other.status_code == 200


def test_apps_without_an_sdk_ask_with_one_request(installation: Installation, project: Any) -> None:
    base = f"{installation.url}/api/v1/analytics/public/feature-flags/"
    headers = {"X-API-Key": project["public_key"]}
    listed = requests.get(base, headers=headers, timeout=10).json()["items"]
    assert {one["key"] for one in listed} == set(_FLAGS) - {"off"}
    person = {"distinct_id": "person-1"}
    answer = requests.get(f"{base}for_user/", params=person, headers=headers, timeout=10).json()
    [single] = _evaluate(installation, project["public_key"], [("person-1", {})])
    assert answer["flags"]["variants"] == single["variants"]["value"]
    assert answer["payloads"]["prices"] == single["prices"]["value"]
    assert (answer["flags"]["off"], answer["flags"]["for/plans"]) == (False, False)
    assert requests.get(base, timeout=10).status_code == 401
