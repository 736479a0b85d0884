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


def test_the_path_of_administrators_takes_the_project_from_the_address(admin: Admin) -> None:
    url = f"{admin.base}/analytics/admin/feature-flags/"
    query = {"project_id": admin.project_id}
    made = admin.session.post(url, json={"key": "a"}, params=query, timeout=10)
    assert (made.status_code, made.json()["project_id"]) == (201, admin.project_id)
    other = {"key": "b", "project_id": admin.project_id + 1}
    refused = admin.session.post(url, json=other, params=query, timeout=10)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["project_id"])
    listed = admin.session.get(url, params=query, timeout=10).json()["items"]
    assert [one["key"] for one in listed] == ["a"]


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


class Approving(Admin):
    """The owner of a project where a second person accepts changes of flags, and a member."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        self.member = installation.new_user(
            f"second-{self.project_id}@example.org", project_id=self.project_id, role="member"
        )

    def ask_for_approval(self, *, is_asked_for: bool = True) -> None:
        url = f"{self.base}/projects/{self.project_id}/settings"
        answer = self.session.patch(url, json={"flag_approval": is_asked_for}, timeout=10)
        assert answer.status_code == 200, answer.text

    def decide(self, who: requests.Session, flag: dict[str, Any], how: str) -> requests.Response:
        return who.post(
            f"{self.url}{flag['id']}/proposed-change/{how}",
            json={"id": flag["proposed_change"]["id"]},
            timeout=10,
        )

    def file(self, flags: str, **query: Any) -> requests.Response:
        return self.session.put(f"{self.url}flags.yaml", data=flags, params=query, timeout=10)


@pytest.fixture
def approving(installation: Installation) -> Approving:
    return Approving(installation)


def test_a_change_waits_for_a_second_person_and_the_history_names_both(
    approving: Approving,
) -> None:
    flag = approving.created("a", rollout_percentage=10)
    assert flag["proposed_change"] is None
    approving.ask_for_approval()
    waits = approving.change(flag, rollout_percentage=50).json()
    assert (waits["version"], waits["rollout_percentage"]) == (1, 10)
    proposed = waits["proposed_change"]
    assert proposed["changes"] == {"rollout_percentage": {"from": 10, "to": 50}}
    assert approving.session.get(approving.url, timeout=10).json()["items"] == [waits]
    assert approving.decide(approving.session, waits, "accept").status_code == 403
    # Another one, by the member, is refused; the owner's own next one takes the place of the first.
    other = approving.member.patch(f"{approving.url}{flag['id']}", json={"name": "B"}, timeout=10)
    assert (other.status_code, proposed["proposed_by_email"] in other.text) == (409, True)
    again = approving.change(flag, rollout_percentage=60).json()
    assert approving.decide(approving.member, waits, "accept").status_code == 404
    accepted = approving.decide(approving.member, again, "accept").json()
    told = (accepted["version"], accepted["rollout_percentage"], accepted["proposed_change"])
    assert told == (2, 60, None)
    history = approving.session.get(f"{approving.url}{flag['id']}/history", timeout=10).json()
    emails = [(one["changed_by_email"], one["approved_by_email"]) for one in history["items"]]
    owner = proposed["proposed_by_email"]
    assert emails == [(owner, f"second-{approving.project_id}@example.org"), (owner, None)]


def test_switching_off_never_waits_and_an_accepted_change_does_not_undo_it(
    approving: Approving,
) -> None:
    flag = approving.created("a", rollout_percentage=10)
    approving.ask_for_approval()
    waits = approving.change(flag, rollout_percentage=50).json()
    assert approving.session.delete(f"{approving.url}{flag['id']}", timeout=10).status_code == 409
    off = approving.change(flag, is_active=False).json()
    assert (off["is_active"], off["version"], off["proposed_change"] is None) == (False, 2, False)
    accepted = approving.decide(approving.member, waits, "accept").json()
    assert (accepted["is_active"], accepted["rollout_percentage"]) == (False, 50)
    # What one rolls back or switches on waits as any other change, and its author may drop it.
    back = approving.session.post(
        f"{approving.url}{flag['id']}/rollback", json={"version": 1}, timeout=10
    ).json()
    assert (back["is_active"], back["version"]) == (False, 3)
    dropped = approving.decide(approving.session, back, "refuse").json()
    assert (dropped["proposed_change"], dropped["version"]) == (None, 3)
    assert approving.session.delete(f"{approving.url}{flag['id']}", timeout=10).status_code == 204


def test_a_new_flag_is_off_until_it_is_approved_also_from_a_file(approving: Approving) -> None:
    changed = approving.created("old", rollout_percentage=10)
    approving.ask_for_approval()
    flag = approving.created("new", rollout_percentage=20)
    assert (flag["is_active"], flag["proposed_change"]["changes"]) == (
        False,
        {"is_active": {"from": False, "to": True}},
    )
    text = "flags: {old: {rollout_percentage: 30}, new: {rollout_percentage: 20}, third: {}}"
    dry = approving.file(text, dry_run=True).json()
    told = approving.file(text).json()
    assert {**dry, "dry_run": False} == told
    assert (told["created"], told["waiting"]) == (["third"], ["new", "old", "third"])
    listed = {
        one["key"]: one for one in approving.session.get(approving.url, timeout=10).json()["items"]
    }
    assert listed["new"] == flag
    assert listed["old"]["version"] == changed["version"]
    accepted = approving.decide(approving.member, listed["third"], "accept").json()
    assert accepted["is_active"] is True
    refused = approving.file("flags: {}", delete_missing=True)
    assert (refused.status_code, "Switch" in refused.json()["message"]) == (409, True)


def test_what_a_file_changes_at_once_fits_flags_whose_change_waits(approving: Approving) -> None:
    """Else a flag would lose what it depends on, or could not be switched off any more."""
    needed = approving.created("needed", is_active=False)
    needs = approving.created("needs", **_needs("needed", False))
    approving.ask_for_approval()
    gone = approving.file("flags: {needs: {}}", delete_missing=True)
    variants = "variants: [{key: a, rollout_percentage: 50}, {key: b, rollout_percentage: 50}]"
    filters = "filters: [{scope: flag, property: needed, value: [b]}]"
    early = approving.file(
        f"flags: {{needed: {{{variants}}}, new: {{conditions: [{{{filters}}}]}}}}"
    )
    assert (gone.status_code, early.status_code) == (422, 422), (gone.text, early.text)
    listed = approving.session.get(approving.url, timeout=10).json()["items"]
    assert sorted(listed, key=lambda one: str(one["key"])) == [needed, needs]
    assert approving.change(needs, is_active=False).json()["is_active"] is False


def test_a_dry_run_of_a_file_sees_that_somebody_elses_change_waits(approving: Approving) -> None:
    flag = approving.created("a", rollout_percentage=10)
    approving.ask_for_approval()
    owner = approving.change(flag, rollout_percentage=50).json()["proposed_change"]
    file = f"{approving.url}flags.yaml"
    another, same = "flags: {a: {rollout_percentage: 60}}", "flags: {a: {rollout_percentage: 50}}"
    for query in ({"dry_run": "true"}, {}):
        answers = [
            approving.member.put(file, data=one, params=query, timeout=10)
            for one in (another, same)
        ]
        assert [one.status_code for one in answers] == [409, 200]
        assert owner["proposed_by_email"] in answers[0].text
    assert approving.file(another, dry_run=True).status_code == 200


def test_a_change_that_did_not_have_to_wait_drops_what_waited_before(approving: Approving) -> None:
    flag = approving.created("a", rollout_percentage=10)
    approving.ask_for_approval()
    waits = approving.change(flag, rollout_percentage=50).json()
    approving.ask_for_approval(is_asked_for=False)
    assert approving.change(flag, name="B").json()["proposed_change"] is None
    approving.ask_for_approval()
    assert approving.decide(approving.member, waits, "accept").status_code == 404
