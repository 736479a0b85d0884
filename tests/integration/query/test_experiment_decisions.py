"""Shipping and rolling back an experiment, through the gateway: the flag really changes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from tests.conftest import Installation
from tests.support.waiting import wait_for

NOW = datetime.now(timezone.utc)
VARIANTS = [
    {"key": "control", "rollout_percentage": 50},
    {"key": "green", "rollout_percentage": 50},
]


class Owner:
    """The owner of a project with the flag ``button``, and an experiment on it."""

    def __init__(self, installation: Installation) -> None:
        project = installation.new_project("Decisions")
        self.installation, self.key = installation, project["public_key"]
        self.project_id = int(project["id"])
        base = f"{installation.url}/api/v1"
        self.flags = f"{base}/projects/{project['id']}/feature-flags/"
        self.experiments = f"{base}/analytics/{project['id']}/experiments/"
        self.session = installation.login()
        self.flag = self.post(
            self.flags,
            {
                "key": "button",
                "variants": VARIANTS,
                "conditions": [{"filters": [{"property": "plan", "value": ["pro"]}]}],
                "overrides": {"tester": "control"},
                "payloads": {"green": {"color": "#0a0"}},
            },
        )
        self.experiment = self.create()

    def post(self, url: str, body: Any, expected: int = 201) -> dict[str, Any]:
        answer = self.session.post(url, json=body, timeout=10)
        assert answer.status_code == expected, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def create(self, **changes: Any) -> dict[str, Any]:
        body = {
            "name": "Button",
            "flag_key": "button",
            "variants": [{"key": "control", "share": 0.5}, {"key": "green", "share": 0.5}],
            "metrics": [{"name": "Buys", "kind": "conversion", "event": "bought"}],
            "starts_at": (NOW - timedelta(days=2)).isoformat(),
            **changes,
        }
        return self.post(self.experiments, body)

    def decide(
        self, how: str, body: Any, expected: int = 200, one: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        chosen = one or self.experiment
        return self.post(f"{self.experiments}{chosen['id']}/{how}", body, expected)

    def value_of(self, person: str) -> Any:
        answer = requests.post(
            f"{self.installation.url}/flags/?v=2",
            json={"api_key": self.key, "distinct_id": person},
            timeout=10,
        )
        flag = answer.json()["flags"]["button"]
        return flag["variant"] or flag["enabled"]

    def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = self.session.get(
            f"{self.flags}{self.flag['id']}", timeout=10
        ).json()
        return found


@pytest.fixture
def owner(installation: Installation) -> Owner:
    return Owner(installation)


def test_a_shipped_variant_is_everybodys_and_the_history_can_undo_it(owner: Owner) -> None:
    assert owner.value_of("ada") is False
    done = owner.decide("ship", {"variant": "green", "decision": "More bought."})
    told = {name: done[name] for name in ("outcome", "shipped_variant", "decision")}
    assert told == {"outcome": "shipped", "shipped_variant": "green", "decision": "More bought."}
    assert done["decided_at"] is not None
    assert NOW - timedelta(minutes=1) < datetime.fromisoformat(done["ends_at"])
    flag = owner.stored()
    assert (flag["version"], flag["overrides"], flag["variants"][1]["key"]) == (2, {}, "green")
    wait_for(lambda: owner.value_of("ada") == "green")
    assert {owner.value_of(person) for person in ("tester", "bob", "eve")} == {"green"}

    # Again: nothing is changed twice.
    owner.decide("ship", {"variant": "green"})
    assert owner.stored()["version"] == 2
    history = owner.session.get(f"{owner.flags}{owner.flag['id']}/history", timeout=10).json()
    me = owner.session.get(f"{owner.installation.url}/api/v1/auth/me", timeout=10).json()
    assert history["items"][0]["changed_by"] == me["id"]
    undone = owner.session.post(
        f"{owner.flags}{owner.flag['id']}/rollback", json={"version": 1}, timeout=10
    )
    assert undone.json()["overrides"] == {"tester": "control"}


def test_rolling_back_switches_the_flag_off_and_keeps_its_definition(owner: Owner) -> None:
    owner.session.patch(
        f"{owner.experiments}{owner.experiment['id']}", json={"decision": "Slower."}, timeout=10
    )
    done = owner.decide("roll-back", {})
    assert (done["outcome"], done["shipped_variant"]) == ("rolled_back", None)
    assert done["decision"] == "Slower."
    flag = owner.stored()
    assert (flag["is_active"], flag["overrides"]) == (False, {"tester": "control"})
    wait_for(lambda: owner.value_of("tester") is False)


def test_what_cannot_be_shipped_is_said_and_nothing_is_recorded(owner: Owner) -> None:
    wrong = owner.decide("ship", {"variant": "blue"}, 422)
    assert "control, green" in str(wrong["errors"]["variant"])
    other = owner.create(variants=[{"key": "control", "share": 1}, {"key": "blue", "share": 1}])
    missing = owner.decide("ship", {"variant": "blue"}, 422, other)
    assert "has no variant blue" in missing["message"]
    elsewhere = owner.create(flag_key="elsewhere")
    assert "no feature flag elsewhere" in owner.decide("roll-back", {}, 404, elsewhere)["message"]
    later = owner.create(starts_at=(NOW + timedelta(days=1)).isoformat())
    assert owner.decide("ship", {"variant": "green"}, 409, later)["code"] == "conflict"
    assert owner.stored()["version"] == 1
    listed = owner.session.get(owner.experiments, timeout=10).json()["items"]
    assert {one["outcome"] for one in listed} == {None}


def test_shipping_waits_for_a_second_person_and_rolling_back_does_not(
    owner: Owner, installation: Installation
) -> None:
    project = f"{installation.url}/api/v1/projects/{owner.project_id}"
    asked = owner.session.patch(f"{project}/settings", json={"flag_approval": True}, timeout=10)
    assert asked.status_code == 200
    second = installation.new_user(
        f"accepts-{owner.project_id}@example.org", project_id=owner.project_id, role="member"
    )
    told = owner.decide("ship", {"variant": "green"}, 409)
    assert "waits for approval" in told["message"]
    # Nor is it shipped because somebody else asks for the same.
    experiment = f"{owner.experiments}{owner.experiment['id']}"
    again = second.post(f"{experiment}/ship", json={"variant": "green"}, timeout=10)
    assert (again.status_code, "second person" in again.json()["message"]) == (409, True)
    assert owner.session.get(experiment, timeout=10).json()["outcome"] is None
    flag = owner.stored()
    assert flag["overrides"] == {"tester": "control"}
    accepted = second.post(
        f"{owner.flags}{flag['id']}/proposed-change/accept",
        json={"id": flag["proposed_change"]["id"]},
        timeout=10,
    )
    assert accepted.status_code == 200
    assert owner.decide("ship", {"variant": "green"})["outcome"] == "shipped"
    assert owner.decide("roll-back", {})["outcome"] == "rolled_back"
    assert owner.stored()["is_active"] is False


def test_viewers_cannot_decide(owner: Owner, installation: Installation) -> None:
    viewer = installation.new_user(
        f"viewer-{owner.project_id}@example.org", project_id=owner.project_id, role="viewer"
    )
    for how, body in (("ship", {"variant": "green"}), ("roll-back", {})):
        refused = viewer.post(
            f"{owner.experiments}{owner.experiment['id']}/{how}", json=body, timeout=10
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "role_too_low")
    assert owner.stored()["version"] == 1
