"""Every number a door: figures of all pages are those of the API and the export, and list users."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import Installation
from tests.support.axe import findings_of_both_schemes
from tests.support.odd_shop import last_days, odd_shop
from tests.support.owner_pages import open_project
from tests.support.screen_figures import ScreenFigure, figures

_WAIT_MS = 20_000
FIRST, LAST = last_days(datetime.now(timezone.utc).date())
RANGE = {"from": FIRST.isoformat(), "to": LAST.isoformat()}


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A shop with odd data, and a goal."""
    made = installation.new_project("Doors")
    events = [*odd_shop(FIRST)]
    for start in range(0, len(events), 50):
        answer = installation.ingest(made["public_key"], {"events": events[start : start + 50]})
        assert answer.json()["accepted"] == len(events[start : start + 50]), answer.text
    installation.wait_until_stored()
    goal = {"name": "Sign-up", "event": "signup"}
    url = f"{installation.url}/api/v1/analytics/{made['id']}/goals/"
    made["goal"] = installation.login().post(url, json=goal, timeout=10).json()["id"]
    return made


def ask(installation: Installation, project: dict[str, Any], path: str, body: Any) -> Any:
    """The API's answer for the range."""
    url = f"{installation.url}/api/v1/analytics/{project['id']}/{path}"
    headers = {"X-API-Key": project["secret_key"]}
    if body is None:
        answer = requests.get(url, params=RANGE, headers=headers, timeout=30)
    else:
        answer = requests.post(url, json={**body, **RANGE}, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer


def address_of(figure: ScreenFigure) -> str:
    """The page of a figure, for the range, with its question."""
    path, body = figure.api
    parameters = {**RANGE, "q": json.dumps(body)} if body and path[:8] == "insights" else {**RANGE}
    text = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
    return f"{figure.page}{'&' if '?' in figure.page else '?'}{text}"


def open_figure(page: Page, figure: ScreenFigure) -> Locator:
    """Open the page of a figure; return its door."""
    page.goto(address_of(figure))
    if figure.as_table:
        page.get_by_role("button", name="Show as table").click(timeout=_WAIT_MS)
    # Playwright cannot write a slash of a pattern into its own selectors.
    name = re.escape(figure.door).replace("/", ".")
    door = page.get_by_role("button", name=re.compile(rf", {name}.*show users"))
    expect(door.first).to_be_visible(timeout=_WAIT_MS)
    return door.first


def number_on(door: Locator) -> float:
    """The number that a door shows, without its unit."""
    shown: str = door.evaluate("one => one.firstChild.textContent")
    return float(re.sub(r"[^\d.\-]", "", shown.replace("\N{MINUS SIGN}", "-")))


def test_figures_are_those_of_the_api_and_of_the_export_and_lead_to_as_many_users(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    file = ask(installation, project, "exports/events?format=jsonl", None)
    rows = sorted(map(json.loads, file.text.splitlines()), key=lambda row: row["timestamp"])
    page = open_project(browser, installation, project["id"], is_dark=False)
    shown = figures(project["goal"])
    assert len(shown) >= 20
    for figure in shown:
        name = f"{figure.page} {figure.door}"
        door = open_figure(page, figure)
        path, body = figure.api
        of_api = figure.read(ask(installation, project, path, body).json())
        on_screen = number_on(door)
        assert on_screen == of_api == figure.count(rows) > 0, name
        # One click from the figure to its users.
        door.click()
        users = page.get_by_role("dialog").get_by_text(re.compile(r"^\d+ users? · "))
        expect(users).to_be_visible(timeout=_WAIT_MS)
        listed = page.get_by_role("dialog").get_by_role("table").get_by_role("link").count()
        assert users.inner_text().split()[0] == str(listed), name
        if figure.is_of_persons:
            assert listed == on_screen, name
    page.context.close()


def test_users_of_a_figure_are_copied_as_a_link_filtered_and_left_by_back(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row = next(one for one in figures(0) if one.door == "Visitors · Firefox")
    door = open_figure(page, row)
    before = page.url
    door.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Visitors · Firefox")
    expect(drawer.get_by_role("table")).to_be_visible(timeout=_WAIT_MS)
    users = drawer.get_by_role("table").get_by_role("link").all_text_contents()
    assert findings_of_both_schemes(page) == []
    drawer.get_by_role("button", name="Copy link").click()
    expect(drawer.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")

    page.go_back()
    expect(drawer).not_to_be_visible()
    assert page.url == before
    page.goto(link)
    expect(drawer.get_by_role("table").get_by_role("link")).to_have_text(users, timeout=_WAIT_MS)
    with page.expect_download() as file:
        drawer.get_by_role("button", name="Download CSV").click()
    assert len(file.value.path().read_text().splitlines()) == len(users) + 1
    drawer.get_by_role("button", name="Filter to this").click()
    expect(page.get_by_role("list", name="Filters")).to_contain_text("browser is Firefox")
    # A filtered figure has users, too.
    visitors = page.get_by_role("region", name="Visitors", exact=True).get_by_role(
        "button", name="show users"
    )
    expect(visitors).to_contain_text(str(len(users)), timeout=_WAIT_MS)
    visitors.click()
    expect(page.get_by_role("dialog").get_by_role("table").get_by_role("link")).to_have_count(
        len(users), timeout=_WAIT_MS
    )
    page.keyboard.press("Escape")
    expect(visitors).to_be_focused()
    page.context.close()


def test_a_figure_becomes_a_tile_that_shows_the_same_figure(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    page = open_project(browser, installation, project["id"], is_dark=False)
    plans = next(one for one in figures(0) if one.door == "Users behind 10:")
    door = open_figure(page, plans)
    number = number_on(door)
    door.click()
    drawer = page.get_by_role("dialog", name="Users behind 10")
    drawer.get_by_role("button", name="Add to dashboard").click()
    dialog = page.get_by_role("dialog", name="Add “Users behind 10” to a dashboard")
    dialog.get_by_label("new dashboard").fill("Board page")
    assert findings_of_both_schemes(page) == []
    dialog.get_by_role("button", name="Add", exact=True).click()
    drawer.get_by_role("link", name="Added to Board page").click(timeout=_WAIT_MS)
    tile = page.get_by_role("region", name="Users behind 10")
    total = tile.get_by_role("button", name="show users").first
    expect(total).to_be_visible(timeout=_WAIT_MS)
    assert number_on(total) == number
    assert f"from={RANGE['from']}" in page.url
    page.context.close()


def test_rows_of_live_lead_to_their_users_and_filter_the_page(
    browser: Browser, installation: Installation
) -> None:
    """A user who has left a page for another one is in the row of the other one only."""
    made = installation.new_project("Doors of now")
    now = datetime.now(timezone.utc)
    site = "https://www.reef.example"
    views = (
        ("ann", 60, "/start", None),
        ("ann", 40, "/end", None),
        ("ben", 50, "/start", "https://news.example/"),
    )
    events = [
        {
            "event_name": "page_view",
            "distinct_id": person,
            "timestamp": (now - timedelta(seconds=ago)).isoformat(),
            "page_url": f"{site}{path}",
            "referrer": referrer,
        }
        for person, ago, path, referrer in views
    ]
    assert installation.ingest(made["public_key"], {"events": events}).json()["accepted"] == 3
    installation.wait_until_stored()
    page = open_project(browser, installation, made["id"], is_dark=False)
    page.goto("live")
    expect(page.get_by_role("region", name="Sources now")).to_contain_text(
        "news.example", timeout=_WAIT_MS
    )
    for row in ("Pages now · /start", "Pages now · /end", "Sources now · news.example"):
        door = page.get_by_role("button", name=re.compile(f"^1 ?, {row.replace('/', '.')}: show"))
        door.click(timeout=_WAIT_MS)
        drawer = page.get_by_role("dialog", name=row)
        users = drawer.get_by_role("table").get_by_role("link")
        expect(users).to_have_count(1, timeout=_WAIT_MS)
        if "Pages" in row:
            page.keyboard.press("Escape")
            expect(drawer).not_to_be_visible()
    expect(drawer.get_by_role("link", name="Open in Explore")).to_be_visible()
    drawer.get_by_role("button", name="Filter to this").click()
    expect(page.get_by_role("list", name="Filters")).to_contain_text(
        "referrer_domain is news.example"
    )
    expect(page.get_by_role("button", name=re.compile(".end: show users"))).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^1 ?, Pages now · .start"))).to_be_visible()
    page.get_by_role("button", name="Show as table: Users now").click()
    minutes = page.get_by_role("button", name=re.compile(r"^1 ?, Users · \d\d:\d\d: show users"))
    minutes.first.click()
    expect(page.get_by_role("dialog").get_by_role("table").get_by_role("link")).to_have_count(
        1, timeout=_WAIT_MS
    )
    page.context.close()
