"""Axe on the pages that people open every day, in both schemes, with events and without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.e2e.test_web_page import keep_picture, visits
from tests.support.axe import accessibility_findings
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000
_STEPS = '{"steps":[{"event":"page_view"},{"event":"signup"}]}'
_PAGES = {
    "home": "",
    "live": "live",
    "people": "people",
    "library": "explore/library",
    "trends": "explore/trends",
    "funnel": f"explore/funnel?q={_STEPS}",
    "retention": "explore/retention",
    "paths": "explore/paths",
    "lifecycle": "explore/lifecycle",
    "stickiness": "explore/stickiness",
    "dashboards": "dashboards",
}


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A project with visits of three days."""
    made = installation.new_project("Read by everybody")
    events = visits(3)
    for start in range(0, len(events), 50):
        answer = installation.ingest(made["public_key"], {"events": events[start : start + 50]})
        assert answer.status_code == 202, answer.text
    installation.wait_until_stored()
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_pages_with_figures_and_without(
    browser: Browser, installation: Installation, project: dict[str, Any], scheme: str
) -> None:
    empty = installation.new_project(f"Without events {scheme}")
    findings = {}
    for state, shown in (("filled", project), ("empty", empty)):
        page = open_project(browser, installation, shown["id"], is_dark=scheme == "dark")
        for name, path in _PAGES.items():
            settled(page, f"{installation.url}/p/{shown['id']}/{path}")
            keep_picture(page, f"{name}-{state}-{scheme}")
            if found := accessibility_findings(page):
                findings[f"{name}, {state}"] = found
    assert findings == {}


def settled(page: Page, address: str) -> None:
    """Open a page and wait until its requests are answered and no skeleton is left."""
    page.goto(address, wait_until="networkidle")
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=_WAIT_MS)
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=_WAIT_MS)
