"""Every page of the dashboard: accessible in both schemes, and fitting at every width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Installation
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import findings_of_both_schemes, target_findings
from tests.support.dashboard_pages import (
    OF_NO_PROJECT,
    ROUTES,
    Example,
    declared_routes,
    make_example,
    project_routes,
)
from tests.support.hostile_example import make_hostile_example
from tests.support.owner_pages import open_project
from tests.support.page_widths import PHONE, WIDTHS, unfit
from tests.support.text_order import reordered

_WAIT_MS = 20_000
_LOADING = ".mantine-Skeleton-root, [aria-busy=true]"
_SETTLED = f"""() => document.querySelector("h1, h2, form, [role=alert]") !== null
    && document.querySelector("{_LOADING}") === null && document.fonts.status === 'loaded'"""
_SECTIONS = "links => links.map(link => new URL(link.href).pathname.replace(/\\/$/, ''))"
_HEIGHT = 900
_BEHIND = re.compile("^Data is 14 s behind$")
_BEHIND_IN_ANSWERS = r"""
    const ask = window.fetch;
    window.fetch = async (...request) => {
        const answer = await ask(...request);
        if (!/\/api\/v1\/(health\/$|analytics\/\d+\/live(\?|$))/.test(answer.url)) return answer;
        const body = await answer.json();
        (body.storing ??= { problems: {} }).seconds_behind = 14.4;
        (body.stream ??= {}).oldest_seconds = 14.4;
        return new Response(JSON.stringify(body), answer);
    };"""
_PARTS = 6
"""Each test looks at every sixth page, so that none takes too long."""


@pytest.fixture(scope="module")
def example(installation: Installation) -> Example:
    return make_example(installation)


@pytest.fixture(scope="module")
def hostile(installation: Installation) -> Example:
    return make_hostile_example(installation)


@pytest.fixture(scope="module")
def empty(installation: Installation) -> Example:
    return Example(installation.new_project("Nothing yet")["id"], {})


def name_of(address: str) -> str:
    """A name for the picture of an address."""
    return address.strip("/").replace("/", "-").split("?")[0] or "root"


def settled(page: Page, address: str) -> None:
    """Open a page and wait until nothing of it is loading."""
    page.goto(address, wait_until="load")
    is_settled(page)


def is_settled(page: Page) -> None:
    """Wait until nothing of a page is loading."""
    page.wait_for_function(_SETTLED, timeout=_WAIT_MS)


def say_behind(page: Page) -> None:
    """Have the server say that storing is behind, in every answer that has that."""
    page.add_init_script(_BEHIND_IN_ANSWERS)


def listed(findings: dict[str, list[str]]) -> str:
    return "\n".join(f"{address}: {one}" for address, found in findings.items() for one in found)


def test_no_route_is_forgotten() -> None:
    assert declared_routes() == set(ROUTES)


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(_PARTS))
def test_pages_are_accessible_fit_at_every_width_and_link_to_no_forgotten_section(
    browser: Browser, installation: Installation, hostile: Example, part: int
) -> None:
    """Whatever texts there are, and while storing is behind, which every page says.

    Names that are written from right to left, or override the direction, order only themselves.
    """
    example = hostile
    page = open_project(browser, installation, example.project, is_dark=False)
    say_behind(page)
    findings: dict[str, list[str]] = {}
    addresses = example.addresses(tuple(one for one in ROUTES if one not in OF_NO_PROJECT))
    known = {address.split("?")[0].rstrip("/") for address in addresses}
    for address in addresses[part::_PARTS]:
        page.set_viewport_size({"width": 1280, "height": _HEIGHT})
        settled(page, installation.url + address)
        found = findings_of_both_schemes(page)
        found += [] if page.get_by_text(_BEHIND).count() else ["does not say that it is behind"]
        found += reordered(page)
        linked = set(page.locator("nav a").evaluate_all(_SECTIONS))
        found += [f"forgotten: {one}" for one in linked - known if f"/{example.project}/" in one]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            found += [f"{width} px: {one}" for one in unfit(page)]
            found += target_findings(page) if width == PHONE else []
            keep_picture(page, f"{name_of(address)}-{width}")
        if found:
            findings[address] = found
    assert not findings, listed(findings)


def test_pages_without_a_login_are_accessible_and_fit(
    browser: Browser, installation: Installation, example: Example
) -> None:
    page = browser.new_page(bypass_csp=True, reduced_motion="reduce")
    findings: dict[str, list[str]] = {}
    for address in example.addresses(OF_NO_PROJECT):
        page.set_viewport_size({"width": 1280, "height": _HEIGHT})
        settled(page, installation.url + address)
        found = findings_of_both_schemes(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            found += [f"{width} px: {one}" for one in unfit(page)]
            found += target_findings(page) if width == PHONE else []
        if found:
            findings[address] = found
    assert not findings, listed(findings)


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(_PARTS))
def test_pages_without_events_are_accessible(
    browser: Browser, installation: Installation, empty: Example, part: int
) -> None:
    page = open_project(browser, installation, empty.project, is_dark=False)
    findings: dict[str, list[str]] = {}
    for address in empty.addresses(project_routes())[part::_PARTS]:
        settled(page, installation.url + address)
        # Without the frame, at which the test of all pages looks.
        if found := findings_of_both_schemes(page, "#content"):
            findings[address] = found
    assert not findings, listed(findings)
