"""Flags kept in git: a file is compared, applied as a whole, and refused as a whole."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import yaml

from tests.conftest import Installation
from tests.support.waiting import wait_for


class Files:
    """The owner of a project, with its file of flags."""

    def __init__(self, installation: Installation) -> None:
        project = installation.new_project("Flags in git")
        self.installation, self.key = installation, project["public_key"]
        self.project_id = int(project["id"])
        self.flags = f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/"
        self.session = installation.login()

    def get(self) -> Any:
        answer = self.session.get(f"{self.flags}flags.yaml", timeout=10)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
        return yaml.safe_load(answer.content)["flags"]

    def put(self, flags: dict[str, Any], **query: Any) -> requests.Response:
        return self.session.put(
            f"{self.flags}flags.yaml",
            data=yaml.safe_dump({"flags": flags}).encode(),
            params=query,
            headers={"Content-Type": "application/yaml"},
            timeout=10,
        )

    def applied(self, flags: dict[str, Any], **query: Any) -> dict[str, Any]:
        answer = self.put(flags, **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def history(self, key: str) -> list[dict[str, Any]]:
        [flag] = [one for one in self.listed() if one["key"] == key]
        answer = self.session.get(f"{self.flags}{flag['id']}/history", timeout=10)
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.session.get(self.flags, timeout=10).json()["items"]
        return found


@pytest.fixture
def files(installation: Installation) -> Files:
    return Files(installation)


def test_a_file_makes_changes_and_is_the_same_again(files: Files) -> None:
    first = {"a": {"rollout_percentage": 20.0}, "b": {}}
    done = files.applied(first)
    assert (done["created"], done["changed"], done["unchanged"]) == (["a", "b"], {}, 0)
    assert files.get() == first
    second = {"a": {"description": "half"}, "c": {"is_active": False}}
    done = files.applied(second)
    assert (done["created"], done["deleted"], done["unchanged"]) == (["c"], [], 1)
    assert done["changed"] == {
        "a": {
            "rollout_percentage": {"from": 20.0, "to": 100.0},
            "description": {"from": "", "to": "half"},
        }
    }
    assert files.get() == {"a": {"description": "half"}, "b": {}, "c": {"is_active": False}}
    [newest, oldest] = files.history("a")
    assert (newest["version"], oldest["version"]) == (2, 1)
    assert set(newest["changes"]) == {"rollout_percentage", "description"}
    again = files.applied(files.get())
    assert (again["created"], again["changed"], again["unchanged"]) == ([], {}, 3)
    assert len(files.history("a")) == 2


def test_a_dry_run_says_what_would_change_and_changes_nothing(files: Files) -> None:
    files.applied({"a": {}, "b": {}})
    before = files.listed()
    told = files.applied({"a": {"is_active": False}}, dry_run="true", delete_missing="true")
    assert (told["deleted"], list(told["changed"]), told["dry_run"]) == (["b"], ["a"], True)
    assert files.listed() == before
    done = files.applied({"a": {"is_active": False}}, delete_missing="true")
    assert {**done, "dry_run": True} == told
    assert files.get() == {"a": {"is_active": False}}


def test_flags_of_a_file_may_depend_on_each_other_in_any_order(files: Files) -> None:
    def on(*keys: str) -> dict[str, Any]:
        filters = [{"property": key, "scope": "flag", "value": [True]} for key in keys]
        return {"conditions": [{"filters": filters}]}

    files.applied({"a": on("b"), "b": on("c"), "c": {}})
    for flags, query, status in (
        ({"c": on("a")}, {}, 422),
        ({"a": on("b"), "b": {}}, {"delete_missing": "true"}, 200),
        ({"b": on("missing"), "new": {}}, {}, 422),
        ({"a": on("b")}, {"delete_missing": "true"}, 422),
    ):
        before = files.get()
        answer = files.put(flags, **query)
        assert answer.status_code == status, answer.text
        if status == 200:
            assert files.get().keys() == flags.keys()
        else:
            assert files.get() == before


def test_what_others_depend_on_is_not_taken_from_them(files: Files) -> None:
    variants = [{"key": key, "rollout_percentage": 50} for key in ("x", "y")]
    on_x = {"conditions": [{"filters": [{"property": "a", "scope": "flag", "value": ["x"]}]}]}
    files.applied({"a": {"variants": variants}, "b": on_x})
    refused = files.put({"a": {}})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "b" in refused.json()["message"]


def test_sdks_are_answered_with_the_file_within_two_seconds(files: Files) -> None:
    def values() -> dict[str, bool]:
        answer = requests.post(
            f"{files.installation.url}/flags/?v=2",
            json={"token": files.key, "distinct_id": "ada"},
            timeout=10,
        ).json()
        return {key: flag["enabled"] for key, flag in answer["flags"].items()}

    files.applied({"a": {}, "b": {}})
    wait_for(lambda: values() == {"a": True, "b": True}, 5, "the flags are not there")
    files.applied({"a": {"is_active": False}}, delete_missing="true")
    assert wait_for(lambda: values() == {"a": False}, 10, "the file is not in force") < 2


def test_viewers_read_the_file_and_members_change_it(
    files: Files, installation: Installation
) -> None:
    project_id = files.project_id
    for role, status in (("viewer", 403), ("member", 200)):
        user = installation.new_user(
            f"{role}-{project_id}@example.org", project_id=project_id, role=role
        )
        assert user.get(f"{files.flags}flags.yaml", timeout=10).status_code == 200
        answer = user.put(f"{files.flags}flags.yaml", data=b"flags: {}", timeout=10)
        assert answer.status_code == status, answer.text


def _cohort(files: Files, name: str) -> int:
    answer = files.session.post(
        f"{files.installation.url}/api/v1/analytics/{files.project_id}/cohorts/",
        json={"name": name, "distinct_ids": ["ada"]},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    found: int = answer.json()["id"]
    return found


def _in_cohorts(*cohorts: int | str, operator: str = "is") -> dict[str, Any]:
    test = {
        "property": "name" if isinstance(cohorts[0], str) else "id",
        "operator": operator,
        "value": list(cohorts),
        "scope": "cohort",
    }
    return {"conditions": [{"filters": [test], "rollout_percentage": None, "variant": None}]}


def test_a_file_names_cohorts_as_another_project_has_them(
    files: Files, installation: Installation
) -> None:
    other = Files(installation)
    here, there = ({name: _cohort(one, name) for name in ("b", "a")} for one in (files, other))
    assert here != there
    files.applied({"flag": _in_cohorts(here["a"], here["b"], operator="is_not")})
    named = {"flag": _in_cohorts("a", "b", operator="is_not")}
    assert files.get() == named
    assert files.applied(named)["unchanged"] == 1
    other.applied(named)
    [flag] = other.listed()
    assert flag["conditions"][0]["filters"][0]["value"] == [there["a"], there["b"]]


def test_a_cohort_that_is_not_there_once_is_refused_by_name_and_kept_by_number(
    files: Files,
) -> None:
    answer = files.put({"flag": _in_cohorts("nobody"), "other": {}})
    assert (answer.status_code, files.get()) == (422, {})
    [(field, [message])] = answer.json()["errors"].items()
    assert field == "flags.flag.conditions.0.filters.0"
    assert "no cohorts named nobody" in message
    one, _ = (_cohort(files, "twice") for _ in range(2))
    answer = files.put({"flag": _in_cohorts("twice")})
    assert "2 cohorts named twice" in answer.text
    files.applied({"flag": _in_cohorts(one)})
    assert files.get() == {"flag": _in_cohorts(one)}


def _copy(target: Files, source: Files, **fields: Any) -> requests.Response:
    return target.session.post(
        f"{target.flags}copy", json={"from_project_id": source.project_id, **fields}, timeout=10
    )


def test_flags_are_copied_from_staging_to_production(
    files: Files, installation: Installation
) -> None:
    staging = Files(installation)
    _cohort(staging, "testers")
    _cohort(files, "testers")
    staging.applied(
        {"new": _in_cohorts("testers"), "old": {"description": "changed"}, "another": {}}
    )
    own = {"rollout_percentage": 5.0, "starts_at": "2090-01-01T00:00:00Z"}
    files.applied({"old": own, "own": {}})
    before = files.get()
    told = _copy(files, staging, keys=["new", "old"], dry_run=True)
    assert (told.status_code, files.get()) == (200, before)
    done = _copy(files, staging, keys=["new", "old"]).json()
    assert done == {**told.json(), "dry_run": False}
    assert (done["created"], list(done["changed"]), done["deleted"]) == (["new"], ["old"], [])
    assert files.get() == {
        "new": {"is_active": False, **_in_cohorts("testers")},
        "old": {"description": "changed", **own},
        "own": {},
    }
    # What was switched on or off here stays so, unless all is to be as it is there.
    assert _copy(files, staging, keys=["new", "old"]).json()["unchanged"] == 3
    assert _copy(files, staging, keep_rollout=False).status_code == 200
    assert files.get() == {**staging.get(), "own": {}}


def test_flags_are_copied_only_from_projects_of_the_same_person(
    files: Files, installation: Installation
) -> None:
    source = Files(installation)
    source.applied({"a": {}})
    user = installation.new_user(
        f"copies-{files.project_id}@example.org", project_id=files.project_id, role="member"
    )
    body = {"from_project_id": source.project_id}
    assert user.post(f"{files.flags}copy", json=body, timeout=10).status_code == 404
    wrong = _copy(files, source, keys=["a", "b"])
    assert (wrong.status_code, files.get()) == (422, {})
    assert wrong.json()["errors"] == {"keys": ["The other project has no flag b."]}


def test_a_wrong_file_is_refused_with_its_line(files: Files) -> None:
    place = f"{files.flags}flags.yaml"
    answer = files.session.put(place, data=b"flags:\n  a: {}\n  a: {}\n", timeout=10)
    assert answer.status_code == 400
    assert "line 3" in answer.json()["message"]
    wrong = files.put({"a": {"variants": [{"key": "x", "rollout_percentage": 5}]}})
    assert wrong.status_code == 422
    assert list(wrong.json()["errors"]) == ["flags.a.variants"]
    assert files.get() == {}
