"""analytics.js in a real browser, on a page of another origin than the server's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from shared.events.envelope import Campaign, GroupChange, PersonChange
from tests.clients.conftest import by_name, properties, sent_events, stored_events
from tests.conftest import Installation
from tests.support.edge import Edge
from tests.support.failing_network import Fault, Network, failing_network
from tests.support.sdk_pages import running_site

_START = """([writeKey, cdnURL, options]) => {
    window.analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL }, options);
    return analytics.ready();
}"""
_USE = """async () => {
    await analytics.page("shop", "hats");
    await analytics.track("opened", { level: 3, name: "Zoë \\u{1f600}" });
    await analytics.identify("u-1", { plan: "pro" });
    await analytics.group("acme", { seats: 5 });
    await analytics.alias("u-1", "anon-2");
    await analytics.screen("board", { size: 9 });
}"""
_EVENTS = ["$pageview", "opened", "$identify", "$groupidentify", "$create_alias", "$screen"]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with running_site() as origin:
        yield origin


def start(page: Page, site: str, key: str, url: str, *, batching: bool = False) -> None:
    """Open the shop, and start the library as the shop would; events go to ``url`` as well."""
    page.goto(f"{site}/shop?utm_source=mail&utm_campaign=june")
    page.add_script_tag(url=f"{site}/segment/index.js")
    sender: dict[str, object] = {"apiHost": f"{urlsplit(url).netloc}/v1", "protocol": "http"}
    if batching:
        sender["deliveryStrategy"] = {"strategy": "batching", "config": {"size": 6}}
    page.evaluate(_START, [key, url, {"integrations": {"Segment.io": sender}}])


def wait_for_answers(network: Network, count: int, page: Page) -> None:
    deadline = time.monotonic() + 60
    while sum(seen.fault is None and seen.answer == 200 for seen in network.sendings) < count:
        assert time.monotonic() < deadline, network.paths
        page.wait_for_timeout(100)


@pytest.mark.parametrize("batching", [False, True], ids=["one by one", "in batches"])
def test_everything_the_page_says_is_understood(
    edge: Edge, browser: Browser, site: str, batching: bool
) -> None:
    project = edge.project()
    page = browser.new_context().new_page()
    with failing_network(edge.url) as network:
        start(page, site, project.key, network.url, batching=batching)
        page.evaluate(_USE)
        wait_for_answers(network, 1 if batching else len(_EVENTS), page)
    assert {seen.headers["content-type"].partition(";")[0] for seen in network.sendings} == {
        "text/plain"
    }
    events = sent_events(edge.batches(project))
    assert sorted(events) == sorted(_EVENTS)
    view, opened = events["$pageview"], events["opened"]
    assert view.page_url == f"{site}/shop?utm_source=mail&utm_campaign=june"
    assert (properties(view)["name"], properties(view)["category"]) == ("hats", "shop")
    assert view.campaign == Campaign(source="mail", name="june")
    assert properties(opened) == {"level": 3, "name": "Zoë \U0001f600"}
    assert abs(opened.timestamp_us / 1e6 - time.time()) < 30
    identified = events["$identify"]
    assert identified.distinct_id == "u-1"
    assert identified.person == PersonChange("identify", opened.distinct_id, b'{"plan":"pro"}')
    assert events["$groupidentify"].distinct_id == "u-1"
    assert events["$groupidentify"].group == GroupChange("group", "acme", b'{"seats":5}')
    assert events["$create_alias"].person == PersonChange("alias", "anon-2")
    assert properties(events["$screen"]) == {"size": 9, "name": "board"}


def test_a_page_works_through_the_gateway_and_calls_no_other_host(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = installation.new_project("a shop with analytics.js")
    page = browser.new_context().new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    page.goto(f"{site}/shop")
    page.add_script_tag(url=f"{site}/segment/index.js")
    page.evaluate(_START, [project["public_key"], installation.url, {}])
    page.evaluate(_USE)
    deadline = time.monotonic() + 60
    while len(stored := stored_events(installation, project["id"])) < len(_EVENTS):
        assert time.monotonic() < deadline, stored
        page.wait_for_timeout(100)
    rows = by_name(stored)
    assert sorted(rows) == sorted(_EVENTS)
    assert len({row.distinct_id for row in rows.values()}) > 1
    assert len({row.person_id for row in rows.values()}) == 1
    assert rows["$pageview"].page_url == f"{site}/shop"
    assert errors == []
    assert asked == {urlsplit(site).netloc, urlsplit(installation.url).netloc}


def test_lost_and_refused_answers_lead_to_resending_and_no_duplicate(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = installation.new_project("analytics.js on a bad network")
    page = browser.new_context().new_page()
    faults = [Fault.CUT, Fault.REFUSED_AFTERWARDS, Fault.REFUSED]
    with failing_network(installation.url, faults) as network:
        start(page, site, project["public_key"], network.url)
        page.evaluate("() => { analytics.track('once'); }")
        wait_for_answers(network, 1, page)
    assert [seen.fault for seen in network.sendings] == [*faults, None]
    assert [row.event_name for row in stored_events(installation, project["id"])] == ["once"]
