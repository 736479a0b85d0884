"""The spaces of pages, comfortable and compact, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import accessibility_findings
from tests.support.owner_pages import open_project


def test_compact_rows_are_lower_also_after_a_reload(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Density")
    installation.ingest(project["public_key"], {"event": "opened", "distinct_id": "ada"})
    installation.wait_until_stored()
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("events")
    comfortable = _height_of_row(page)
    page.get_by_role("button", name=re.compile("^Account ")).click()
    page.get_by_role("menuitemradio", name="Compact").click()
    keep_picture(page, "density-menu")
    page.reload()
    assert comfortable - _height_of_row(page) == 4
    assert accessibility_findings(page) == []

    # Fingers need the same room as before.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("web")
    expect(page.get_by_role("heading", name="Web", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


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


def _height_of_row(page: Page) -> int:
    row = page.get_by_role("region", name="Stream").get_by_role("button", name=re.compile("opened"))
    expect(row).to_be_visible(timeout=20_000)
    box = row.bounding_box()
    assert box is not None
    return round(box["height"])
