"""Pages on a phone: the main figure is in the first screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import Installation
from tests.e2e.test_every_page import settled
from tests.support.dashboard_pages import Example, make_example
from tests.support.owner_pages import open_project

_PHONE = {"width": 390, "height": 844}
_STEPS = '{"steps":[{"event":"page_view"},{"event":"signup"}]}'
_MAIN: dict[str, Callable[[Page], Locator]] = {
    "": lambda page: page.get_by_role("region", name="Users", exact=True),
    "/live": lambda page: page.get_by_role("region", name="Users now"),
    "/web": lambda page: page.get_by_role("region", name="Visitors", exact=True),
    "/explore/trends": lambda page: page.get_by_role("img", name=re.compile("^Over time")),
    f"/explore/funnel?q={_STEPS}": lambda page: page.get_by_role("heading", name="completed the"),
    "/explore/retention": lambda page: page.locator("#content [role=img]"),
    "/goals": lambda page: page.get_by_role("row", name="Sign-up"),
    "/flags": lambda page: page.get_by_role("row", name="new-checkout"),
    "/people": lambda page: page.get_by_role("table").get_by_role("link"),
    "/events": lambda page: page.get_by_role("button", name="page_view"),
    "/health": lambda page: page.get_by_text(re.compile("received")),
}  # fmt: skip


@pytest.fixture(scope="module")
def example(installation: Installation) -> Example:
    return make_example(installation)


def test_the_main_figure_is_in_the_first_screen_of_a_phone(
    browser: Browser, installation: Installation, example: Example
) -> None:
    page = open_project(browser, installation, example.project, is_dark=False)
    page.set_viewport_size(_PHONE)  # type: ignore[arg-type]
    for path, main in _MAIN.items():
        settled(page, f"{installation.url}/p/{example.project}{path}")
        expect(main(page).first, path).to_be_in_viewport(ratio=0.2, timeout=10_000)
        for width in (_PHONE["width"], 360):
            page.set_viewport_size({"width": width, "height": _PHONE["height"]})
            assert _cut_controls(page, width) == [], f"{path} at {width} px"
            whole = page.evaluate("document.documentElement.scrollWidth")
            assert whole <= width, f"{path} is {whole} px wide at {width} px"
        page.set_viewport_size(_PHONE)  # type: ignore[arg-type]


def _cut_controls(page: Page, width: int) -> list[str]:
    """Return the texts of the controls above a report that a screen of this width cuts."""
    controls = page.get_by_role("toolbar", name="Filters and dates").locator("button, a").all()
    return [control.inner_text() for control in controls if not _is_between(control, width)]


def _is_between(control: Locator, width: int) -> bool:
    box = control.bounding_box()
    return box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width)
