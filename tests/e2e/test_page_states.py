"""Every page while it waits, after a failure, and while it is hidden."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.e2e.test_every_page import listed, settled
from tests.support.axe import findings_of_both_schemes
from tests.support.dashboard_pages import OF_NO_PROJECT, ROUTES, Example, make_example
from tests.support.interception import PausedRequest, intercept
from tests.support.owner_pages import open_project

_PARTS = 6
"""Each test looks at every sixth page, so that none takes too long."""
_FRAME = ("/api/v1/auth/me", "/api/v1/auth/registration", "/api/v1/projects/")
"""What the frame of every page asks for; the states are those of the page inside it."""
_WAITS = ".mantine-Skeleton-root, .mantine-Loader-root, [aria-busy=true]"
_TITLE = "h1, h2, form"
_SHOWN_MS = 20_000
_STEP_MS = 3_000
_TRIES = 10
_FAILURE = json.dumps(
    {"code": "internal", "status": "Internal Server Error", "message": "The server has failed."}
)


@pytest.fixture(scope="module")
def example(installation: Installation) -> Example:
    return make_example(installation)


def pages_of(example: Example, part: int) -> list[str]:
    """Return the addresses of a part of the pages that need a login."""
    return example.addresses(tuple(one for one in ROUTES if one not in OF_NO_PROJECT))[part::_PARTS]


class Server:
    """Answer what the page inside the frame asks for: not at all, or with failures."""

    def __init__(self, page: Page) -> None:
        self.held: list[PausedRequest] = []
        self._fails = False
        intercept(page, "*/api/v1/*", self._answer)

    def hold(self) -> None:
        """Answer nothing from now on."""
        self.held, self._fails = [], False

    def fail(self) -> None:
        """Answer with failures from now on, also what is held."""
        self._fails = True
        for request in self.held:
            self._answer(request)

    def _answer(self, request: PausedRequest) -> None:
        if urlsplit(request.url).path in _FRAME:
            request.proceed()
        elif self._fails:
            request.answer(500, _FAILURE)
        else:
            self.held.append(request)


def pass_time(page: Page, milliseconds: int) -> None:
    """Have timers run that are due in this time; requests in between get a moment."""
    for _ in range(0, milliseconds, _STEP_MS):
        page.clock.run_for(_STEP_MS)
        page.wait_for_timeout(150)


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(_PARTS))
def test_a_page_says_that_it_waits_then_that_it_failed_and_is_accessible(
    browser: Browser, installation: Installation, example: Example, part: int
) -> None:
    page = open_project(browser, installation, example.project, is_dark=False)
    page.clock.install()
    server = Server(page)
    findings = {}
    # The frame around the pages is the same in each: it is looked at in one.
    within = "html"
    for address in pages_of(example, part):
        server.hold()
        page.goto(installation.url + address, wait_until="commit")
        expect(page.locator(f"#content :is({_TITLE}, {_WAITS})").first).to_be_visible(
            timeout=_SHOWN_MS
        )
        found = faults_of_waiting(page, server) + findings_of_both_schemes(page, within)
        server.fail()
        found += faults_of_failing(page) + findings_of_both_schemes(page, within)
        if found:
            findings[address] = found
        within = "#content"
    assert not findings, listed(findings)


def faults_of_waiting(page: Page, server: Server) -> list[str]:
    """Return what a page that waits for held answers does not do after nine seconds."""
    pass_time(page, 9_000)
    again = page.get_by_role("status").get_by_role("button", name="Try again")
    if again.count() == 0:
        return [f"does not say that it waits: {page.inner_text('#content')[:200]!r}"]
    before = len(server.held)
    again.click()
    page.wait_for_timeout(100)
    return [] if len(server.held) > before else ["does not ask again"]


def faults_of_failing(page: Page) -> list[str]:
    """Return what still waits on a page whose requests have failed."""
    waits = page.locator(f"#content :is({_WAITS})").locator("visible=true")
    for _ in range(_TRIES):
        pass_time(page, _STEP_MS)
        if waits.count() == 0:
            break
    html = waits.evaluate_all("all => all.map(one => one.outerHTML.slice(0, 200))")
    return [f"still waits: {one}" for one in html]


def test_the_health_page_asks_every_ten_seconds_and_not_while_it_is_hidden(
    browser: Browser, installation: Installation, example: Example
) -> None:
    page = open_project(browser, installation, example.project, is_dark=False)
    page.clock.install()
    settled(page, f"{installation.url}/p/{example.project}/health")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    for state, expected in (("visible", 6), ("hidden", 0), ("visible", 6)):
        page.evaluate(
            "state => { Object.defineProperty(document, 'visibilityState',"
            " { value: state, configurable: true });"
            " document.dispatchEvent(new Event('visibilitychange', { bubbles: true })); }",
            state,
        )
        page.wait_for_timeout(500)
        asked.clear()
        pass_time(page, 60_000)
        page.wait_for_timeout(500)
        reports = [path for path in asked if path.endswith(f"/{example.project}/health")]
        # The badge of the navigation asks for the same report once a minute; a busy machine may
        # answer so late that one of the page's is left out.
        assert expected * 0.8 <= len(reports) <= expected + (expected > 0), (state, asked)
        assert len(asked) <= 2 * expected + 3, (state, asked)
