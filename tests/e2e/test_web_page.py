"""The pages Web and Goals in a browser: sources, pages, countries, goals, two clicks from Home."""

from __future__ import annotations

import os
import re
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000
_SITE = "https://www.reef.example"
_SOURCES = (None, None, "https://www.google.com/", "https://news.ycombinator.com/item?id=1")


def visits(days: int) -> list[dict[str, Any]]:
    """Visits of twelve visitors a day: some read the docs, every fourth signs up."""
    now = datetime.now(timezone.utc)
    found = []
    for number in range(12 * days):
        at = now - timedelta(hours=2 * number, minutes=10)
        steps: list[tuple[str, str | None]] = [
            ("page_view", f"{_SITE}/?utm_x={number}"),
            ("page_view", f"{_SITE}/docs"),
        ]
        if number % 4 == 0:
            steps.append(("signup", None))
        for step, (name, page) in enumerate(steps[: 1 + number % 3 + (number % 4 == 0) * 2]):
            event = {
                "event_id": str(uuid.uuid4()),
                "event_name": name,
                "user_id": f"visitor {number % 40}",
                "session_id": f"visit {number}",
                "timestamp": (at + timedelta(seconds=40 * step)).isoformat(),
                "page_url": page,
                "referrer": _SOURCES[number % 4] if step == 0 else f"{_SITE}/",
                "browser": ("Chrome", "Firefox")[number % 2],
                "country": ("DE", "US", "CA", "BR", "IN")[number % 5],
            }
            found.append({key: value for key, value in event.items() if value is not None})
    return found


def row(page: Page, card: str, name: str) -> Any:
    """The row of a card's list."""
    listed = page.get_by_role("region", name=card, exact=True)
    return listed.get_by_role("listitem").filter(has_text=name)


def keep_picture(page: Page, name: str) -> None:
    """Save a picture where the variable PICTURES says."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_visitor_of_the_page_finds_sources_pages_and_goals(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Web page")
    headers = {"X-API-Key": project["secret_key"]}
    events = visits(5)
    for start in range(0, len(events), 50):
        answer = installation.ingest(project["public_key"], {"events": events[start : start + 50]})
        assert answer.status_code == 202, answer.text
    installation.wait_until_stored()
    page = open_project(browser, installation, project["id"], is_dark=False)
    outside: list[str] = []
    page.on("request", lambda one: outside.append(one.url))
    page.goto(f"{installation.url}/p/{project['id']}")
    page.get_by_role("link", name="Goals").click()
    page.get_by_role("button", name="New goal").first.click()
    page.get_by_label("Name").fill("Sign-up")
    page.get_by_role("combobox", name="Event").fill("signup")
    page.get_by_role("button", name="Create goal").last.click()
    goal = page.get_by_role("row").filter(has_text="Sign-up")
    expect(goal).to_contain_text(re.compile(r"[1-9]\d*%"), timeout=_WAIT_MS)
    keep_picture(page, "goals")
    assert findings_of_both_schemes(page) == []

    page.get_by_role("link", name="Web", exact=True).click()
    expect(row(page, "Sources", "google.com")).to_be_visible(timeout=_WAIT_MS)
    expect(row(page, "Sources", "Direct / none")).to_be_visible()
    assert row(page, "Sources", "reef.example").count() == 0
    api = page.request.get(
        f"{installation.url}/api/v1/analytics/{project['id']}/web/?period=30d", headers=headers
    ).json()
    figure = page.get_by_role("region", name="Visitors", exact=True)
    expect(figure).to_contain_text(str(api["totals"]["visitors"]))
    page.get_by_role("button", name="Conversions of each row: Sign-up").click()
    expect(row(page, "Sources", "Direct / none")).to_contain_text("%")
    keep_picture(page, "web")
    assert findings_of_both_schemes(page) == []
    row(page, "Pages", "/docs").get_by_role("button", name="Filter by /docs").click()
    expect(page.get_by_role("list", name="Filters")).to_contain_text("/docs")
    page.go_back()
    page.get_by_role("button", name="Details: Sources").click()
    expect(page.get_by_role("dialog", name="Sources")).to_contain_text("1–", timeout=_WAIT_MS)
    keep_picture(page, "web-details")
    assert findings_of_both_schemes(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{installation.url}/p/{project['id']}/web?places=map")
    expect(figure.get_by_text(str(api["totals"]["visitors"]))).to_be_in_viewport(timeout=_WAIT_MS)
    keep_picture(page, "web-phone")
    assert all(url.startswith((installation.url, "blob:", "data:")) for url in outside)
