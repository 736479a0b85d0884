"""posthog-js in a real browser, on a page of another origin than the server's."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Browser, Page

from shared.events.envelope import Campaign, GroupChange
from tests.clients.conftest import by_name, properties, sent_events, stored_events
from tests.conftest import Installation
from tests.support.edge import Edge
from tests.support.failing_network import Fault, Network, failing_network
from tests.support.sdk_pages import running_site

# A driven browser is a bot to posthog-js, which keeps quiet for bots; this option makes it speak.
_START = """async ([key, host]) => {
    const { posthog } = await import("/posthog.mjs");
    window.posthog = posthog;
    await new Promise((loaded) => posthog.init(key, {
        api_host: host, loaded, opt_out_useragent_filter: true,
    }));
}"""
_USE = """() => {
    posthog.capture("opened", { level: 3, name: "Zoë \\u{1f600}" });
    posthog.register({ theme: "dark" });
    posthog.identify("u-1", { plan: "pro" }, { first: "mail" });
    posthog.alias("u-1b");
    posthog.group("company", "acme", { seats: 5 });
    posthog.capture("bought");
}"""
_EVENTS = [
    *("$pageview", "opened", "$identify", "$create_alias", "$groupidentify", "bought"),
    *("$autocapture", "after reset", "$pageleave"),
]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with running_site() as origin:
        yield origin


def start(page: Page, site: str, key: str, host: str) -> None:
    """Open the shop, and start the SDK as the shop would."""
    page.goto(f"{site}/shop?utm_source=mail&utm_campaign=june")
    page.evaluate(_START, [key, host])


def wait_for_first_sending(network: Network, page: Page) -> None:
    """Until anything was sent."""
    deadline = time.monotonic() + 60
    while not network.sendings:
        assert time.monotonic() < deadline, network.paths
        page.wait_for_timeout(100)


def wait_for(network: Network, event: str, page: Page, *, skipping_seconds: int = 0) -> None:
    """Until an event of this name has been answered.

    Args:
        network: what the page sends through.
        event: its name.
        page: the page that sends.
        skipping_seconds: by how much its clock, if installed, goes forward at each look.
    """
    deadline = time.monotonic() + 60
    while not any(
        seen.answer == 200 and f'"{event}"'.encode() in gzip.decompress(seen.body)
        for seen in network.sendings
        if seen.fault is None
    ):
        assert time.monotonic() < deadline, network.paths
        if skipping_seconds:
            page.clock.fast_forward(skipping_seconds * 1000)
        page.wait_for_timeout(100)


def use_everything(page: Page, site: str, key: str, network: Network) -> None:
    """Visit, act, log out, leave."""
    start(page, site, key, network.url)
    page.wait_for_function("() => posthog.autocapture.isEnabled")  # once the remote config is there
    page.evaluate(_USE)
    page.click("#buy b")
    wait_for(network, "$autocapture", page)
    page.evaluate("() => { posthog.reset(); posthog.capture('after reset'); }")
    page.goto(f"{site}/away")
    wait_for(network, "$pageleave", page)


def test_everything_the_page_says_is_understood(edge: Edge, browser: Browser, site: str) -> None:
    project = edge.project(do_not_track="ignore")
    started = time.time()
    with failing_network(edge.url) as network:
        use_everything(browser.new_context().new_page(), site, project.key, network)
    batches = edge.batches(project)
    events = sent_events(batches)
    assert sorted(_EVENTS) == sorted(events)
    view = events["$pageview"]
    assert view.page_url == f"{site}/shop?utm_source=mail&utm_campaign=june"
    assert view.campaign == Campaign(source="mail", name="june")
    assert (view.browser, view.os_name, view.device_type) == ("Chrome", "Linux", "desktop")
    assert view.source == "web"
    assert view.referrer is None
    assert all("HeadlessChrome" in (batch.user_agent or "") for batch in batches)
    assert all(started - 2 < event.timestamp_us / 1e6 < time.time() for event in events.values())
    before_reset = [event for name, event in events.items() if name in _EVENTS[:7]]
    assert len({event.session_id for event in before_reset}) == 1
    assert properties(events["opened"])["level"] == 3
    assert properties(events["opened"])["name"] == "Zoë \U0001f600"
    assert "theme" not in properties(events["opened"])
    assert properties(events["bought"])["theme"] == "dark"
    assert events["bought"].groups == {"company": "acme"}
    assert properties(events["$autocapture"])["$el_text"] == "hats"


def test_visitors_become_persons_and_strangers_again(
    edge: Edge, browser: Browser, site: str
) -> None:
    project = edge.project()
    with failing_network(edge.url) as network:
        use_everything(browser.new_context().new_page(), site, project.key, network)
    events = sent_events(edge.batches(project))
    anonymous = events["opened"].distinct_id
    identified = events["$identify"]
    assert identified.distinct_id == events["bought"].distinct_id == "u-1"
    assert identified.person
    assert (identified.person.link, identified.person.previous_id) == ("identify", anonymous)
    assert json.loads(identified.person.set) == {"plan": "pro"}
    once = json.loads(identified.person.set_once)
    assert once["first"] == "mail"
    assert once["$initial_utm_source"] == "mail"
    assert None not in once.values()
    alias = events["$create_alias"].person
    assert alias
    assert (alias.link, alias.previous_id) == ("alias", "u-1b")
    assert events["$groupidentify"].distinct_id == "u-1"
    assert events["$groupidentify"].group == GroupChange("company", "acme", b'{"seats":5}')
    assert events["after reset"].distinct_id not in {anonymous, "u-1"}


def test_the_sdk_says_nothing_of_itself_that_would_fill_the_disk(
    edge: Edge, browser: Browser, site: str
) -> None:
    project = edge.project()
    with failing_network(edge.url) as network:
        page = browser.new_context().new_page()
        start(page, site, project.key, network.url)
        wait_for(network, "$pageview", page)
    found = properties(sent_events(edge.batches(project))["$pageview"])
    assert None not in found.values()
    assert not [name for name in found if name.startswith(("$sdk_debug", "$lib_rate", "token"))]
    assert {"$pathname", "$screen_width", "title"} <= set(found)


def test_a_page_works_through_the_gateway_without_an_error_and_is_stored_once(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = installation.new_project("a shop with posthog-js")
    page = browser.new_context().new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    with failing_network(installation.url) as network:
        use_everything(page, site, project["public_key"], network)
    assert errors == []
    rows = by_name(stored_events(installation, project["id"]))
    assert sorted(rows) == sorted(_EVENTS)
    view, opened, bought = rows["$pageview"], rows["opened"], rows["bought"]
    assert view.page_url == f"{site}/shop?utm_source=mail&utm_campaign=june"
    assert (view.source, view.browser, view.utm_source) == ("web", "Chrome", "mail")
    assert bought.groups == {"company": "acme"}
    assert (opened.distinct_id == bought.distinct_id, bought.distinct_id) == (False, "u-1")
    assert len({rows[name].person_id for name in _EVENTS[:7]}) == 1
    assert rows["after reset"].person_id not in {opened.person_id, None}
    assert {seen.path.partition("?")[0] for seen in network.sendings} == {"/e/", "/i/v0/e/"}
    assert {seen.headers["content-type"] for seen in network.sendings} == {"text/plain"}
    asked = {path.partition("?")[0] for path in network.paths} - {"POST /e/", "POST /i/v0/e/"}
    assert asked == {f"GET /array/{project['public_key']}/config.js", "POST /flags/"}


def test_lost_and_refused_answers_lead_to_resending_and_no_duplicate(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = installation.new_project("posthog-js on a bad network")
    page = browser.new_context().new_page()
    faults = [Fault.CUT, Fault.REFUSED_AFTERWARDS, Fault.REFUSED]
    with failing_network(installation.url, faults) as network:
        page.clock.install()
        happened = datetime.now(timezone.utc)
        start(page, site, project["public_key"], network.url)
        wait_for_first_sending(network, page)
        # Then the page's clock runs thirty times as fast: the SDK waits 3, 6 and 12 seconds.
        wait_for(network, "$pageview", page, skipping_seconds=3)
    assert [seen.fault for seen in network.sendings] == [*faults, None]
    [row] = stored_events(installation, project["id"])
    assert row.event_name == "$pageview"
    assert abs((row.timestamp - happened).total_seconds()) < 3


def test_a_wrong_clock_does_not_move_events(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = installation.new_project("posthog-js with a wrong clock")
    page = browser.new_context().new_page()
    page.clock.install(time=datetime.now(timezone.utc) - timedelta(hours=3))
    with failing_network(installation.url) as network:
        start(page, site, project["public_key"], network.url)
        wait_for(network, "$pageview", page)
    [row] = stored_events(installation, project["id"])
    assert abs((row.timestamp - datetime.now(timezone.utc)).total_seconds()) < 10


def test_an_app_that_asks_for_flags_gets_its_defaults_at_once(
    installation: Installation, browser: Browser, site: str
) -> None:
    project = installation.new_project("posthog-js with flags")
    page = browser.new_context().new_page()
    start(page, site, project["public_key"], installation.url)
    answered = page.evaluate(
        """() => new Promise((resolve) => {
            posthog.reloadFeatureFlags();
            posthog.onFeatureFlags((flags, variants, context) => resolve(
                [flags, posthog.isFeatureEnabled("anything") ?? false, !!context?.errorsLoading],
            ));
        })"""
    )
    assert answered == [[], False, False]
