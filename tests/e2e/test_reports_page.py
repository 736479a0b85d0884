"""Reports by mail in a browser: from a dashboard to its preview, paused, and left by its link."""

from __future__ import annotations

from typing import Any

import requests
from playwright.sync_api import Browser, Page, expect

from shared.reports.links import UNSUBSCRIBE_PATH, unsubscribe_token
from tests.conftest import Installation
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import accessibility_findings, findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000
_MAIL_MS = 60_000


def new_board(installation: Installation, name: str) -> tuple[dict[str, Any], int, Any]:
    """A project with a dashboard of one insight; answers the project, the board and its address."""
    project, owner = installation.new_project(name), installation.login()
    installation.ingest(project["public_key"], {"events": [{"event_name": "view"}] * 12})
    base = f"{installation.url}/api/v1/analytics/{project['id']}"
    insight = {"name": "Views", "kind": "trends", "query": {"series": [{"event": "view"}]}}
    saved = owner.post(f"{base}/saved-insights/", json=insight, timeout=10).json()["id"]
    tiles = {"items": [{"insight_id": saved, "layout": {"width": 6}}]}
    board = owner.post(f"{base}/dashboards/", json={"name": "Board", "tiles": tiles}, timeout=10)
    return project, board.json()["id"], owner


def fill_in(page: Page, *addresses: str) -> None:
    dialog = page.get_by_role("dialog", name="New report")
    dialog.get_by_text("Daily", exact=True).click()
    for address in addresses:
        dialog.get_by_role("combobox", name="Recipients").fill(address)
        page.keyboard.press("Enter")
    dialog.get_by_label("Time").fill("07:30")
    dialog.get_by_role("button", name="Create report").click()
    expect(dialog).to_be_hidden(timeout=_WAIT_MS)


def test_a_dashboard_is_sent_by_mail_as_its_preview_shows(
    browser: Browser, installation: Installation
) -> None:
    project, board, _ = new_board(installation, "Reports page")
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto(f"dashboards/{board}")
    page.get_by_role("button", name="More actions").click(timeout=_WAIT_MS)
    page.get_by_role("menuitem", name="Send by mail…").click()
    expect(page.get_by_role("dialog", name="New report")).to_be_visible(timeout=_WAIT_MS)
    keep_picture(page, "report-form")
    assert findings_of_both_schemes(page) == []
    fill_in(page, "ada@example.org", "bob@example.org")
    page.goto("reports")
    item = page.get_by_role("list", name="Reports").get_by_role("listitem")
    expect(item).to_contain_text("Board · Every day at 07:30 · 2 recipients", timeout=_WAIT_MS)
    assert findings_of_both_schemes(page) == []
    keep_picture(page, "reports")
    item.get_by_role("button", name="Preview").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Views")).to_be_visible(timeout=_MAIL_MS)
    keep_picture(page, "report-preview")
    page.keyboard.press("Escape")
    item.get_by_role("button", name="Actions of Board").click()
    page.get_by_role("menuitem", name="Pause").click()
    expect(item).to_contain_text("Paused", timeout=_WAIT_MS)
    page.set_viewport_size({"width": 390, "height": 800})
    keep_picture(page, "reports-phone")
    # Not at once: the navigation is on its way out.
    page.wait_for_function("document.documentElement.scrollWidth === 390")
    page.context.close()


def test_a_recipient_without_a_login_leaves_a_report_and_comes_back(
    browser: Browser, installation: Installation
) -> None:
    project, board, owner = new_board(installation, "Leaving a report")
    base = f"{installation.url}/api/v1/analytics/{project['id']}/reports/"
    fields = {"name": "Figures", "dashboard_id": board, "frequency": "daily", "time": "07:30"}
    made: requests.Response = owner.post(
        base, json={**fields, "recipients": ["ada@example.org"]}, timeout=10
    )
    report = made.json()["id"]
    key = installation.environment["SECRET_KEY"]
    token = unsubscribe_token(key, project["id"], report, "ada@example.org")
    page = browser.new_context(base_url=installation.url).new_page()
    page.goto(UNSUBSCRIBE_PATH + token)
    expect(page.get_by_role("heading", name="Figures")).to_be_visible()
    assert accessibility_findings(page) == []
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("status")).to_have_text("You get no more mails of this report.")
    keep_picture(page, "report-unsubscribed")

    def has_left() -> bool:
        found = owner.get(f"{base}{report}", timeout=10).json()["recipients"]
        return bool(found[0]["is_unsubscribed"])

    assert has_left()
    page.get_by_role("button", name="Subscribe again").click()
    expect(page.get_by_role("button", name="Unsubscribe")).to_be_visible()
    assert not has_left()
