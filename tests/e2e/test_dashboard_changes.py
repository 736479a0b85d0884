"""Dashboards in a real browser: templates, layouts, undoing, unsaved changes, several projects."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.conftest import Installation
from tests.e2e.test_web_page import keep_picture, visits
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000


@pytest.fixture(scope="module")
def projects(installation: Installation) -> list[dict[str, Any]]:
    """Two projects with visits, the second with twice as many."""
    made = [installation.new_project(f"Board {number}") for number in (1, 2)]
    for number, project in enumerate(made, 1):
        events = visits(number)
        answer = installation.ingest(project["public_key"], {"events": events})
        assert answer.status_code == 202, answer.text
    installation.wait_until_stored()
    return made


def seen(page: Page, name: str) -> None:
    """Keep a picture of a state, which axe finds nothing serious in."""
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=_WAIT_MS)
    keep_picture(page, name)
    assert findings_of_both_schemes(page) == [], name


def delete_dashboard(page: Page) -> None:
    """Delete it, and keep the time to undo it from passing: the pointer is at the notice."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete dashboard").click()
    page.get_by_role("button", name="Undo", exact=True).hover()


def test_a_dashboard_from_a_template_is_arranged_undone_and_kept(
    browser: Browser, installation: Installation, projects: list[dict[str, Any]]
) -> None:
    project = projects[0]
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("dashboards")
    page.get_by_role("button", name="Start from a template").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Somebody signs up")).to_have_value("signup")
    seen(page, "template")
    dialog.get_by_label("Name").fill("Site page")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1, name="Site page")).to_be_visible()
    expect(page.get_by_role("region", name="Page views")).to_be_visible()
    seen(page, "board")

    page.keyboard.press("e")
    page.get_by_role("button", name="Move later: Website").click()
    seen(page, "board-layout")
    page.get_by_role("link", name="Goals").click()
    expect(page.get_by_role("dialog", name="Leave without saving?")).to_be_visible()
    seen(page, "board-leaving")
    page.get_by_role("button", name="Stay").click()
    address = page.url
    page.evaluate("history.back()")
    expect(page.get_by_role("dialog", name="Leave without saving?")).to_be_visible()
    assert page.url == address
    page.get_by_role("button", name="Stay").click()
    asked: list[str] = []

    def stay(question: Dialog) -> None:
        asked.append(question.type)
        question.dismiss()

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    expect(page.get_by_role("button", name="Save layout")).to_be_visible()
    assert asked == ["beforeunload"]
    page.evaluate("history.back()")
    page.get_by_role("button", name="Leave without saving").click()
    expect(page).to_have_url(re.compile("/dashboards$"))
    page.go_forward()
    page.get_by_role("button", name="Edit layout").click()
    page.get_by_role("button", name="Move later: Website").click()
    page.get_by_role("button", name="Save layout").click()
    expect(page.get_by_role("button", name="Edit layout")).to_be_visible()

    delete_dashboard(page)
    expect(page.get_by_text("Dashboard “Site page” deleted")).to_be_visible()
    expect(page.get_by_role("link", name="Site page")).to_have_count(0)
    seen(page, "board-undo")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("link", name="Site page")).to_be_visible()
    page.context.close()


def test_a_deletion_is_sent_when_the_tab_is_closed(
    browser: Browser, installation: Installation, projects: list[dict[str, Any]]
) -> None:
    project = projects[1]
    owner = installation.login()
    dashboards = f"{installation.url}/api/v1/analytics/{project['id']}/dashboards/"
    made = owner.post(dashboards, json={"name": "Closed"}, timeout=10).json()
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto(f"dashboards/{made['id']}")
    delete_dashboard(page)
    assert owner.get(f"{dashboards}{made['id']}", timeout=10).status_code == 200
    other = page.context.new_page()
    page.close(run_before_unload=True)
    for _ in range(50):
        if owner.get(f"{dashboards}{made['id']}", timeout=10).status_code == 404:
            break
        other.wait_for_timeout(100)
    assert owner.get(f"{dashboards}{made['id']}", timeout=10).status_code == 404
    page.context.close()


def test_a_tile_asks_several_projects_and_names_the_one_that_a_viewer_may_not_see(
    browser: Browser, installation: Installation, projects: list[dict[str, Any]]
) -> None:
    first, second = (project["id"] for project in projects)
    board = _dashboard_of(installation.login(), installation, first)
    page = open_project(browser, installation, first, is_dark=False)
    page.goto(f"dashboards/{board}")
    page.get_by_role("button", name="Actions of Views").click()
    page.get_by_role("menuitem", name="Projects").click()
    page.get_by_role("checkbox", name="Board 2").check()
    seen(page, "projects-dialog")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    tile = page.get_by_role("region", name="Views")
    expect(tile.get_by_role("columnheader", name="Board 2")).to_be_visible()
    seen(page, "projects-tile")

    email = f"viewer-{first}@example.org"
    viewer = installation.new_user(email, project_id=first)
    page.context.clear_cookies()
    page.context.add_cookies(
        [
            {"name": one.name, "value": one.value or "", "url": installation.url}
            for one in viewer.cookies
        ]
    )
    page.reload()
    expect(tile.get_by_text(f"Project {second}: you are not a member of it")).to_be_visible()
    expect(tile.get_by_role("columnheader", name="Board 2")).to_have_count(0)
    seen(page, "projects-missing")
    page.context.close()


def _dashboard_of(owner: requests.Session, installation: Installation, project_id: int) -> int:
    """A dashboard with one insight."""
    api = f"{installation.url}/api/v1/analytics/{project_id}"
    query = {"period": "30d", "series": [{"event": "page_view"}]}
    saved = owner.post(
        f"{api}/saved-insights/",
        json={"name": "Views", "kind": "trends", "query": query},
        timeout=10,
    ).json()
    dashboard = owner.post(
        f"{api}/dashboards/",
        json={"name": "Both", "tiles": {"items": [{"insight_id": saved["id"]}]}},
        timeout=10,
    ).json()
    found: int = dashboard["id"]
    return found
