"""While an answer is held back, no page shows figures of other dates as its own."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.conftest import Installation
from tests.support.owner_pages import open_project

_VIEWS = 137
_WAIT_MS = 20_000
_CURRENT = f"""() => [...document.querySelectorAll("main *")].filter((one) =>
    one.children.length === 0 && one.textContent.trim() === "{_VIEWS}"
    && one.checkVisibility() && !one.closest("[data-outdated=true]")).length"""


@pytest.fixture(scope="module")
def pages(installation: Installation) -> dict[str, Any]:
    """A project with 137 page views, and the addresses of reports that say so."""
    project = installation.new_project("Held back")
    view = {"event": "page_view", "distinct_id": "ada", "page_url": "https://reef.example/"}
    for count in (50, 50, _VIEWS - 100):
        assert installation.ingest(project["public_key"], {"events": [view] * count}).ok
    installation.wait_until_stored()
    owner, base = installation.login(), f"{installation.url}/api/v1/analytics/{project['id']}"
    query = {"series": [{"event": "page_view"}]}
    saved = {"name": "Views", "kind": "trends", "query": query, "view": {"chart": "number"}}
    insight = owner.post(f"{base}/saved-insights/", json=saved, timeout=30).json()["id"]
    board = {"name": "Board", "tiles": {"items": [{"insight_id": insight}]}}
    key = owner.post(f"{base}/dashboards/", json=board, timeout=30).json()["id"]
    return {
        "id": project["id"],
        "home": "?period=7d",
        "web": "/web?period=7d",
        "explore": '/explore/trends?period=7d&chart=number&q={"series":[{"event":"page_view"}]}',
        "board": f"/dashboards/{key}?period=7d",
    }


@pytest.mark.parametrize("name", ["home", "web", "explore", "board"])
def test_figures_of_before_are_dimmed_or_gone_while_an_answer_is_held(
    browser: Browser, installation: Installation, pages: dict[str, Any], name: str
) -> None:
    page = open_project(browser, installation, pages["id"], is_dark=False)
    page.goto(f"{installation.url}/p/{pages['id']}{pages[name]}", wait_until="networkidle")
    page.wait_for_function(f"({_CURRENT})() > 0", timeout=_WAIT_MS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/analytics/**", hold)
    page.get_by_role("button", name="Dates").first.click()
    page.get_by_role("button", name="90 days").click()
    expect(page.get_by_role("button", name="Dates").first).to_contain_text("90 days")
    for _ in range(30):
        assert page.evaluate(_CURRENT) == 0
        page.wait_for_timeout(100)
    assert held
    while held:
        held.pop().continue_()
    page.unroute("**/api/v1/analytics/**", hold)
    page.wait_for_function(f"({_CURRENT})() > 0", timeout=_WAIT_MS)
