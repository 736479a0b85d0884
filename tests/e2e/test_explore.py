"""Explore in a real browser: a funnel in few clicks, trends, the library, and phones."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.e2e.test_accounts import a_person, log_in
from tests.e2e.test_loading import owner

STEPS = ("landed", "chose", "paid")
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A project in which 8 persons took the first step, 4 the second and 2 the third."""
    made = installation.new_project("Explored")
    events = [
        {"event_name": step, "distinct_id": f"p{person}", "properties": {"plan": f"p{person % 2}"}}
        for index, step in enumerate(STEPS)
        for person in range(8 >> index)
    ]
    assert installation.ingest(made["public_key"], events).json()["accepted"] == len(events)
    installation.wait_until_stored()
    return made


def choose(page: Page, event: str) -> None:
    """Choose an event in the list that is open."""
    page.get_by_role("option", name=event).click()


def test_a_funnel_of_three_steps_is_on_a_dashboard_in_six_clicks_and_shared(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    context, page = a_person(browser, installation)
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{project['id']}/explore/funnel")
    page.evaluate("window.clicks = 0; addEventListener('click', () => window.clicks++, true)")
    choose(page, STEPS[0])
    expect(page.get_by_role("combobox", name="Step 1")).to_have_value(STEPS[0])
    choose(page, STEPS[1])
    expect(page.get_by_role("combobox", name="Step 2")).to_have_value(STEPS[1])
    page.get_by_role("button", name="Add step").click()
    choose(page, STEPS[2])
    expect(page.get_by_role("heading", name="25% of 8 users completed the funnel")).to_be_visible()
    page.get_by_role("button", name="Add to dashboard").click()
    dialog = page.get_by_role("dialog", name=re.compile(r"to a dashboard$"))
    dialog.get_by_label("new dashboard").fill("Growth")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="Added to Growth")).to_be_visible()
    assert page.evaluate("window.clicks") <= 6
    # The same dashboard again: a click on its name adds to it.
    page.get_by_role("button", name="Add to dashboard").click()
    dialog.get_by_role("button", name="Growth").click()
    expect(dialog).not_to_be_visible()
    # It was saved once: the second tile shows the insight of the first one.
    owned, base = installation.login(), f"{installation.url}/api/v1/analytics/{project['id']}"
    saved = owned.get(f"{base}/saved-insights/", timeout=30).json()["items"]
    assert len(saved) == 1

    page.get_by_role("link", name="Added to Growth").click()
    expect(page.get_by_role("region", name=" → ".join(STEPS)).first).to_contain_text("25%")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_role("group", name="Link").get_by_text("/shared/").inner_text()
    reader = browser.new_context()
    shown = reader.new_page()
    shown.goto(link)
    expect(shown.get_by_role("region", name=" → ".join(STEPS)).first).to_contain_text("25%")
    reader.close()
    context.close()


def test_a_saved_funnel_is_changed_and_found_again(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    context, page = a_person(browser, installation)
    log_in(page, installation, *owner(installation))
    page.wait_for_url("**/projects")
    page.goto(f"{installation.url}/p/{project['id']}/explore/funnel")
    # The list of the first step is open; that of the next one opens by itself.
    choose(page, STEPS[0])
    expect(page.get_by_role("combobox", name="Step 1")).to_have_value(STEPS[0])
    choose(page, STEPS[1])
    expect(page.get_by_role("combobox", name="Step 2")).to_have_value(STEPS[1])
    page.get_by_role("button", name="Add step").click()
    choose(page, STEPS[2])
    expect(page.get_by_role("heading", name="25% of 8 users completed the funnel")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value(" → ".join(STEPS))
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name=" → ".join(STEPS))).to_be_visible()

    # Figures lead to the users behind them.
    page.get_by_role("button", name="4 users dropped off (50%)").click()
    users = page.get_by_role("dialog").get_by_role("table").get_by_role("link")
    expect(users).to_have_count(4)
    page.go_back()

    # The view is a part of the question; Back takes it away, and the library has what was saved.
    page.get_by_text("Over time", exact=True).click()
    expect(page.get_by_text("Edited", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Edited", exact=True)).not_to_be_visible()
    page.get_by_role("link", name="Library").click()
    page.get_by_role("link", name=" → ".join(STEPS)).first.click()
    expect(page.get_by_role("heading", name="25% of 8 users completed the funnel")).to_be_visible()

    # On a phone the question is one line, and its answer in the first screen.
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    # Its kinds are one field, which stands above both.
    expect(page.get_by_role("combobox", name="Kinds of insight")).to_have_value(
        re.compile("/explore/funnel")
    )
    fold = page.get_by_role("button", name=" → ".join(STEPS), exact=True, expanded=False)
    expect(fold).to_be_visible()
    answer = page.get_by_role("heading", name="25% of 8 users").bounding_box()
    question = fold.bounding_box()
    assert answer is not None
    assert question is not None
    # Above both may be a notice about the installation, which other tests share.
    assert answer["y"] - question["y"] < PHONE["height"] / 4
    assert answer["y"] < PHONE["height"] * 2 / 3
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()
