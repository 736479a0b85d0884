"""The Game page in a browser: its sections show what the game sent, in both colour schemes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A game with 4 players: each starts two levels, half of them fail the second, two pay."""
    made = installation.new_project("Played")
    events: list[dict[str, Any]] = []
    for player in range(4):
        fails = player % 2 == 0
        steps = [("start", "1"), ("complete", "1"), ("start", "2")]
        steps.append(("fail" if fails else "complete", "2"))
        sent: list[tuple[str, dict[str, Any]]] = [
            ("progression", {"status": status, "progression01": level}) for status, level in steps
        ]
        coins = {"flow": "source", "currency": "coins", "amount": 50, "item": "reward"}
        sent.append(("resource", coins))
        if fails:
            offer = {"item": "sword", "quantity": 3}
            sent.append(("purchase", {"revenue": 2.5, "currency": "EUR", **offer}))
            sent.append(("resource", {**coins, "flow": "sink", "amount": 20, "item": "sword"}))
        events += [
            {"event_name": name, "distinct_id": f"player{player}", "properties": properties}
            for name, properties in sent
        ]
    assert installation.ingest(made["public_key"], events).json()["accepted"] == len(events)
    installation.wait_until_stored()
    return made


def _figure(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True).first


def test_a_game_is_seen_from_its_users_to_its_economy(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("?period=7d")
    page.get_by_role("link", name="Game", exact=True).click(timeout=_WAIT_MS)
    expect(_figure(page, "Users")).to_contain_text("4", timeout=_WAIT_MS)
    expect(_figure(page, "Revenue")).to_contain_text("€5.00")
    expect(_figure(page, "Payers")).to_contain_text("2")
    assert findings_of_both_schemes(page) == []

    # The sections keep the dates.
    sections = page.get_by_role("navigation", name="Sections of Game")
    sections.get_by_role("link", name="Progression").click()
    level = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="2", exact=True))
    expect(level.get_by_role("cell")).to_contain_text(
        ["", "2", "2", "4", "4", "1"], timeout=_WAIT_MS
    )
    assert "period=7d" in page.url
    assert findings_of_both_schemes(page) == []
    level.get_by_role("button", name="Fails").click()
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(2, timeout=_WAIT_MS)
    page.go_back()

    sections.get_by_role("link", name="Economy").click()
    total = page.get_by_role("row", name="Total")
    expect(total.get_by_role("cell")).to_contain_text(
        ["", "200", "40", "160", ""], timeout=_WAIT_MS
    )
    assert findings_of_both_schemes(page) == []

    sections.get_by_role("link", name="Monetization").click()
    expect(_figure(page, "ARPPU")).to_contain_text("€2.50", timeout=_WAIT_MS)
    sword = page.get_by_role("region", name="Items with most revenue").get_by_role(
        "row", name="sword"
    )
    expect(sword.get_by_role("cell")).to_contain_text(["€5.00", "6", "2", "2"])
    curve = page.get_by_role("img", name="Lifetime value")
    expect(curve).to_have_attribute("aria-label", re.compile("Day 0 €1.25"))
    expect(page.get_by_role("region", name="Time to the first purchase")).to_contain_text(
        "New users who bought: 2. At least half of them bought by day 0"
    )
    assert findings_of_both_schemes(page) == []

    sections.get_by_role("link", name="Engagement").click()
    expect(_figure(page, "Sessions")).to_contain_text("4", timeout=_WAIT_MS)
    assert findings_of_both_schemes(page) == []
    page.context.close()


def test_figures_are_compared_with_the_period_before(
    browser: Browser, installation: Installation
) -> None:
    made = installation.new_project("Compared")
    before = (datetime.now(timezone.utc) - timedelta(days=9)).isoformat()
    paid = [("early", 2, {"timestamp": before}), ("late", 6, {}), ("later", 3, {})]
    events: list[dict[str, Any]] = [
        {
            "event_name": "purchase",
            "distinct_id": player,
            "properties": {"revenue": revenue, "currency": "EUR"},
            **times,
        }
        for player, revenue, times in paid
    ]
    assert installation.ingest(made["public_key"], events).json()["accepted"] == len(events)
    installation.wait_until_stored()

    page = open_project(browser, installation, made["id"], is_dark=False)
    page.goto(f"/p/{made['id']}/game?period=7d")
    expect(_figure(page, "Users")).to_contain_text("+100%", timeout=_WAIT_MS)
    # Two on one day and none on the others: the mean of the days that have any, and whole.
    expect(_figure(page, "DAU")).to_contain_text("+100%", timeout=_WAIT_MS)
    expect(_figure(page, "DAU")).not_to_contain_text(".")
    expect(_figure(page, "Revenue")).to_contain_text("+350%", timeout=_WAIT_MS)
    expect(_figure(page, "ARPPU")).to_contain_text("+125%")

    page.get_by_role("navigation", name="Sections of Game").get_by_role(
        "link", name="Monetization"
    ).click()
    expect(_figure(page, "Purchases")).to_contain_text("+100%", timeout=_WAIT_MS)
    page.context.close()
