"""Segments in a browser: filters that are saved on one page and used on another."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000


def test_filters_are_saved_as_a_segment_and_used_on_another_page(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Segments page")
    events = [
        {"event_id": str(uuid.uuid4()), "event_name": "page_view", "user_id": f"visitor {number}",
         "session_id": f"visit {number}", "browser": "Firefox" if number < 3 else "Chrome",
         "page_url": "https://reef.example/"}
        for number in range(10)
    ]  # fmt: skip
    assert installation.ingest(project["public_key"], {"events": events}).status_code == 202
    installation.wait_until_stored()
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("web")
    page.get_by_role("button", name="Filter by Firefox").click(timeout=_WAIT_MS)
    page.get_by_role("button", name="Segments", exact=True).click()
    saving = page.get_by_role("dialog")
    saving.get_by_label("Name").fill("Firefox visits")
    assert findings_of_both_schemes(page) == []
    saving.get_by_role("button", name="Save as segment").click()
    page.wait_for_url(re.compile(r"segment=\d+"))
    segment = page.url.partition("segment=")[2].partition("&")[0]
    visitors = page.get_by_role("region", name="Visitors", exact=True)
    expect(visitors.get_by_text("3", exact=True)).to_be_visible(timeout=_WAIT_MS)

    page.goto(f"{installation.url}/p/{project['id']}?segment={segment}")
    users = page.get_by_role("region", name="Users", exact=True)
    expect(users.get_by_text("3", exact=True)).to_be_visible(timeout=_WAIT_MS)
    expect(page.get_by_text("Segment: Firefox visits")).to_be_visible()
    assert findings_of_both_schemes(page) == []
