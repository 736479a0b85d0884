"""Both demo games, played until they are over: every documented event arrives and is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT, Installation
from tests.e2e.test_shop_demo import events
from tests.e2e.test_snake import steer_to_the_food
from tests.support.owner_pages import open_project
from tests.support.waiting import wait_for

_AS_IN = re.compile(r"^as in (\w+)$")
_HIDE_AND_SHOW = """for (const value of ["hidden", "visible"]) {
    Object.defineProperty(document, "visibilityState", { configurable: true, value });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Chromium without a window never hides a tab by itself."""
_FLY = """async (wanted) => {
    const board = document.getElementById("board");
    const score = document.getElementById("score");
    while (document.body.dataset.state === "playing" && Number(score.textContent) < wanted) {
        if (Number(board.dataset.y) > Number(board.dataset.gap) + 1.2) {
            dispatchEvent(new KeyboardEvent("keydown", { code: "Space" }));
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        await new Promise(requestAnimationFrame);
    }
}"""
"""Flap whenever the hedgehog is below the middle of the next gap."""


def documented(game: str) -> dict[str, set[str]]:
    """The properties of a game's events by name, as the tables of the demos' document say."""
    text = (ROOT / "demo" / "README.md").read_text()
    section = text.partition(f"\n## {game}\n")[2].partition("\n## ")[0]
    found: dict[str, set[str]] = {}
    for names, properties in re.findall(r"^\| (`.*?) \| (.*) \|$", section, re.MULTILINE):
        same = _AS_IN.match(properties)
        for name in re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", names)):
            found[name] = (
                documented(same[1])[name]
                if same
                else set(re.findall(r"(?:^|, )(\w+)", re.sub(r" ?\(.*?\)", "", properties)))
            )
    return found


def play_snake(page: Page) -> None:
    """Eat once, be interrupted, and run into the wall."""
    # Between two looks at the board the snake goes one step at most, however busy the machine is.
    page.clock.pause_at(datetime.now(timezone.utc) + timedelta(seconds=10))
    page.keyboard.press("Enter")
    steer_to_the_food(page)
    interrupt(page)
    page.clock.resume()


def play_flappy(page: Page) -> None:
    """Pass two pipes, be interrupted, and fall."""
    page.clock.resume()
    for _ in range(5):  # a machine that pauses while the hedgehog is in the air lets it fall
        page.keyboard.press("Enter")
        page.evaluate(_FLY, 2)
        if page.locator("body").get_attribute("data-state") == "playing":
            break
    interrupt(page)


def interrupt(page: Page) -> None:
    """Hide the tab, which pauses the game, come back and go on."""
    page.evaluate(_HIDE_AND_SHOW)
    expect(page.locator("body")).to_have_attribute("data-state", "paused")
    page.keyboard.press("p")
    expect(page.locator("body")).to_have_attribute("data-state", "playing")


@pytest.mark.parametrize(
    ("title", "folder", "play"),
    [("Snake", "snake", play_snake), ("Flappy Hedgehog", "flappy", play_flappy)],
    ids=["snake", "flappy"],
)
def test_every_documented_event_of_a_game_arrives_and_is_in_the_catalogue(
    browser: Browser,
    installation: Installation,
    title: str,
    folder: str,
    play: Callable[[Page], None],
) -> None:
    project = installation.new_project(title)
    page = browser.new_context().new_page()
    page.clock.install()
    page.goto(f"{installation.url}/demo/{folder}/?seed=7&key={project['public_key']}")
    expect(page.locator("body")).to_have_attribute("data-state", "ready")
    play(page)
    expect(page.locator("body")).to_have_attribute("data-state", "over", timeout=20_000)
    page.goto("about:blank")

    def arrived() -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for event in events(installation, project):
            found.setdefault(event["event_name"], []).append(event["properties"])
        return found

    expected = documented(title)
    wait_for(lambda: expected.keys() <= arrived().keys())
    for name, sent in arrived().items():
        for properties in sent:
            assert expected.get(name, set()) <= properties.keys(), (name, properties)

    dashboard = open_project(browser, installation, project["id"], is_dark=False)
    dashboard.goto("events/catalog")
    for name in expected:
        expect(dashboard.get_by_role("main").get_by_text(name, exact=True).first).to_be_visible(
            timeout=20_000
        )
