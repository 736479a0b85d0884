"""Ordered funnels over events of real SDKs, whose requests are slow, repeated or lost at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.clients.conftest import stored_events
from tests.conftest import Installation
from tests.support.failing_network import Fault, Network, failing_network
from tests.support.sdk_pages import running_site
from tests.support.sdk_processes import ORDERED, Sdk

_STEPS = [f"step {number}" for number in range(8)]
_FAULTS = [Fault.HELD, Fault.REPEATED, Fault.CUT, None, None]
_CAPTURE = """async (use) => {
    for (let step = 0; step < 8; step += 1) {
        if (use === "analytics") void analytics.track(`step ${step}`);
        else posthog.capture(`step ${step}`, {}, { send_instantly: true });
        await new Promise((done) => setTimeout(done, 200));
    }
}"""
_START_POSTHOG = """async ([key, host]) => {
    const { posthog } = await import("/posthog.mjs");
    window.posthog = posthog;
    await new Promise((loaded) => posthog.init(key, {
        api_host: host, loaded, opt_out_useragent_filter: true, capture_pageview: false,
        autocapture: false, capture_pageleave: false, advanced_disable_flags: true,
    }));
}"""
_START_LITE = """async ([key, host]) => {
    const { PostHog } = await import("/modules/posthog-js-lite/dist/index.mjs");
    window.posthog = new PostHog(key, { host, flushAt: 1, captureHistoryEvents: false });
}"""
_START_SEGMENT = """([writeKey, url, host]) => {
    window.analytics = AnalyticsNext.AnalyticsBrowser.load(
        { writeKey, cdnURL: url },
        { integrations: { "Segment.io": { apiHost: `${host}/v1`, protocol: "http" } } },
    );
    return analytics.ready();
}"""
_IMPORTS = """{"imports": {"@posthog/core": "/modules/@posthog/core/dist/index.mjs"}}"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with running_site() as origin:
        yield origin


def faults_of(name: str) -> list[Fault]:
    """Return what happens to the requests of a schedule: the first is always slow."""
    chosen = random.Random(f"order of {name}").choices(_FAULTS, k=7)
    return [Fault.HELD, *(fault for fault in chosen if fault is not None)]


def start(page: Page, site: str, sdk: str, key: str, network: Network) -> None:
    """Open a page with an SDK."""
    page.goto(f"{site}/shop")
    if sdk == "analytics-next":
        page.add_script_tag(url=f"{site}/segment/index.js")
        page.evaluate(_START_SEGMENT, [key, network.url, urlsplit(network.url).netloc])
        return
    page.add_script_tag(content=_IMPORTS, type="importmap")
    page.evaluate(_START_LITE if sdk == "posthog-js-lite" else _START_POSTHOG, [key, network.url])


def wait_until_sent(installation: Installation, project_id: int, page: Page) -> None:
    """Return once every step is stored; the SDKs try again after seconds."""
    deadline = datetime.now(timezone.utc) + timedelta(seconds=60)
    while len(stored_events(installation, project_id)) < len(_STEPS):
        assert datetime.now(timezone.utc) < deadline
        page.wait_for_timeout(500)


def assert_in_order(installation: Installation, project: dict[str, str | int]) -> None:
    """Check the stored times, and the ordered funnel over all steps."""
    rows = stored_events(installation, int(project["id"]))
    assert [row.event_name for row in rows] == _STEPS
    gaps = [(later.timestamp - row.timestamp).total_seconds() for row, later in pairwise(rows)]
    assert min(gaps) > 0.15, gaps  # at least 0.2 s by the client's clock
    answer = requests.post(
        f"{installation.url}/api/v1/analytics/{project['id']}/insights/funnel",
        json={"period": "24h", "steps": [{"event": name} for name in _STEPS]},
        headers={"X-API-Key": str(project["secret_key"])},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    assert [step["persons"] for step in answer.json()["steps"]] == [1] * len(_STEPS)


@pytest.mark.parametrize("sdk", ["posthog-js", "posthog-js-lite", "analytics-next"])
def test_a_page_keeps_the_order_of_its_events(
    installation: Installation, browser: Browser, site: str, sdk: str
) -> None:
    project = installation.new_project(f"order of {sdk}")
    page = browser.new_context().new_page()
    with failing_network(installation.url, faults_of(sdk)) as network:
        start(page, site, sdk, project["public_key"], network)
        page.evaluate(_CAPTURE, "analytics" if sdk == "analytics-next" else "posthog")
        wait_until_sent(installation, project["id"], page)
    assert {Fault.HELD} <= {seen.fault for seen in network.sendings}
    assert_in_order(installation, project)


@pytest.mark.parametrize("sdk", ORDERED, ids=lambda sdk: sdk.name)
def test_a_server_keeps_the_order_of_its_events(installation: Installation, sdk: Sdk) -> None:
    project = installation.new_project(f"order of {sdk.name}")
    with failing_network(installation.url, faults_of(sdk.name)) as network:
        sdk.run(network.url, project["public_key"], datetime.now(timezone.utc))
    assert {Fault.HELD} <= {seen.fault for seen in network.sendings}
    assert_in_order(installation, project)
