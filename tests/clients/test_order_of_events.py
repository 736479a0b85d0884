"""Ordered funnels over events of real SDKs, whose requests are slow, repeated or lost at random."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from itertools import islice, pairwise
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
_AT_ONCE = 12
_FAULTS = [Fault.HELD, Fault.REPEATED, Fault.CUT, None, None]
_CAPTURE = """(use) => void (async () => {
    for (let step = 0; step < 8; step += 1) {
        if (use === "analytics") void analytics.track(`step ${step}`);
        else posthog.capture(`step ${step}`, {}, { send_instantly: true });
        await new Promise((done) => setTimeout(done, 200));
    }
})()"""
"""Is not waited for: the pages of several schedules run at once."""
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


def schedules_of(sdk: str) -> Iterator[list[str]]:
    """Yield the names of an SDK's schedules, as many at a time as run at once.

    ``ORDER_SCHEDULES=125`` are the thousand of ``make soak-clients``; another ``ORDER_SEED`` gives
    others.
    """
    number, seed = int(os.environ.get("ORDER_SCHEDULES", "1")), os.environ.get("ORDER_SEED", "")
    names = iter([f"{sdk} {seed}{schedule}" for schedule in range(number)])
    while group := list(islice(names, _AT_ONCE)):
        yield group


def faults_of(name: str) -> list[Fault]:
    """Return what happens to the requests of a schedule: the first is always slow."""
    chosen = random.Random(f"order of {name}").choices(_FAULTS, k=7)
    return [Fault.HELD, *(fault for fault in chosen if fault is not None)]


@contextmanager
def networks_of(url: str, names: list[str]) -> Iterator[list[Network]]:
    """Run a network of its own for each schedule."""
    with ExitStack() as stack:
        yield [stack.enter_context(failing_network(url, faults_of(name))) for name in names]


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


def assert_in_order(
    installation: Installation, project: dict[str, str | int], network: Network
) -> None:
    """Check the stored times, and the ordered funnel over all steps."""
    assert Fault.HELD in {seen.fault for seen in network.sendings}
    rows = stored_events(installation, int(project["id"]))
    assert [row.event_name for row in rows] == _STEPS, project["name"]
    gaps = [(later.timestamp - row.timestamp).total_seconds() for row, later in pairwise(rows)]
    assert min(gaps) > 0.15, (project["name"], gaps)  # at least 0.2 s by the client's clock
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
    for names in schedules_of(sdk):
        projects = [installation.new_project(f"order of {name}") for name in names]
        contexts = [browser.new_context() for _ in names]
        with networks_of(installation.url, names) as networks:
            pages = [context.new_page() for context in contexts]
            for page, project, network in zip(pages, projects, networks, strict=True):
                start(page, site, sdk, project["public_key"], network)
                page.evaluate(_CAPTURE, "analytics" if sdk == "analytics-next" else "posthog")
            for page, project in zip(pages, projects, strict=True):
                wait_until_sent(installation, project["id"], page)
        for project, network in zip(projects, networks, strict=True):
            assert_in_order(installation, project, network)
        for context in contexts:
            context.close()


@pytest.mark.parametrize("sdk", ORDERED, ids=lambda sdk: sdk.name)
def test_a_server_keeps_the_order_of_its_events(installation: Installation, sdk: Sdk) -> None:
    for names in schedules_of(sdk.name):
        projects = [installation.new_project(f"order of {name}") for name in names]
        with networks_of(installation.url, names) as networks, ThreadPoolExecutor() as processes:
            runs = [
                processes.submit(
                    sdk.run, network.url, project["public_key"], datetime.now(timezone.utc)
                )
                for network, project in zip(networks, projects, strict=True)
            ]
            for run in runs:
                run.result()
        for project, network in zip(projects, networks, strict=True):
            assert_in_order(installation, project, network)
