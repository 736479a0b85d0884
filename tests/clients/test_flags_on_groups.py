"""Conditions on properties of groups, as SDKs send them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.conftest import Installation

_FILTERS = [
    {"property": "company.plan", "scope": "group", "value": ["pro"]},
    {"property": "company.$group_key", "scope": "group", "operator": "is_not", "value": ["evil"]},
]
_FREE = {"groups": {"company": "acme"}, "group_properties": {"company": {"plan": "free"}}}
_PRO = {"groups": {"company": "acme"}, "group_properties": {"company": {"plan": "PRO"}}}
_EVIL = {**_PRO, "groups": {"company": "evil"}}
_OF_OTHER_TYPE = {"groups": {"guild": "acme"}, "group_properties": {"guild": {"plan": "pro"}}}
_BROKEN = {"groups": ["company"], "group_properties": {"company": "pro"}}


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    made = installation.new_project("Groups")
    answer = installation.login().post(
        f"{installation.url}/api/v1/projects/{made['id']}/feature-flags/",
        json={"key": "for-pro", "conditions": [{"filters": _FILTERS}]},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    return made


@pytest.mark.parametrize(
    ("sent", "expected"),
    [({}, False), (_FREE, False), (_PRO, True), (_EVIL, False), (_OF_OTHER_TYPE, False),
     (_BROKEN, False), ({"person_properties": {"plan": "pro", "company.plan": "pro"}}, False)],
)  # fmt: skip
def test_every_protocol_sees_the_groups_of_the_request(
    installation: Installation,
    project: dict[str, Any],
    sent: dict[str, Any],
    expected: bool,
) -> None:
    body = {"token": project["public_key"], "distinct_id": "ada", **sent}
    flags = _post(installation, "/flags/?v=2", body)["flags"]
    decided = _post(installation, "/decide/?v=3", body)["featureFlags"]
    context = {"targetingKey": "ada", **sent.get("person_properties", {}), **sent}
    headers = {"X-API-Key": project["public_key"]}
    path = "/ofrep/v1/evaluate/flags/for-pro"
    ofrep = _post(installation, path, {"context": context}, headers)["value"]
    assert [flags["for-pro"]["enabled"], decided["for-pro"], ofrep] == [expected] * 3


def test_a_condition_names_the_type_of_the_group(
    installation: Installation, project: dict[str, Any]
) -> None:
    for name in ("plan", ".plan", "company."):
        refused = installation.login().post(
            f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/",
            json={"key": "wrong", "conditions": [{"filters": [{**_FILTERS[0], "property": name}]}]},
            timeout=10,
        )
        assert refused.status_code == 422
        assert "company.plan" in str(refused.json()["errors"])


def _post(
    installation: Installation, path: str, body: dict[str, Any], headers: Any = None
) -> dict[str, Any]:
    answer = requests.post(installation.url + path, json=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
