"""PostHog's server SDKs, unchanged, ask for flags through the gateway: remotely and locally."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import pytest
import requests

from tests.conftest import Installation
from tests.support.sdk_processes import POSTHOG_FLAGS, Sdk
from tests.support.waiting import wait_for

_PERSONS = 10_000
_SHARES = {"a": 50.0, "b": 30.0, "c": 20.0}
_VARIANTS = [{"key": key, "rollout_percentage": share} for key, share in _SHARES.items()]
_FLAGS: dict[str, dict[str, Any]] = {
    "rollout": {"rollout_percentage": 37},
    "variants": {
        "variants": _VARIANTS,
        "payloads": {"a": {"colour": "red"}, "b": [1, 2.5], "c": "text"},
    },
    "for-plans": {
        "conditions": [
            {
                "filters": [{"property": "plan", "value": ["pro", "TEAM", 1.5]}],
                "rollout_percentage": 60,
            },
            {"filters": [{"property": "level", "operator": "between", "value": [10, "20"]}]},
            {
                "filters": [
                    {"property": "mail", "operator": "contains", "value": ["@EXAMPLE."]},
                    {"property": "since", "operator": "before", "value": ["2026-03-01"]},
                ]
            },
        ],
        "payloads": {"true": None},
    },
    "after-variants": {
        "conditions": [
            {"filters": [{"property": "variants", "scope": "flag", "value": ["b"]}]},
            {
                "filters": [{"property": "rollout", "scope": "flag", "value": [False]}],
                "rollout_percentage": 25,
            },
        ]
    },
    "one-variant-first": {
        "conditions": [
            {"filters": [{"property": "level", "operator": "gt", "value": [40]}], "variant": "c"},
            {"rollout_percentage": 50},
        ],
        "variants": _VARIANTS,
        "overrides": {"person-1": False, "person-2": "b", "person-3": "b", "ünï-4": "a"},
    },
    "for-companies": {
        "group_type": "company",
        "rollout_percentage": 40,
        "overrides": {"company-1": False, "company-2": True},
    },
    "for-large-companies": {
        "group_type": "company",
        "variants": _VARIANTS,
        "payloads": {"a": {"colour": "blue"}},
        "conditions": [
            {
                "filters": [
                    {"property": "company.seats", "scope": "group", "operator": "gt", "value": [50]}
                ],
                "rollout_percentage": 70,
            },
            {"filters": [{"property": "for-companies", "scope": "flag", "value": [True]}]},
        ],
    },
    "for-guilds": {"group_type": "guild", "rollout_percentage": 50},
    "switched-off": {"is_active": False},
    "not-yet": {"starts_at": "2100-01-01T00:00:00Z"},
    "over": {"ends_at": "2020-01-01T00:00:00Z"},
}

every_sdk = pytest.mark.parametrize("sdk", POSTHOG_FLAGS, ids=lambda sdk: sdk.name)


@dataclass(frozen=True)
class Shop:
    """A project with the flags above."""

    url: str
    id: int
    public_key: str
    secret_key: str
    owner: requests.Session
    ids: dict[str, int]

    def change(self, key: str, **changes: Any) -> None:
        """Change a flag; return once SDKs are answered with the change."""
        place = f"{self.url}/api/v1/projects/{self.id}/feature-flags/{self.ids[key]}"
        answer = self.owner.patch(place, json=changes, timeout=10)
        assert answer.status_code == 200, answer.text
        version = answer.json()["version"]

        def is_known() -> bool:
            body = {"token": self.public_key, "distinct_id": "x"}
            found = requests.post(f"{self.url}/flags/?v=2", json=body, timeout=10).json()
            return bool(found["flags"][key]["metadata"]["version"] == version)

        assert wait_for(is_known, 5, "the change is not known") < 2

    def answers(self, sdk: Sdk, persons: list[Any]) -> tuple[list[Any], list[Any]]:
        """Return what the SDK finds out about persons, remotely and locally."""
        output = sdk.evaluate(self.url, self.public_key, self.secret_key, json.dumps(persons))
        found = json.loads(output)
        return found["remote"], found["local"]


@pytest.fixture(scope="module")
def shop(installation: Installation) -> Shop:
    project, owner = installation.new_project("Flags"), installation.login()
    ids = {}
    for key, definition in _FLAGS.items():
        answer = owner.post(
            f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/",
            json={"key": key, **definition},
            timeout=10,
        )
        assert answer.status_code == 201, answer.text
        ids[key] = answer.json()["id"]
    keys = project["public_key"], project["secret_key"]
    return Shop(installation.url, project["id"], *keys, owner, ids)


def _persons(count: int) -> list[Any]:
    choice = random.Random(20)
    return [
        (
            f"ünï-{number}" if number % 7 == 4 else f"person-{number}",
            {
                # No whole numbers: the Node SDK then asks the server.
                "plan": choice.choice(["free", "Pro", "team", 1.5, True]),
                # No words: the Python SDK fails them, the Node SDK compares them as texts.
                "level": choice.choice([3, 10, 15.5, "20", 41, "40.5"]),
                "mail": choice.choice(["a@example.org", "b@Example.com", "c@other.org"]),
                "since": choice.choice(["2026-01-31", "2026-03-01", "2026-04-01T12:00:00+02:00"]),
            },
            *_groups(choice),
        )
        for number in range(count)
    ]


def _groups(choice: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the keys and properties of somebody's groups; some are in none."""
    company, guild = choice.randrange(300), choice.choice(["ünï", "7", 7, "a.b"])
    keys: dict[str, Any] = {}
    if choice.random() < 0.6:
        keys["company"] = f"company-{company}"
    if choice.random() < 0.6:
        keys["guild"] = guild
    # All persons of a company say the same of it.
    return keys, {"company": {"seats": company % 100 + 0.5}} if "company" in keys else {}


