"""From `docker compose up` to an event on the dashboard."""

from __future__ import annotations

import uuid

import requests
from playwright.sync_api import Browser, expect

from tests.compose.stack import Stack, wait_for


def test_a_first_event_is_on_the_dashboard(stack: Stack, browser: Browser) -> None:
    body = {"event_id": str(uuid.uuid4()), "event_name": "level_won", "user_id": "player-1"}
    sent = requests.post(
        f"{stack.url}/api/v1/events/ingest",
        json={"events": [body]},
        headers={"X-API-Key": stack.credentials["public_key"]},
        timeout=30,
    )
    assert sent.status_code == 202, sent.text
    stack.sent += 1
    stack.assert_exact()
    wait_for(lambda: "level_won" in stack.get("top-events").text, 30)

    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.goto(stack.url)
    page.get_by_label("E-mail").fill(stack.credentials["email"])
    page.locator("input[type=password]").fill(stack.credentials["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("E-mail")).to_be_hidden()
    page.goto(f"{stack.url}/projects/{stack.credentials['project_id']}")
    feed = page.get_by_role("region", name="Latest events")
    expect(feed.get_by_role("button", name="level_won")).to_be_visible(timeout=30_000)


def test_every_part_says_that_it_is_well(stack: Stack) -> None:
    health = requests.get(f"{stack.url}/api/v1/health/", timeout=30)
    assert health.status_code == 200, health.text
    assert set(health.json()["services"].values()) == {"ok"}


def test_what_the_gateway_serves_from_files_is_in_its_image(stack: Stack) -> None:
    for path in ("/", "/static/sdk/sdk.min.js", "/demo/snake/", "/m/in.js"):
        assert requests.get(f"{stack.url}{path}", timeout=30).status_code == 200, path
    # Where nobody asked for demos, no key is published.
    assert requests.get(f"{stack.url}/demo/config.json", timeout=30).status_code == 404
    docs = requests.get(f"{stack.url}/api/v1/docs/swagger-ui.css", timeout=30)
    assert docs.status_code == 200
