"""What a page loads, and what it shows while the server is slow, in a real browser."""

from __future__ import annotations

import time
from typing import Literal

import pytest
import requests
from playwright.sync_api import Browser, Route, expect

from tests.conftest import Installation
from tests.e2e.test_accounts import a_person, log_in
from tests.support.axe import accessibility_findings


def owner(installation: Installation) -> tuple[str, str]:
    """E-mail address and password of the first account."""
    return installation.credentials["email"], installation.credentials["password"]


def send_event(installation: Installation) -> None:
    """Send an event, without which a project has no figures."""
    requests.post(
        f"{installation.url}/api/v1/events/ingest",
        json={"event_name": "loaded", "distinct_id": "ann"},
        headers=installation.public_headers,
        timeout=10,
    ).raise_for_status()


def test_charts_are_loaded_after_the_sign_in_only(
    browser: Browser, installation: Installation
) -> None:
    send_event(installation)
    installation.wait_until_stored()
    context, page = a_person(browser, installation)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{installation.url}/login", wait_until="networkidle")
    assert loaded
    assert not [url for url in loaded if "echarts" in url]
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{installation.project_id}/explore/trends")
    expect(page.get_by_role("img", name="Over time")).to_be_visible()
    assert [url for url in loaded if "echarts" in url]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_before_the_scripts_are_there_a_page_has_its_name_and_its_colours(
    browser: Browser, installation: Installation, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_context(color_scheme=scheme).new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{installation.url}/login")
    starting = page.get_by_role("status")
    expect(starting).to_have_text("Tidemark")
    canvas = {"light": "rgb(246, 248, 248)", "dark": "rgb(13, 21, 25)"}[scheme]
    expect(starting).to_have_css("background-color", canvas)


def test_the_property_list_does_not_cover_the_value(
    browser: Browser, installation: Installation
) -> None:
    context, page = a_person(browser, installation)
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{installation.project_id}/explore/trends")
    page.get_by_role("button", name="Add filter: Event 1").click()
    page.get_by_role("combobox", name="Property").fill("country")
    page.get_by_role("combobox", name="Values").click(timeout=5_000)
    context.close()


def test_figures_of_a_slow_answer_never_stand_under_other_dates(
    browser: Browser, installation: Installation
) -> None:
    send_event(installation)
    context, page = a_person(browser, installation)
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{installation.project_id}?period=7d")
    total = page.get_by_role("region", name="Events", exact=True)
    expect(total).to_contain_text(" – ")
    before = total.inner_text()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/analytics/*/key-metrics?*", hold)
    page.get_by_role("button", name="Dates").click()
    page.get_by_role("button", name="90 days").click()
    expect(page.locator("[data-outdated=true]").first).to_be_visible()
    assert total.inner_text() == before
    # The answer never comes: the request ends by itself, and the page says so.
    expect(page.get_by_text("did not answer in time")).to_be_visible(timeout=40_000)
    expect(total).to_have_count(0)
    assert held
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outdated_figures_are_grey_and_readable(
    browser: Browser, installation: Installation, scheme: Literal["light", "dark"]
) -> None:
    send_event(installation)
    context, page = a_person(browser, installation)
    page.emulate_media(color_scheme=scheme)
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{installation.project_id}")
    expect(page.get_by_role("region", name="Events", exact=True)).to_contain_text(" – ")
    figures = page.locator("[data-outdated=false]").first
    # A real answer ends this state within two seconds, in which axe may not have read the page.
    figures.evaluate("one => one.setAttribute('data-outdated', 'true')")
    outdated = page.locator("[data-outdated=true]")
    expect(outdated).to_have_css("filter", "grayscale(1)")
    assert accessibility_findings(page) == []
    context.close()


def test_home_asks_in_two_rounds(browser: Browser, installation: Installation) -> None:
    """The account and its projects first; then all figures, none of which waits for another."""
    send_event(installation)
    installation.wait_until_stored()
    context, page = a_person(browser, installation)
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.wait_for_load_state("networkidle")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/**", hold)
    page.goto(f"{installation.url}/p/{installation.project_id}")
    rounds = []
    for expected in (2, 8):
        deadline = time.monotonic() + 20
        while len(held) < expected and time.monotonic() < deadline:
            page.wait_for_timeout(100)
        answered, held[:] = held[:], []
        rounds.append(
            sorted(route.request.url.split("?")[0].split("/api/v1/")[1] for route in answered)
        )
        for route in answered:
            route.continue_()
    assert rounds[0] == ["auth/me", "projects/"]
    figures = f"analytics/{installation.project_id}/"
    assert {f"{figures}{name}" for name in ("key-metrics", "movers", "live", "intake")} <= set(
        rounds[1]
    )
    expect(page.get_by_role("img", name="Users over time")).to_be_visible()
    page.wait_for_timeout(1_000)
    # What is asked for now is what happens since.
    assert {route.request.url.split("?")[0].rsplit("/", 1)[1] for route in held} <= {"live"}
    context.close()


def test_the_bar_of_a_report_shortens_no_text_on_a_phone(
    browser: Browser, installation: Installation
) -> None:
    send_event(installation)
    installation.wait_until_stored()
    context, page = a_person(browser, installation)
    page.set_viewport_size({"width": 390, "height": 800})
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{installation.project_id}")
    labels = page.get_by_role("toolbar").locator(".mantine-Button-label")
    expect(labels.first).to_be_visible()
    cut = labels.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length")
    assert cut == 0
    context.close()