@pytest.mark.timeout(900)  # 10,000 requests
@every_sdk
def test_a_flag_has_the_same_value_remotely_and_locally(shop: Shop, sdk: Sdk) -> None:
    remote, local = shop.answers(sdk, _persons(_PERSONS))
    assert len(remote) == len(local) == _PERSONS
    assert set(remote[0]["featureFlags"]) == set(_FLAGS)
    assert [one["featureFlags"] for one in remote] == [one["featureFlags"] for one in local]
    assert [_payloads(one) for one in remote] == [_payloads(one) for one in local]
    values = [one["featureFlags"] for one in remote]
    assert [values[number]["one-variant-first"] for number in (1, 2, 3, 4)] == [
        *(False, "b", "b", "a")
    ]
    for key in ("switched-off", "not-yet", "over"):
        assert {one[key] for one in values} == {False}
    for one in values:
        assert one["after-variants"] is not False or one["variants"] != "b"
    _assert_one_value_a_group(_persons(_PERSONS), values)
    _assert_share(sum(one["rollout"] for one in values), 37)
    counts = Counter(one["variants"] for one in values)
    assert set(counts) == set(_SHARES)
    for key, share in _SHARES.items():
        _assert_share(counts[key], share)


def test_a_larger_rollout_takes_nobody_out(shop: Shop) -> None:
    persons = _persons(1000)
    within: list[set[str]] = []
    for percentage in (0, 5, 37, 60, 100):
        shop.change("rollout", rollout_percentage=percentage)
        remote, local = shop.answers(POSTHOG_FLAGS[0], persons)
        for answers in (remote, local):
            on = [one["featureFlags"]["rollout"] for one in answers]
            within.append(
                {person for (person, *_), is_on in zip(persons, on, strict=True) if is_on}
            )
    assert all(smaller <= larger for smaller, larger in pairwise(within))
    assert (len(within[0]), len(within[-1])) == (0, len(persons))


def _payloads(answer: dict[str, Any]) -> dict[str, Any]:
    # The Python SDK leaves payloads as JSON texts.
    return {
        key: json.loads(value) if isinstance(value, str) and value[:1] in '["{' else value
        for key, value in answer["featureFlagPayloads"].items()
    }


def _assert_one_value_a_group(persons: list[Any], values: list[dict[str, Any]]) -> None:
    """Assert that all persons of a group have the same value, and others do not have the flag."""
    for key, group_type in (
        ("for-companies", "company"),
        ("for-large-companies", "company"),
        ("for-guilds", "guild"),
    ):
        found: dict[Any, set[Any]] = {}
        for (_, _, groups, _), one in zip(persons, values, strict=True):
            found.setdefault(str(groups.get(group_type)), set()).add(one[key])
        assert found.pop("None") == {False}
        assert all(len(one) == 1 for one in found.values()), key
        assert len({str(*one) for one in found.values()}) > 1, key


def _assert_share(count: int, percentage: float) -> None:
    """Assert that a count lies within the 99 % interval of the binomial distribution."""
    share = percentage / 100
    deviation = (share * (1 - share) / _PERSONS) ** 0.5
    margin = NormalDist().inv_cdf(0.995) * deviation
    assert abs(count / _PERSONS - share) <= margin, (count, percentage)
