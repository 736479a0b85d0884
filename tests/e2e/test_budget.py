"""How much the dashboard loads, in a real browser through the gateway."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.conftest import PASSWORD, Installation
from tests.e2e.test_accounts import a_person, log_in
from tests.e2e.test_loading import owner, send_event
from tests.support.owner_pages import open_project

KB = 1_000
REPORT_KB = 350
"""From the sign-in page to the figures of Home: files, fonts and answers with their headers."""
CHARTS_KB = 600
"""Of the files that the first chart of Explore loads, without fonts. ECharts has 200 kB of them."""
REPORT_FILES = 12
REPORT_ANSWERS = 12
REQUESTS_A_MINUTE = 13
"""Of an open page: at most twelve for what happens now, and one for its figures."""
HOME_REQUESTS = 20
"""Of Home in a browser that has loaded nothing before: files, the font and answers."""
FONT = ".woff2"
COLOUR = "element => getComputedStyle(element).color"


@dataclass
class Traffic:
    """What a page has loaded over the network, in bytes as they were sent, with headers."""

    sizes: dict[str, int] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, int]:
        """Scripts, styles and pages, without fonts."""
        return {
            url: self.sizes.get(key, 0)
            for key, url in self.urls.items()
            if "/api/" not in url and not url.endswith(FONT)
        }

    def answers(self) -> list[str]:
        """What was asked of the API."""
        return [url for url in self.urls.values() if "/api/" in url]

    def total(self) -> int:
        return sum(self.files().values())


def record(page: Page) -> Traffic:
    """Record what the page loads from now on."""
    traffic = Traffic()
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def began(event: dict[str, object]) -> None:
        request = event["request"]
        assert isinstance(request, dict)
        traffic.urls[str(event["requestId"])] = str(request["url"])

    def ended(event: dict[str, object]) -> None:
        traffic.sizes[str(event["requestId"])] = int(float(str(event["encodedDataLength"])))

    session.on("Network.requestWillBeSent", began)
    session.on("Network.loadingFinished", ended)
    return traffic


def test_the_sign_in_page_and_the_first_chart_are_light(
    browser: Browser, installation: Installation
) -> None:
    send_event(installation)
    context, page = a_person(browser, installation)
    traffic = record(page)
    page.goto(f"{installation.url}/login", wait_until="networkidle")
    assert 50 * KB < traffic.total() <= 150 * KB, traffic.files()
    assert len(traffic.files()) <= 8, traffic.files()
    # What is there before the script runs must not colour the pages.
    colour = page.get_by_role("heading", name="Tidemark").evaluate(COLOUR)
    assert colour == "rgb(18, 36, 43)"
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{installation.project_id}/explore/trends")
    expect(page.get_by_role("img", name="Over time")).to_be_visible()
    # What the sign-in page has loaded is in the browser's cache.
    assert traffic.total() <= CHARTS_KB * KB, traffic.files()
    scripts = [url for url in traffic.files() if url.endswith((".js", ".css"))]
    assert len(set(scripts)) <= 26, scripts
    context.close()


def test_the_first_report_is_light(browser: Browser, installation: Installation) -> None:
    """Of a person with one project: other tests leave hundreds of projects and strange names."""
    project = installation.new_project(f"First report {uuid.uuid4()}")
    email = f"{uuid.uuid4()}@example.com"
    installation.new_user(email, project_id=project["id"])
    event = {"event_name": "loaded", "distinct_id": "ann"}
    installation.ingest(project["public_key"], event).raise_for_status()
    installation.wait_until_stored()
    context, page = a_person(browser, installation)
    traffic = record(page)
    # Who is not signed in is asked to, and then led to the page.
    page.goto(f"{installation.url}/p/{project['id']}")
    page.wait_for_url("**/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    before = traffic.answers()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("img", name="Users over time")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not [url for url in traffic.files() if "echarts" in url]
    assert len(traffic.files()) <= REPORT_FILES, traffic.files()
    assert len(traffic.answers()) - len(before) <= REPORT_ANSWERS, traffic.answers()
    assert 200 * KB < sum(traffic.sizes.values()) <= REPORT_KB * KB, traffic.sizes
    context.close()


def test_home_takes_few_requests(browser: Browser, installation: Installation) -> None:
    send_event(installation)
    installation.wait_until_stored()
    context, page = a_person(browser, installation)
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    signed_in = browser.new_context(storage_state=context.storage_state())
    page = signed_in.new_page()
    traffic = record(page)
    page.goto(f"{installation.url}/p/{installation.project_id}")
    expect(page.get_by_role("img", name="Users over time")).to_be_visible()
    page.wait_for_load_state("networkidle")
    # Each address once: what happens now is asked for again every few seconds.
    requested = {*traffic.urls.values()}
    assert len(traffic.answers()) >= 9, traffic.answers()
    assert len(requested) <= HOME_REQUESTS, "\n".join(sorted(requested))
    signed_in.close()
    context.close()


@pytest.mark.parametrize("path", ["", "/live", "/web", "/explore/trends"])
def test_an_open_page_asks_seldom(browser: Browser, installation: Installation, path: str) -> None:
    """A minute of a page that nobody touches; its clock runs as fast as the answers come."""
    send_event(installation)
    installation.wait_until_stored()
    page = open_project(browser, installation, installation.project_id, is_dark=False)
    page.clock.install()
    page.goto(f"{installation.url}/p/{installation.project_id}{path}")
    page.clock.run_for(2_000)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/api/" in one.url else None)
    for _ in range(60):
        page.clock.run_for(1_000)
        page.wait_for_timeout(50)
    assert 1 <= len(asked) <= REQUESTS_A_MINUTE, asked
