"""Flags and groups: conditions on their properties, and shares of groups."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.conftest import Installation
from tests.support.waiting import wait_for

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
    assert _values(installation, project, **sent) == [expected] * 3


def test_stored_properties_of_a_group_count_where_the_request_names_it(
    installation: Installation, project: dict[str, Any]
) -> None:
    described = {"$group_type": "company", "$group_key": "ünï 7", "$group_set": {"plan": "Pro"}}
    assert _values(installation, project, groups={"company": "ünï 7"}) == [False] * 3
    event = {"event_name": "$groupidentify", "distinct_id": "x", "properties": described}
    assert installation.ingest(project["secret_key"], {"events": [event]}).status_code == 202
    wait_for(
        lambda: _values(installation, project, groups={"company": "ünï 7"}) == [True] * 3,
        150,
        "what is stored of the group is not known",
    )
    # Found by the search, or added by the processor: from now on it is added.
    described = {**described, "$group_set": {"plan": "free"}}
    event = {**event, "properties": described}
    assert installation.ingest(project["secret_key"], {"events": [event]}).status_code == 202
    wait_for(
        lambda: _values(installation, project, groups={"company": "ünï 7"}) == [False] * 3,
        10,
        "the change of the group is not known",
    )
    sent = {"company": {"plan": "pro"}}
    both = _values(installation, project, groups={"company": "ünï 7"}, group_properties=sent)
    assert both == [True] * 3
    assert _values(installation, project, groups={"guild": "ünï 7"}) == [False] * 3


def _for_user(installation: Installation, project: Any, groups: str) -> requests.Response:
    return requests.get(
        f"{installation.url}/api/v1/analytics/public/feature-flags/for_user/",
        params={"distinct_id": "ada", "groups": groups},
        headers={"X-API-Key": project["public_key"]},
        timeout=10,
    )


def test_a_flag_for_groups_has_one_value_for_all_persons_of_a_group(
    installation: Installation,
) -> None:
    made = installation.new_project("Rollout by company")
    flag = {"key": "for-pro", "group_type": "company", "rollout_percentage": 50}
    place = f"{installation.url}/api/v1/projects/{made['id']}/feature-flags/"
    answer = installation.login().post(place, json=flag, timeout=10)
    assert (answer.status_code, answer.json()["group_type"]) == (201, "company")
    on = 0
    for number in range(40):
        groups = {"company": f"company {number}"}
        values = [
            _values(installation, made, person, groups=groups) for person in ("ada", "bob", "cy")
        ]
        assert len({str(one) for one in values}) == len(set(values[0])) == 1
        on += values[0][0]
    assert 5 < on < 35
    assert _values(installation, made) == [False] * 3
    body = {"token": made["public_key"], "distinct_id": "ada", "groups": {"guild": "company 1"}}
    [found] = _post(installation, "/flags/?v=2", body)["flags"].values()
    assert found["reason"]["code"] == "no_group_type"
    assert _for_user(installation, made, '{"company": "company 1"}').json()["flags"] == {
        "for-pro": _values(installation, made, groups={"company": "company 1"})[0]
    }
    for wrong in ("acme", "[]", '{"company": null}', '{"company": {}}'):
        refused = _for_user(installation, made, wrong)
        assert (refused.status_code, [*refused.json()["errors"]]) == (422, ["groups"])
    person = {"filters": [{"property": "plan", "value": ["pro"]}]}
    changes = {"conditions": [person]}
    refused = installation.login().patch(f"{place}{answer.json()['id']}", json=changes, timeout=10)
    assert refused.status_code == 422
    assert "company.plan" in str(refused.json()["errors"])


def test_an_experiment_compares_persons_and_refuses_a_flag_for_groups(
    installation: Installation,
) -> None:
    made, owner = installation.new_project("Experiments by company"), installation.login()
    place = f"{installation.url}/api/v1/projects/{made['id']}/feature-flags/"
    assert owner.post(place, json={"key": "by", "group_type": "company"}, timeout=10).ok
    assert owner.post(place, json={"key": "for-persons"}, timeout=10).ok
    experiment = {
        "name": "Prices",
        "variants": [{"key": "false", "share": 0.5}, {"key": "true", "share": 0.5}],
        "metrics": [{"name": "buys", "kind": "conversion", "event": "purchase"}],
        "starts_at": "2026-06-01T00:00:00Z",
    }
    flags, place = place, f"{installation.url}/api/v1/analytics/{made['id']}/experiments/"
    refused = owner.post(place, json={**experiment, "flag_key": "by"}, timeout=10)
    assert refused.status_code == 422, refused.text
    assert "groups" in str(refused.json()["errors"]["flag_key"])
    taken = owner.post(place, json={**experiment, "flag_key": "for-persons"}, timeout=10)
    assert taken.status_code == 201, taken.text
    [flag] = [one for one in owner.get(flags, timeout=10).json()["items"] if one["key"] != "by"]

    def becomes_one_for_groups() -> requests.Response:
        changes = {"group_type": "company"}
        return owner.patch(f"{flags}{flag['id']}", json=changes, timeout=10)

    # Nor does it become one afterwards, on whatever way, while persons are compared by it.
    assert "experiment Prices" in becomes_one_for_groups().json()["message"]
    file = "flags:\n  for-persons:\n    group_type: company\n"
    yaml = {"Content-Type": "application/yaml"}
    kept = owner.put(f"{flags}flags.yaml", data=file, headers=yaml, timeout=10)
    assert (kept.status_code, "experiment Prices" in kept.json()["message"]) == (409, True)
    assert owner.post(place, json={**experiment, "flag_key": "later"}, timeout=10).ok
    later = owner.post(flags, json={"key": "later", "group_type": "company"}, timeout=10)
    assert later.status_code == 409, later.text
    ended = {"ends_at": "2026-06-02T00:00:00Z"}
    assert owner.patch(f"{place}{taken.json()['id']}", json=ended, timeout=10).ok
    # A cohort of those who have the flag would have nobody.
    cohorts = f"{installation.url}/api/v1/analytics/{made['id']}/cohorts/"
    cohort = {"name": "Has it", "query": {"flag": "for-persons", "value": True}}
    counted = owner.post(cohorts, json=cohort, timeout=10)
    assert counted.status_code == 201, counted.text
    assert "cohort Has it" in becomes_one_for_groups().json()["message"]
    assert owner.delete(f"{cohorts}{counted.json()['id']}", timeout=10).ok
    assert becomes_one_for_groups().status_code == 200
    again = owner.post(cohorts, json=cohort, timeout=10)
    assert (again.status_code, [*again.json()["errors"]]) == (422, ["query.flag"])


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


def _values(
    installation: Installation, project: dict[str, Any], person: str = "ada", **sent: Any
) -> list[bool]:
    """Return the flag for-pro of a person in three protocols."""
    body = {"token": project["public_key"], "distinct_id": person, **sent}
    flags = _post(installation, "/flags/?v=2", body)["flags"]
    decided = _post(installation, "/decide/?v=3", body)["featureFlags"]
    context = {"targetingKey": person, **sent.get("person_properties", {}), **sent}
    headers = {"X-API-Key": project["public_key"]}
    path = "/ofrep/v1/evaluate/flags/for-pro"
    ofrep = _post(installation, path, {"context": context}, headers)["value"]
    return [flags["for-pro"]["enabled"], decided["for-pro"], ofrep]


def _post(
    installation: Installation, path: str, body: dict[str, Any], headers: Any = None
) -> dict[str, Any]:
    answer = requests.post(installation.url + path, json=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
