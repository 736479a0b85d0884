"""While answers are held back, no page shows figures of other dates as its own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.e2e.test_every_page import is_settled, settled
from tests.support.dashboard_pages import Example, make_example, project_routes
from tests.support.interception import PausedRequest, intercept
from tests.support.owner_pages import open_project

_PARTS = 3
_LOOKS_MS = (300, 700, 1_500)
"""When to look, each after the one before: dimmed at first, figures are gone after two seconds."""
_MIN_PAGES = 12
# Numbers that stand alone, with their units, in what is not marked as being of other dates.
_FIGURES = r"""() => [...document.querySelectorAll("#content *")].filter((one) =>
    one.children.length === 0
    && /^[−+]?\d[\d.,]*( ?%| ?s| min| h|K|M)?$/.test(one.textContent.trim())
    && one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !one.closest("[data-outdated=true], [role=toolbar], nav, [aria-hidden=true]"))
    .map((one) => one.textContent.trim())"""


@pytest.fixture(scope="module")
def example(installation: Installation) -> Example:
    """A project whose figures of the last day are others than those of the last week."""
    return make_example(installation)


def figures(page: Page) -> set[str]:
    """The figures that a page shows as those of its dates."""
    return set(page.evaluate(_FIGURES))


def figures_of_other_dates(page: Page) -> set[str]:
    """Choose other dates while answers are held, and return the figures that are not of these."""
    before, held = figures(page), list[PausedRequest]()
    stop = intercept(page, "*/api/v1/analytics/*", held.append)
    choose_a_week(page)
    meanwhile: set[str] = set()
    for moment in _LOOKS_MS:
        page.wait_for_timeout(moment)
        meanwhile |= figures(page)
    assert held, "the page asked for nothing"
    while held:
        held.pop().proceed()
    stop()
    page.wait_for_timeout(500)
    is_settled(page)
    return (meanwhile & before) - figures(page)


def choose_a_week(page: Page) -> None:
    """Choose the last seven days, as the page offers them."""
    dates = page.get_by_role("button", name=re.compile("^Dates"))
    if dates.count():
        dates.first.click()
        page.get_by_role("dialog").get_by_role("button", name="Last 7 days").click()
        expect(dates.first).to_contain_text("7 days")
    else:
        page.locator("label", has_text="7 days").click()


def has_dates(page: Page) -> bool:
    """Whether the dates of a page can be chosen."""
    dates = page.get_by_role("button", name=re.compile("^Dates"))
    return dates.or_(page.get_by_role("radiogroup", name="Period")).count() > 0


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(_PARTS))
def test_no_figure_is_shown_under_dates_that_are_not_its_own(
    browser: Browser, installation: Installation, example: Example, part: int
) -> None:
    page = open_project(browser, installation, example.project, is_dark=False)
    wrong, seen = {}, 0
    for address in example.addresses(project_routes())[part::_PARTS]:
        joined = f"{address}{'&' if '?' in address else '?'}period=24h"
        settled(page, installation.url + joined)
        if has_dates(page) and figures(page):
            seen += 1
            if found := figures_of_other_dates(page):
                wrong[address] = found
    assert wrong == {}
    assert seen >= _MIN_PAGES / _PARTS
