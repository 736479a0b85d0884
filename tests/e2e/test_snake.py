"""From the keyboard to the chart: somebody plays Snake, somebody else watches the dashboard."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation

_SEED = 7


def test_playing_snake_shows_on_the_dashboard(browser: Browser, installation: Installation) -> None:
    dashboard = open_dashboard(browser, installation)

    game = browser.new_context().new_page()
    game.clock.install()
    game.goto(f"{installation.url}/demo/snake/?seed={_SEED}&key={public_key(dashboard)}")
    expect(game.locator("body")).to_have_attribute("data-state", "ready")
    # Between two looks at the board the snake goes one step at most, however busy the machine is.
    game.clock.pause_at(datetime.now(timezone.utc) + timedelta(seconds=10))
    game.keyboard.press("Enter")
    steer_to_the_food(game)
    game.clock.resume()
    expect(game.locator("#score")).to_have_text("10")
    # Straight on until the wall.
    expect(game.locator("body")).to_have_attribute("data-state", "over", timeout=20_000)

    # The empty project's page turns into figures by itself, and counts who played.
    users = dashboard.get_by_role("region", name="Users", exact=True)
    expect(users).to_contain_text("1", timeout=20_000)
    dashboard.get_by_role("navigation").get_by_role("link", name="Live").click()
    expect(dashboard.get_by_role("region", name="Users now")).to_contain_text("1")
    feed = dashboard.get_by_role("region", name="Events", exact=True)
    for name in ("app_opened", "game_started", "food_eaten", "game_over"):
        expect(feed.get_by_role("button", name=name)).to_be_visible(timeout=20_000)
    feed.get_by_role("button", name="game_over").click()
    expect(feed.locator("pre")).to_contain_text('"cause": "wall"')


def test_what_snake_sends_is_on_the_live_page_within_two_seconds(
    browser: Browser, installation: Installation
) -> None:
    dashboard = open_dashboard(browser, installation)
    key = public_key(dashboard)
    dashboard.get_by_role("navigation").get_by_role("link", name="Live").click()
    feed = dashboard.get_by_role("region", name="Events", exact=True)
    expect(feed).to_be_visible()
    game = browser.new_context().new_page()

    def sends(*names: str) -> None:
        """Wait until the game has sent these events, which are to be seen soon after."""
        with game.expect_request(
            lambda request: all(name in (request.post_data or "") for name in names)
        ):
            if names[0] == "app_opened":
                game.goto(f"{installation.url}/demo/snake/?key={key}")
            else:
                game.keyboard.press("Enter")
        for name in names:
            expect(feed.get_by_role("button", name=name)).to_be_visible(timeout=2_000)

    sends("app_opened")  # the project's first event, while somebody looks already
    expect(game.locator("body")).to_have_attribute("data-state", "ready")
    sends("game_started")


def test_leaving_the_page_still_delivers_what_happened(
    browser: Browser, installation: Installation
) -> None:
    dashboard = open_dashboard(browser, installation)
    game = browser.new_context().new_page()
    game.goto(f"{installation.url}/demo/snake/?key={public_key(dashboard)}")
    game.keyboard.press("Enter")
    expect(game.locator("body")).to_have_attribute("data-state", "playing")
    game.close(run_before_unload=False)
    feed = dashboard.get_by_role("region", name="Latest events")
    for name in ("game_started", "page_unload"):
        expect(feed.get_by_role("button", name=name)).to_be_visible(timeout=20_000)


def open_dashboard(browser: Browser, installation: Installation) -> Page:
    """Log in as a person does, and open a new project's first page."""
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.goto(installation.url)
    page.get_by_label("E-mail").fill(installation.credentials["email"])
    page.locator("input[type=password]").fill(installation.credentials["password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Snake")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("it is not shown again")
    dialog.get_by_role("button", name="I have copied it").click()
    page.wait_for_url(re.compile(r"/p/\d+$"))
    expect(page.get_by_text("Waiting for your first event")).to_be_visible()
    return page


def steer_to_the_food(game: Page) -> None:
    """With a seed the board says where head and food are: go to its row, then to its column."""
    board = game.locator("#board")
    for _ in range(200):
        if game.locator("#score").inner_text() != "0":
            return
        x, y = (int(part) for part in (board.get_attribute("data-head") or "").split(","))
        food_x, food_y = (int(part) for part in (board.get_attribute("data-food") or "").split(","))
        heading = board.get_attribute("data-direction") or ""
        if y != food_y and heading in ("left", "right"):
            game.keyboard.press("ArrowUp" if food_y < y else "ArrowDown")
        elif y == food_y and heading in ("up", "down"):
            game.keyboard.press("ArrowLeft" if food_x < x else "ArrowRight")
        game.clock.run_for(50)
    raise AssertionError("the snake did not find its food")


def public_key(dashboard: Page) -> str:
    """The public key, as the page of an empty project shows it."""
    text = dashboard.locator("main").inner_text()
    found = re.search(r"pk_[\w-]+", text)
    assert found
    return found[0]
