"""The preview of a feature flag: who of the known persons would have it, and why."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from services.query.records import flag_preview
from services.query.records.flag_persons import FlagPerson
from shared.flags.definition import Flag, FlagDefinition, FlagSet
from tests.conftest import Installation

_PERSONS = 60
_PLANS = ("free", "pro", "team")
_ANONYMOUS = str(uuid.UUID(int=7))


class Previews:
    """A project with persons, and the preview of its flags."""

    def __init__(self, installation: Installation) -> None:
        project = installation.new_project("Previews")
        self.installation, self.id, self.key = installation, int(project["id"]), project
        self.base = f"{installation.url}/api/v1"
        self.owner = installation.login()

    def identify(self, user_id: str, **body: Any) -> None:
        answer = requests.post(
            f"{self.base}/identify",
            json={"user_id": user_id, **body},
            headers={"X-API-Key": self.key["public_key"]},
            timeout=10,
        )
        assert answer.status_code == 202, answer.text

    def ask(self, definition: dict[str, Any], **body: Any) -> requests.Response:
        return self.owner.post(
            f"{self.base}/analytics/{self.id}/feature-flags/preview",
            json={"definition": definition, **body},
            timeout=30,
        )

    def preview(self, **definition: Any) -> dict[str, Any]:
        answer = self.ask({"key": "new", **definition})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def flag(self, **definition: Any) -> None:
        made = self.owner.post(
            f"{self.base}/projects/{self.id}/feature-flags/", json=definition, timeout=10
        )
        assert made.status_code == 201, made.text


@pytest.fixture(scope="module")
def previews(installation: Installation) -> Previews:
    """Sixty persons, a third of them on each plan, and one with an id that an SDK made up, too."""
    found = Previews(installation)
    for number in range(_PERSONS):
        found.identify(f"user-{number}", properties={"plan": _PLANS[number % 3], "n": number})
    found.identify("user-0", anonymous_id=_ANONYMOUS)
    installation.wait_until_stored()
    found.flag(key="beta", conditions=[{"filters": [_is("plan", "pro")]}])
    return found


def _is(name: str, *values: Any) -> dict[str, Any]:
    return {"property": name, "operator": "is", "value": list(values)}


def _bucket(text: str) -> float:
    return int(hashlib.sha1(text.encode()).hexdigest()[:15], 16) / 0xFFFFFFFFFFFFFFF


def _counts(found: dict[str, Any]) -> dict[str, int]:
    return {one["value"]: one["persons"] for one in found["values"]}


def test_persons_are_counted_by_value_and_by_the_condition_that_decides(
    previews: Previews,
) -> None:
    found = previews.preview(
        rollout_percentage=0,
        conditions=[
            {"filters": [_is("plan", "pro")], "rollout_percentage": 100},
            {"filters": [_is("plan", "team")]},
        ],
    )
    assert (found["persons"], found["is_sample"]) == (_PERSONS, False)
    assert _counts(found) == {"true": 20, "false": 40}
    why = {(one["reason"], one["condition_index"]): one["persons"] for one in found["reasons"]}
    assert why == {
        ("condition_match", 0): 20,
        ("out_of_rollout", None): 20,
        ("no_condition_match", None): 20,
    }
    assert set(found["properties"]) == {"plan", "n"}


def test_persons_are_counted_by_what_they_did_of_late(
    installation: Installation, previews: Previews
) -> None:
    bought = [{"event_name": "bought", "distinct_id": one} for one in ("user-1", _ANONYMOUS)]
    sent = installation.ingest(previews.key["public_key"], {"events": bought})
    assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    for operator, name, expected in (
        ("did", "bought", {"true": 2, "false": _PERSONS - 2}),
        ("did_not", "bought", {"true": _PERSONS - 2, "false": 2}),
        ("did", "sold", {"false": _PERSONS}),
    ):
        test = {"property": name, "scope": "event", "operator": operator, "value": [7]}
        assert _counts(previews.preview(conditions=[{"filters": [test]}])) == expected


def test_persons_are_counted_by_cohort_which_stays_while_a_flag_names_it(
    previews: Previews,
) -> None:
    cohorts = f"{previews.base}/analytics/{previews.id}/cohorts/"
    body = {"name": "Three", "distinct_ids": ["user-1", "user-2", _ANONYMOUS]}
    made = previews.owner.post(cohorts, json=body, timeout=30)
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    test = {"property": "id", "scope": "cohort", "operator": "is", "value": [number]}
    inside = [{"filters": [test]}]
    outside = [{"filters": [{**test, "operator": "is_not"}]}]
    assert _counts(previews.preview(conditions=inside)) == {"true": 3, "false": _PERSONS - 3}
    assert _counts(previews.preview(conditions=outside)) == {"true": _PERSONS - 3, "false": 3}
    missing = [{"filters": [{**test, "value": [number, number + 1]}]}]
    refused = previews.ask({"key": "new", "conditions": missing})
    assert refused.status_code == 422
    assert "definition.conditions.0.filters.0" in refused.json()["errors"]
    previews.flag(key="for-three", conditions=inside)
    kept = previews.owner.delete(f"{cohorts}{number}", timeout=30)
    assert kept.status_code == 409
    assert "for-three" in kept.json()["message"]


def test_a_cohort_has_the_persons_who_have_a_value_of_a_flag_when_it_is_counted(
    previews: Previews,
) -> None:
    cohorts = f"{previews.base}/analytics/{previews.id}/cohorts/"
    variants = [{"key": key, "rollout_percentage": 50} for key in ("a", "b")]
    pro = [{"filters": [_is("plan", "pro")]}]
    previews.flag(key="split", conditions=pro, variants=variants)
    of_pro = [f"user-{number}" for number in range(_PERSONS) if _PLANS[number % 3] == "pro"]
    in_b = sum(_bucket(f"split.{one}variant") >= 0.5 for one in of_pro)

    def size(**query: Any) -> int:
        made = previews.owner.post(
            cohorts, json={"name": f"By flag {query}", "query": query}, timeout=30
        )
        assert made.status_code == 201, made.text
        return int(made.json()["size"])

    assert 0 < in_b < len(of_pro)
    assert size(flag="split") == len(of_pro)
    assert size(flag="split", value="b") == in_b
    assert size(flag="split", value=False) == _PERSONS - len(of_pro)
    for query, field in (
        ({"flag": "none"}, "query.flag"),
        ({"flag": "split", "value": "c"}, "query.value"),
        ({"flag": "split", "value": 1}, "query.value"),
        ({"flag": "split", "event": "bought"}, "query.event"),
    ):
        refused = previews.owner.post(cohorts, json={"name": "No", "query": query}, timeout=30)
        assert refused.status_code == 422, query
        assert field in refused.json()["errors"]


def test_a_share_is_of_the_ids_that_sdks_ask_with(previews: Previews) -> None:
    expected = sum(_bucket(f"new.user-{number}") <= 0.4 for number in range(_PERSONS))
    assert _counts(previews.preview(rollout_percentage=40))["true"] == expected
    shown = previews.preview(overrides={"user-0": True, _ANONYMOUS: False})
    assert _counts(shown) == {"true": _PERSONS}


def test_everybody_has_the_value_that_the_flags_service_answers(previews: Previews) -> None:
    definition: dict[str, Any] = {
        "key": "checkout",
        "rollout_percentage": 70,
        "conditions": [{"filters": [_is("plan", "pro", "free")]}, {"rollout_percentage": 10}],
        "variants": [
            {"key": "control", "rollout_percentage": 40},
            {"key": "test", "rollout_percentage": 60},
        ],
    }
    previewed = _counts(previews.ask(definition).json())
    previews.flag(**definition)
    answered: dict[str, int] = {}
    for number in range(_PERSONS):
        answer = requests.post(
            f"{previews.installation.url}/flags/?v=2",
            json={
                "api_key": previews.key["public_key"],
                "distinct_id": f"user-{number}",
                "person_properties": {"plan": _PLANS[number % 3], "n": number},
            },
            timeout=10,
        ).json()["flags"]["checkout"]
        value = answer.get("variant") or str(answer["enabled"]).lower()
        answered[value] = answered.get(value, 0) + 1
    assert previewed == answered
    assert len(answered) == 3


def test_an_unsaved_flag_may_depend_on_those_that_are_stored(previews: Previews) -> None:
    of_beta = {"property": "beta", "scope": "flag", "value": [True]}
    found = previews.preview(conditions=[{"filters": [of_beta]}])
    assert _counts(found) == {"true": 20, "false": 40}
    circle = previews.ask({"key": "beta", "conditions": [{"filters": [of_beta]}]})
    assert circle.status_code == 422
    assert "definition.conditions.0.filters.0" in str(circle.json()["errors"])


def test_nothing_of_a_preview_is_stored(previews: Previews) -> None:
    previews.preview(rollout_percentage=50)
    listed = previews.owner.get(
        f"{previews.base}/projects/{previews.id}/feature-flags/", timeout=10
    ).json()["items"]
    assert "new" not in {flag["key"] for flag in listed}


def test_one_id_is_tried_known_or_not(previews: Previews) -> None:
    definition = {"key": "new", "conditions": [{"filters": [_is("plan", "free")]}]}
    known = previews.ask(definition, distinct_id=_ANONYMOUS).json()["tested"]
    assert (known["value"], known["reason"], known["condition_index"]) == (
        "true", "condition_match", 0,
    )  # fmt: skip
    assert known["person_id"] is not None
    unknown = previews.ask(definition, distinct_id="nobody \U0001f98a").json()["tested"]
    assert (unknown["value"], unknown["person_id"]) == ("false", None)
    assert previews.ask(definition).json()["tested"] is None


def test_of_a_flag_for_groups_the_groups_are_evaluated(installation: Installation) -> None:
    found = Previews(installation)
    groups = {f"company {number}": {"plan": _PLANS[number % 3]} for number in range(30)}
    events = [
        {
            "event_name": "$groupidentify",
            "distinct_id": "ada",
            "properties": {"$group_type": kind, "$group_key": key, "$group_set": properties},
        }
        for kind in ("company", "guild")
        for key, properties in groups.items()
    ]
    assert installation.ingest(found.key["secret_key"], {"events": events}).status_code == 202
    installation.wait_until_stored()
    test = {"property": "company.plan", "scope": "group", "value": ["pro"]}
    definition = {"key": "new", "group_type": "company", "conditions": [{"filters": [test]}]}
    answer = found.ask(definition, distinct_id="company 1").json()
    assert (answer["group_type"], answer["persons"], answer["is_sample"]) == ("company", 30, False)
    assert _counts(answer) == {"false": 20, "true": 10}
    assert answer["properties"] == ["company.plan"]
    assert (answer["tested"]["value"], answer["tested"]["person_id"]) == ("true", None)
    share = {**definition, "conditions": [], "rollout_percentage": 30}
    expected = sum(_bucket(f"new.{key}") <= 0.3 for key in groups)
    assert _counts(found.ask(share).json())["true"] == expected
    assert found.ask({"key": "new"}).json()["group_type"] is None


def test_a_few_persons_of_each_value_are_shown(previews: Previews) -> None:
    found = previews.preview(conditions=[{"filters": [_is("plan", "team")]}])
    by_value: dict[str, list[int]] = {}
    for one in found["examples"]:
        number = int(one["distinct_id"].removeprefix("user-"))
        by_value.setdefault(one["value"], []).append(number % 3)
    assert by_value["true"] == [2] * flag_preview.EXAMPLES
    assert len(by_value["false"]) == flag_preview.EXAMPLES
    assert 2 not in by_value["false"]


def test_persons_of_other_projects_and_their_flags_are_not_seen(
    installation: Installation, previews: Previews
) -> None:
    other = Previews(installation)
    assert other.preview()["persons"] == 0
    asked = other.ask({"key": "new"}, distinct_id="user-1").json()["tested"]
    assert asked["person_id"] is None
    of_beta = {"property": "beta", "scope": "flag", "value": [True]}
    refused = other.ask({"key": "new", "conditions": [{"filters": [of_beta]}]})
    assert refused.status_code == 422
    assert "no flag beta" in refused.text


def test_of_many_persons_the_latest_active_are_evaluated(installation: Installation) -> None:
    many, now = Previews(installation), datetime.now(timezone.utc)
    for days, kind, count in ((0, "new", flag_preview.MAX_PERSONS), (3, "old", 40)):
        at = (now - timedelta(days=days)).isoformat()
        events = [
            {"event_name": "visit", "distinct_id": f"{kind}-{number}", "timestamp": at}
            for number in range(count)
        ]
        for start in range(0, count, 500):
            body = {"events": events[start : start + 500]}
            sent = installation.ingest(many.key["public_key"], body)
            assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    old = {"property": "distinct_id", "operator": "contains", "value": ["old-"]}
    found = many.preview(conditions=[{"filters": [old]}])
    assert (found["persons"], found["is_sample"]) == (flag_preview.MAX_PERSONS, True)
    assert _counts(found) == {"false": flag_preview.MAX_PERSONS}


def test_evaluating_ends_after_a_time_whatever_the_definition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each look at the clock takes half a second, so that two seconds are over after five."""
    seconds = itertools.count(0, 0.5)
    monkeypatch.setattr(flag_preview, "monotonic", lambda: next(seconds))
    flags = FlagSet(1, 1, (Flag(1, 1, FlagDefinition("new")),))
    known = [FlagPerson(f"user-{number}", number, {}) for number in range(100)]
    now = datetime.now(timezone.utc)
    assert len(list(flag_preview._evaluate(flags, "new", known, now))) == 4


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({}, "definition.key"),
        ({"key": "a b"}, "definition.key"),
        ({"key": "a", "rollout_percentage": 101}, "definition.rollout_percentage"),
        ({"key": "a", "variants": [{"key": "x", "rollout_percentage": 9}]}, "definition.variants"),
        ({"key": "a", "payloads": {"x": 1}}, "definition.payloads.x"),
        ({"key": "a", "conditions": [{"filters": [_is("plan")]}]}, "definition.conditions.0"),
    ],
)
def test_a_wrong_definition_is_named_at_its_field(
    previews: Previews, definition: dict[str, Any], field: str
) -> None:
    answer = previews.ask(definition)
    assert answer.status_code == 422, answer.text
    assert field in str(answer.json()["errors"])
