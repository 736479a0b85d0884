"""A feature flag changes the demo game, and who was given which variant is counted."""

from __future__ import annotations

import requests
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.support.waiting import wait_for

_VARIANTS = [
    {"key": "narrow", "rollout_percentage": 100},
    {"key": "wide", "rollout_percentage": 0},
]


def test_the_flag_of_the_gap_changes_the_game(browser: Browser, installation: Installation) -> None:
    project = installation.new_project("Flappy Hedgehog")
    made = installation.login().post(
        f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/",
        json={"key": "flappy-gap", "variants": _VARIANTS},
        timeout=10,
    )
    assert made.status_code == 201, made.text
    key = project["public_key"]
    wait_for(lambda: _variant_of_anybody(installation, key) == "narrow")

    game = browser.new_context().new_page()
    game.goto(f"{installation.url}/demo/flappy/?seed=3&key={key}")
    expect(game.locator("#board")).to_have_attribute("data-gap-name", "narrow")
    game.keyboard.press("Enter")
    expect(game.locator("body")).to_have_attribute("data-state", "over", timeout=20_000)
    names = {"app_opened", "game_started", "game_over", "$feature_flag_called"}
    wait_for(lambda: names <= set(_properties(installation, project)))

    found = _properties(installation, project)
    assert found["game_over"]["gap"] == found["game_started"]["gap"] == "narrow"
    assert found["game_started"]["gap_height"] == 5.6
    assert found["$feature_flag_called"]["$feature_flag"] == "flappy-gap"
    assert found["$feature_flag_called"]["$feature_flag_response"] == "narrow"


def _variant_of_anybody(installation: Installation, key: str) -> object:
    answer = requests.get(
        f"{installation.url}/api/v1/analytics/public/feature-flags/for_user/",
        params={"distinct_id": "anybody"},
        headers={"X-API-Key": key},
        timeout=10,
    )
    return answer.json()["flags"].get("flappy-gap")


def _properties(
    installation: Installation, project: dict[str, object]
) -> dict[str, dict[str, object]]:
    """Properties of the project's events by name."""
    answer = requests.get(
        f"{installation.url}/api/events/",
        params={"project_id": str(project["id"])},
        headers={"X-API-Key": str(project["secret_key"])},
        timeout=10,
    )
    return {one["event_name"]: one["properties"] for one in answer.json()["items"]}
