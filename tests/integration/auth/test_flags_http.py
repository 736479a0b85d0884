"""Feature flags over HTTP: who may change them, what is refused, and their history."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.conftest import Installation


class Admin:
    """The owner of a project, at its flags."""

    def __init__(self, installation: Installation) -> None:
        project = installation.new_project("Flags")
        self.project_id, self.key = int(project["id"]), project["public_key"]
        self.base = f"{installation.url}/api/v1"
        self.url = f"{self.base}/projects/{self.project_id}/feature-flags/"
        self.session = installation.login()

    def create(self, key: str, **definition: Any) -> requests.Response:
        return self.session.post(self.url, json={"key": key, **definition}, timeout=10)

    def created(self, key: str, **definition: Any) -> dict[str, Any]:
        answer = self.create(key, **definition)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def change(self, flag: dict[str, Any], **changes: Any) -> requests.Response:
        return self.session.patch(f"{self.url}{flag['id']}", json=changes, timeout=10)


@pytest.fixture
def admin(installation: Installation) -> Admin:
    return Admin(installation)


def test_a_new_flag_is_on_for_everybody_unless_more_is_said(admin: Admin) -> None:
    flag = admin.created("new-checkout")
    told = {name: flag[name] for name in ("is_active", "rollout_percentage", "conditions")}
    assert told == {"is_active": True, "rollout_percentage": 100, "conditions": []}
    listed = admin.session.get(admin.url, timeout=10).json()["items"]
    assert listed == [flag]
    assert admin.session.get(f"{admin.url}{flag['id']}", timeout=10).json() == flag
    again = admin.create("new-checkout")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_the_path_of_administrators_does_the_same(admin: Admin) -> None:
    url = f"{admin.base}/analytics/admin/feature-flags/"
    body = {"project_id": admin.project_id, "key": "a", "name": "A", "rollout_percentage": 20}
    made = admin.session.post(url, json=body, timeout=10)
    assert made.status_code == 201, made.text
    flag, query = made.json(), {"project_id": admin.project_id}
    one = f"{url}{flag['id']}"
    changed = admin.session.patch(one, json={"is_active": False}, params=query, timeout=10)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert admin.session.get(one, params=query, timeout=10).json() == changed.json()
    assert admin.session.get(url, params=query, timeout=10).json()["items"] == [changed.json()]
    assert admin.session.delete(one, params=query, timeout=10).status_code == 204
    assert admin.session.get(url, params=query, timeout=10).json()["items"] == []


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({"rollout_percentage": 101}, "rollout_percentage"),
        ({"variants": [{"key": "a", "rollout_percentage": 99}]}, "variants"),
        ({"variants": [{"key": "a", "rollout_percentage": 50}] * 2}, "variants"),
        ({"variants": [{"key": "true", "rollout_percentage": 100}]}, "variants"),
        ({"conditions": [{"variant": "a"}]}, "conditions.0.variant"),
        ({"payloads": {"a": 1}}, "payloads.a"),
        ({"overrides": {"ada": "a"}}, "overrides.ada"),
        ({"overrides": {"ada": 1}}, "overrides.ada.value"),
        (
            {"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-02-01T00:00:00Z"},
            "ends_at",
        ),
        ({"conditions": [{"filters": [{"property": "a"}]}]}, "conditions.0.filters.0"),
        (
            {"conditions": [{"filters": [{"property": "a", "operator": "gt", "value": ["x"]}]}]},
            "conditions.0.filters.0",
        ),
        (
            {"conditions": [{"filters": [{"property": "none", "scope": "flag", "value": [True]}]}]},
            "conditions.0.filters.0",
        ),
        (
            {"conditions": [{"filters": [{"property": "id", "scope": "cohort", "value": [1]}]}]},
            "conditions.0.filters.0",
        ),
        ({"payloads": {"true": "x" * 70_000}}, "payloads"),
    ],
)
def test_a_definition_that_cannot_hold_names_the_field(
    admin: Admin, definition: dict[str, Any], field: str
) -> None:
    answer = admin.create("a", **definition)
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["errors"], answer.text
    assert admin.session.get(admin.url, timeout=10).json()["items"] == []


def test_all_flags_of_a_project_have_a_largest_size(admin: Admin) -> None:
    large = {"payloads": {"true": "x" * 60_000}}
    flags = [admin.created(f"flag-{number}", **large) for number in range(8)]
    small = admin.created("small")
    for refused in (admin.create("one-more", **large), admin.change(small, **large)):
        assert refused.status_code == 422, refused.text
        assert "512 KB together" in str(refused.json()["errors"])
    assert admin.change(flags[0], payloads={}).status_code == 200
    admin.created("one-more", **large)


def _needs(key: str, value: Any = True) -> dict[str, Any]:
    return {"conditions": [{"filters": [{"property": key, "scope": "flag", "value": [value]}]}]}


def test_flags_may_depend_on_each_other_in_one_direction_only(admin: Admin) -> None:
    first = admin.created("first", variants=[{"key": "a", "rollout_percentage": 100}])
    second = admin.created("second", **_needs("first", "a"))
    third = admin.created("third", **_needs("second"))
    for dependent in ("third", "second", "first"):
        refused = admin.change(first, **_needs(dependent))
        assert refused.status_code == 422, refused.text
    for answer in (
        admin.session.delete(f"{admin.url}{first['id']}", timeout=10),
        admin.change(first, variants=[]),
    ):
        assert answer.status_code == 409
        assert "second" in answer.json()["message"]
    for flag in (third, second, first):
        assert admin.session.delete(f"{admin.url}{flag['id']}", timeout=10).status_code == 204


def test_a_row_of_dependent_flags_has_a_longest_length(admin: Admin) -> None:
    admin.created("flag-1")
    for number in range(2, 11):
        admin.created(f"flag-{number}", **_needs(f"flag-{number - 1}"))
    assert admin.create("flag-11", **_needs("flag-10")).status_code == 422


def test_two_changes_at_once_do_not_make_a_cycle(admin: Admin) -> None:
    for attempt in range(5):
        pair = [admin.created(f"{name}-{attempt}") for name in "ab"]
        with ThreadPoolExecutor(2) as threads:
            answers = list(
                threads.map(
                    lambda way: admin.change(way[0], **_needs(way[1]["key"])),
                    [(pair[0], pair[1]), (pair[1], pair[0])],
                )
            )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


def test_history_says_who_changed_what_and_takes_it_back(admin: Admin) -> None:
    flag = admin.created("a", rollout_percentage=10)
    assert admin.change(flag, rollout_percentage=50).json()["version"] == 2
    assert admin.change(flag, rollout_percentage=50).json()["version"] == 2
    assert admin.change(flag, is_active=False, name="A").json()["version"] == 3
    one = f"{admin.url}{flag['id']}"
    history = admin.session.get(f"{one}/history", params={"limit": 2}, timeout=10).json()
    assert [item["version"] for item in history["items"]] == [3, 2]
    assert history["items"][0]["changes"] == {
        "is_active": {"from": True, "to": False},
        "name": {"from": "", "to": "A"},
    }
    assert history["items"][1]["changes"] == {"rollout_percentage": {"from": 10, "to": 50}}
    rest = admin.session.get(
        f"{one}/history", params={"cursor": history["next_cursor"]}, timeout=10
    ).json()
    assert ([item["version"] for item in rest["items"]], rest["next_cursor"]) == ([1], None)
    back = admin.session.post(f"{one}/rollback", json={"version": 1}, timeout=10).json()
    assert (back["version"], back["rollout_percentage"], back["name"]) == (4, 10, "")
    unknown = admin.session.post(f"{one}/rollback", json={"version": 9}, timeout=10)
    assert unknown.status_code == 404
    log = admin.session.get(
        f"{admin.base}/projects/{admin.project_id}/audit-log/", timeout=10
    ).json()["items"]
    actions = [(one["action"], one["details"].get("changed")) for one in log]
    assert actions[:4] == [
        ("flag.changed", ["is_active", "name", "rollout_percentage"]),
        ("flag.changed", ["is_active", "name"]),
        ("flag.changed", ["rollout_percentage"]),
        ("flag.created", None),
    ]


def test_a_viewer_reads_flags_and_a_member_changes_them(
    installation: Installation, admin: Admin
) -> None:
    flag = admin.created("a")
    for role, expected in (("viewer", 403), ("member", 200)):
        someone = installation.new_user(
            f"{role}-{admin.project_id}@example.org", project_id=admin.project_id, role=role
        )
        assert someone.get(admin.url, timeout=10).status_code == 200
        answer = someone.patch(f"{admin.url}{flag['id']}", json={"name": role}, timeout=10)
        assert answer.status_code == expected
