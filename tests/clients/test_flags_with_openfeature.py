"""OpenFeature's server SDKs, unchanged, with their providers of OFREP, through the gateway."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from functools import partial
from typing import Any

import pytest
import requests

from tests.conftest import Installation
from tests.support.flag_streams import FlagStream, flag_stream
from tests.support.sdk_processes import (
    OPENFEATURE,
    OPENFEATURE_PYTHON,
    OPENFEATURE_VARIANTS,
    Sdk,
)
from tests.support.waiting import wait_for

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

every_sdk = pytest.mark.parametrize("sdk", OPENFEATURE, ids=lambda sdk: sdk.name)


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    made, owner = installation.new_project("OpenFeature"), installation.login()
    place = f"{installation.url}/api/v1/projects/{made['id']}/feature-flags/"
    for key, definition in _FLAGS.items():
        answer = owner.post(place, json={"key": key, **definition}, timeout=10)
        assert answer.status_code == 201, answer.text
    return made


def _evaluate(
    installation: Installation, key: str, persons: list[Any], sdk: Sdk = OPENFEATURE_PYTHON
) -> list[dict[str, Any]]:
    output = sdk.evaluate(installation.url, key, "", json.dumps(persons))
    found: list[dict[str, Any]] = json.loads(output)
    return found


def _bulk(installation: Installation, key: str, body: Any, **headers: str) -> requests.Response:
    return requests.post(
        f"{installation.url}/ofrep/v1/evaluate/flags",
        json=body,
        headers={"X-API-Key": key, **headers},
        timeout=10,
    )


def _variant_by_hand(distinct_id: str) -> str:
    """Return the variant by the published hash: SHA-1, 15 digits, 60 % for the first variant."""
    digest = hashlib.sha1(f"variants.{distinct_id}variant".encode()).hexdigest()
    return "a" if int(digest[:15], 16) / 0xFFFFFFFFFFFFFFF < 0.6 else "b"


def _has_more(stream: FlagStream, before: int) -> bool:
    return len(stream.ids) > before


@every_sdk
def test_values_and_reasons_reach_code(installation: Installation, project: Any, sdk: Sdk) -> None:
    found = _evaluate(installation, project["public_key"], _PERSONS, sdk)
    values = [{key: one[key]["value"] for key in one} for one in found]
    assert [one["plan"] for one in values] == [bool(number % 3) for number in range(len(_PERSONS))]
    assert 60 < sum(one["rollout"] for one in values) < 120
    assert set(Counter(one["variants"] for one in values)) == {"a", "b"}
    for one, answer in zip(values, found, strict=True):
        price = {"a": 9, "b": 12}[answer["prices"]["variant"]]
        assert one["prices"] == {"price": price}
        assert one["off"] == "default"
        assert (one["missing"], answer["missing"]["error_code"]) == (True, "FLAG_NOT_FOUND")
        assert answer["wrong-type"]["error_code"] == "TYPE_MISMATCH"
    assert {answer["rollout"]["reason"] for answer in found} == {"SPLIT"}
    # The Node provider reports the value that is left out as one of another type.
    off = {answer["off"]["reason"] for answer in found}
    assert off == {"DISABLED" if sdk is OPENFEATURE_PYTHON else "ERROR"}


@pytest.mark.timeout(600)  # 10,000 requests
@pytest.mark.sweep
@pytest.mark.parametrize("sdk", OPENFEATURE_VARIANTS, ids=lambda sdk: sdk.name)
def test_ten_thousand_persons_have_the_variant_that_the_hash_gives_them(
    installation: Installation, project: Any, sdk: Sdk
) -> None:
    ids = [f"ünï-{number}" if number % 7 == 4 else f"person-{number}" for number in range(10_000)]
    output = sdk.evaluate(installation.url, project["public_key"], "", json.dumps(ids))
    assert json.loads(output) == [_variant_by_hand(one) for one in ids]


def test_what_is_wrong_is_said_in_the_words_of_the_protocol(
    installation: Installation, project: Any
) -> None:
    for sdk in OPENFEATURE:
        [nobody] = _evaluate(installation, project["public_key"], [("", {"plan": "pro"})], sdk)
        assert nobody["rollout"]["error_code"] == "TARGETING_KEY_MISSING"
        [unknown] = _evaluate(installation, "pk_of_nobody", [("ada", {})], sdk)
        assert (unknown["rollout"]["value"], unknown["rollout"]["reason"]) == (False, "ERROR")
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


def test_each_change_reaches_clients_through_the_gateway_soon(installation: Installation) -> None:
    """Within a second at p99, says ``make bench-flags-live``; a busy machine may be slower."""
    project = installation.new_project("Pushed")
    key, owner = project["public_key"], installation.login()
    place = f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/"
    made = owner.post(place, json={"key": "pushed"}, timeout=10).json()
    person = {"context": {"targetingKey": "person-1"}}
    [named] = _bulk(installation, key, person).json()["eventStreams"]
    with flag_stream(installation.url + named["endpoint"]["requestUri"]) as stream:
        wait_for(lambda: stream.ids, 5, "the stream does not say where it begins")
        for number in range(10):
            before = len(stream.ids)
            changed = {"is_active": number % 2 == 1}
            owner.patch(f"{place}{made['id']}", json=changed, timeout=10).raise_for_status()
            wait_for(partial(_has_more, stream, before), 10, "the change does not arrive")
            values = {one["key"]: one for one in _bulk(installation, key, person).json()["flags"]}
            assert values["pushed"]["value"] is changed["is_active"]


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
