"""Every page of the dashboard: accessible in both schemes, and fitting at every width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Installation
from tests.support.axe import accessibility_findings, contrast_findings
from tests.support.dashboard_pages import (
    OF_NO_PROJECT,
    ROUTES,
    Example,
    declared_routes,
    make_example,
    project_routes,
)
from tests.support.owner_pages import open_project
from tests.support.page_widths import WIDTHS, unfit

_WAIT_MS = 20_000
_LOADING = ".mantine-Skeleton-root, [aria-busy=true]"
_SETTLED = f"""() => document.querySelector("h1, h2, form, [role=alert]") !== null
    && document.querySelector("{_LOADING}") === null && document.fonts.status === 'loaded'"""
_HEIGHT = 900
_PARTS = 6
"""Each test looks at every sixth page, so that none takes too long."""


@pytest.fixture(scope="module")
def example(installation: Installation) -> Example:
    return make_example(installation)


@pytest.fixture(scope="module")
def empty(installation: Installation) -> Example:
    return Example(installation.new_project("Nothing yet")["id"], {})


def settled(page: Page, address: str) -> None:
    """Open a page and wait until nothing of it is loading."""
    page.goto(address, wait_until="load")
    is_settled(page)


def is_settled(page: Page) -> None:
    """Wait until nothing of a page is loading."""
    page.wait_for_function(_SETTLED, timeout=_WAIT_MS)


def findings_of_both_schemes(page: Page) -> list[str]:
    """What axe finds in the light scheme, and what is hard to read in the dark one."""
    found = accessibility_findings(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(50)
    found += [f"dark, {one}" for one in contrast_findings(page)]
    page.emulate_media(color_scheme="light")
    return found


def _listed(findings: dict[str, list[str]]) -> str:
    return "\n".join(f"{address}: {one}" for address, found in findings.items() for one in found)


def test_no_route_is_forgotten() -> None:
    assert declared_routes() == set(ROUTES)


def test_pages_without_a_login_are_accessible_and_fit(
    browser: Browser, installation: Installation, example: Example
) -> None:
    page = browser.new_page(bypass_csp=True)
    findings: dict[str, list[str]] = {}
    for address in example.addresses(OF_NO_PROJECT):
        page.set_viewport_size({"width": 1280, "height": _HEIGHT})
        settled(page, installation.url + address)
        found = findings_of_both_schemes(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            found += [f"{width} px: {one}" for one in unfit(page)]
        if found:
            findings[address] = found
    assert not findings, _listed(findings)


@pytest.mark.parametrize("part", range(_PARTS))
def test_pages_without_events_are_accessible(
    browser: Browser, installation: Installation, empty: Example, part: int
) -> None:
    page = open_project(browser, installation, empty.project, is_dark=False)
    findings: dict[str, list[str]] = {}
    for address in empty.addresses(project_routes())[part::_PARTS]:
        settled(page, installation.url + address)
        if found := findings_of_both_schemes(page):
            findings[address] = found
    assert not findings, _listed(findings)
