"""The dialog that shares a dashboard, and what its readers may choose, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import Installation
from tests.e2e.test_shared_links import PASSWORD, Board
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import accessibility_findings, findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000


@pytest.fixture(scope="module")
def board(installation: Installation) -> Board:
    board = Board(installation)
    board.segment("opened")
    board.segment("closed")
    return board


def _open_dialog(browser: Browser, installation: Installation, board: Board) -> Page:
    page = open_project(browser, installation, board.project_id, is_dark=False)
    page.goto(f"dashboards/{board.key}")
    page.get_by_role("button", name="Share", exact=True).click(timeout=_WAIT_MS)
    return page


def _fill(dialog: Locator, page: Page) -> None:
    """Choose everything that a link can have."""
    dialog.get_by_role("combobox", name="The link works").click()
    page.get_by_role("option", name="For 7 days").click()
    dialog.get_by_label("No day before").fill("2026-03-01")
    dialog.get_by_role("combobox", name="Segments").click()
    page.get_by_role("option", name="Only closed").click()
    page.keyboard.press("Escape")
    dialog.get_by_role("combobox", name="Sites that may embed it").fill("https://reef.example")
    page.keyboard.press("Enter")


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    board: Board, browser: Browser, installation: Installation
) -> None:
    page = _open_dialog(browser, installation, board)
    dialog = page.get_by_role("dialog", name="Public link")
    keep_picture(page, "share-empty")
    password = dialog.get_by_label("Password (optional)", exact=True)
    password.fill("aaaaaaaaaa")
    sites = dialog.get_by_role("combobox", name="Sites that may embed it")
    sites.fill("reef.example/page")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name=re.compile("(Create|Replace) link")).click()
    expect(dialog.get_by_role("alert")).to_contain_text("The link was not created")
    expect(sites).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_text(re.compile("^Entry 1: "))).to_be_visible()
    keep_picture(page, "share-wrong-site")
    assert findings_of_both_schemes(page) == []

    page.keyboard.press("Backspace")
    sites.fill("https://reef.example")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name=re.compile("(Create|Replace) link")).click()
    expect(password).to_have_attribute("aria-invalid", "true", timeout=_WAIT_MS)
    expect(password).to_be_focused()
    expect(password).to_have_value("aaaaaaaaaa")
    keep_picture(page, "share-wrong-password")
    assert findings_of_both_schemes(page) == []
    page.context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_reader_chooses_dates_and_a_segment_as_far_as_the_dialog_allowed(
    board: Board, browser: Browser, installation: Installation, width: int
) -> None:
    page = _open_dialog(browser, installation, board)
    page.set_viewport_size({"width": width, "height": 900})
    dialog = page.get_by_role("dialog", name="Public link")
    _fill(dialog, page)
    dialog.get_by_label("Password (optional)", exact=True).fill(PASSWORD)
    keep_picture(page, f"share-filled-{width}")
    dialog.get_by_role("button", name=re.compile("(Create|Replace) link")).click()
    link = dialog.get_by_text(re.compile(r"/shared/\d+-")).first
    address = link.inner_text(timeout=_WAIT_MS)
    expect(dialog.get_by_text(re.compile("<iframe "))).to_be_visible()
    keep_picture(page, f"share-created-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    options: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "bypass_csp": True}
    reader = browser.new_context(**options).new_page()
    reader.goto(address)
    reader.get_by_label("Password", exact=True).fill(PASSWORD)
    reader.keyboard.press("Enter")
    tile = reader.get_by_role("region", name="Ships")
    expect(tile).to_contain_text("1", timeout=_WAIT_MS)
    expect(reader.get_by_text("shows no day before 2026-03-01")).to_be_visible()
    reader.get_by_role("combobox", name="Segment").click()
    expect(reader.get_by_role("option")).to_have_text(["Everyone", "Only closed"])
    with reader.expect_response(re.compile(r"/insights/\d+\?.*segment=\d+")) as answer:
        reader.get_by_role("option", name="Only closed").click()
    assert answer.value.json()["series"][0]["total"] == 0
    keep_picture(reader, f"shared-segment-{width}")
    assert accessibility_findings(reader) == []
    assert reader.evaluate("document.documentElement.scrollWidth") <= width
    # The choice is in the address: a reload and Back keep and undo it.
    reader.reload()
    expect(reader.get_by_role("combobox", name="Segment")).to_have_value(
        "Only closed", timeout=_WAIT_MS
    )
    reader.go_back()
    expect(reader.get_by_role("combobox", name="Segment")).to_have_value(
        "Everyone", timeout=_WAIT_MS
    )
    reader.context.close()
    page.context.close()
