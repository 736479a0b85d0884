"""The spaces of pages, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.conftest import Installation
from tests.support.owner_pages import open_project


def test_a_search_above_a_list_leaves_no_gap(browser: Browser, installation: Installation) -> None:
    project = installation.new_project("Gaps")
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("events")
    search = page.get_by_role("searchbox").bounding_box()
    listed = page.get_by_role("region", name="Stream").bounding_box()
    assert search is not None
    assert listed is not None
    assert 0 <= listed["y"] - (search["y"] + search["height"]) <= 24
    page.context.close()
