"""The People page: users are found, have a page of their own, and stand behind every figure."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation

NAME = "<b>Ada</b> \u202eLovelace 👩‍🚀"
LONG = "x" * 2_000


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """Two users who came, of whom one is identified, has 500 properties, and bought something."""
    made = installation.new_project("people")
    properties = {f"property_{number}": LONG[: 30 + number % 9] for number in range(400)}
    events = [
        {"event": "page_view", "distinct_id": "ada", "page_url": "https://reef.example/"},
        {"event": "page_view", "distinct_id": "anonymous-1", "page_url": "https://reef.example/a"},
        {"event": "purchase", "distinct_id": "ada", "properties": {"amount": 5, "note": LONG}},
    ]
    sent = installation.ingest(made["public_key"], events)
    assert sent.json()["accepted"] == len(events), sent.text
    for traits in ({"name": NAME, "plan": "pro"}, properties):
        answer = requests.post(
            f"{installation.url}/api/v1/identify",
            json={"user_id": "ada", "properties": traits},
            headers={"X-API-Key": made["public_key"]},
            timeout=10,
        )
        assert answer.status_code < 300, answer.text
    installation.wait_until_stored()
    return made


def open_page(browser: Browser, installation: Installation, path: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.goto(f"{installation.url}/login")
    page.get_by_label("E-mail").fill(installation.credentials["email"])
    page.locator("input[type=password]").fill(installation.credentials["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}{path}")
    return page


def test_users_are_found_opened_and_saved(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    base = f"/p/{project['id']}"
    page = open_page(browser, installation, f"{base}/people")
    table = page.get_by_role("table", name="Users")
    expect(table.get_by_role("row")).to_have_count(3, timeout=20_000)
    page.get_by_role("searchbox", name="Search users").fill("pro")
    expect(table.get_by_role("row")).to_have_count(2)
    page.set_viewport_size({"width": 390, "height": 844})
    table.get_by_role("link", name=re.compile("Ada")).click()
    # Without what would turn the text around it.
    shown = NAME.replace("\u202e", "")
    expect(page.get_by_role("heading", level=1)).to_have_text(shown)
    expect(page.get_by_role("img", name="Active on 1 of 90 days")).to_be_visible()
    page.get_by_role("button", name=re.compile("purchase")).click()
    expect(page.get_by_role("button", name="Show all", exact=True)).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "the page is wider than a phone"

    # Any figure leads to its users by its address, whatever page it stands on.
    question = {"series": [{"event": "purchase"}], "period": "7d"}
    figure = json.dumps({"title": "Buyers", "kind": "trends", "query": question})
    page.goto(f"{installation.url}{base}/people?users={quote(figure)}")
    drawer = page.get_by_role("dialog", name="Buyers")
    expect(drawer.get_by_text("1 of 1 shown")).to_be_visible(timeout=20_000)
    drawer.get_by_role("button", name="Save as cohort").click()
    page.get_by_role("button", name="Save cohort").click()
    drawer.get_by_role("link", name="Open cohort").click()
    cohorts = page.get_by_role("list", name="Cohorts")
    expect(cohorts).to_contain_text("1 user")
    cohorts.get_by_role("link", name="Buyers").click()
    expect(table.get_by_role("row")).to_have_count(2)
    page.context.close()
