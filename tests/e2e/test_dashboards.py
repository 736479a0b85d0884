"""Dashboards in a real browser: a funnel saved, put on a dashboard, and shared by a link."""

from __future__ import annotations

import re

import requests
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.e2e.test_accounts import a_person, log_in
from tests.support.axe import accessibility_findings
from tests.support.owner_pages import open_project

STEPS = ("visited", "signed_up", "paid")


def test_a_funnel_is_put_on_a_dashboard_and_read_behind_its_link(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("dashboards in a browser")
    _send_funnel(installation, project["public_key"])
    context, page = a_person(browser, installation)
    log_in(
        page, installation, installation.credentials["email"], installation.credentials["password"]
    )
    page.wait_for_url("**/projects")
    query = '{"steps":[' + ",".join(f'{{"event":"{step}"}}' for step in STEPS) + "]}"
    page.goto(f"{installation.url}/p/{project['id']}/explore/funnel?q={query}")

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_label("Name").fill("Sign-up funnel")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="Sign-up funnel")).to_be_visible()
    page.get_by_role("button", name="Add to dashboard").click()
    page.get_by_role("dialog").get_by_label("New dashboard").fill("Growth")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Added to Growth").click()

    tile = page.get_by_role("region", name="Sign-up funnel")
    expect(tile).to_contain_text("25%")
    assert accessibility_findings(page) == []
    _add_text(page)
    link = _share(page)

    reader = browser.new_context()
    shown = reader.new_page()
    shown.goto(link)
    expect(shown.get_by_role("heading", name="Growth")).to_be_visible()
    expect(shown.get_by_role("region", name="Sign-up funnel")).to_contain_text("25%")
    expect(shown.get_by_role("heading", name="Read me").first).to_be_visible()
    assert accessibility_findings(shown) == []

    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Revoke link").click()
    shown.reload()
    expect(shown.get_by_text("This link is invalid, has expired or was revoked")).to_be_visible()
    reader.close()
    context.close()


def _send_funnel(installation: Installation, key: str) -> None:
    """Four persons visit, two sign up, one pays."""
    events = [
        {"event_name": step, "distinct_id": f"person {person}"}
        for step, persons in zip(STEPS, (4, 2, 1), strict=True)
        for person in range(persons)
    ]
    requests.post(
        f"{installation.url}/api/v1/events/ingest",
        json=events,
        headers={"X-API-Key": key},
        timeout=10,
    ).raise_for_status()
    installation.wait_until_stored()


def test_the_charts_below_the_window_are_printed_and_in_the_image(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("printed")
    _send_funnel(installation, project["public_key"])
    base = f"{installation.url}/api/v1/analytics/{project['id']}"
    owner = installation.login()
    items = []
    for number in range(30):
        question = {"series": [{"event": STEPS[0]}]}
        body = {"name": f"Visits {number}", "kind": "trends", "query": question}
        saved = owner.post(f"{base}/saved-insights/", json=body, timeout=10)
        items.append({"insight_id": saved.json()["id"]})
    body = {"name": "Long", "tiles": {"items": items}}
    board = owner.post(f"{base}/dashboards/", json=body, timeout=10).json()["id"]
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto(f"dashboards/{board}")
    last = page.get_by_role("region", name="Visits 29")
    expect(page.locator("[role=img] svg").first).to_be_visible(timeout=20_000)
    expect(last.locator("[role=img]")).to_be_attached(timeout=20_000)
    assert last.locator("[role=img] svg").count() == 0
    page.pdf()
    assert last.locator("[role=img] svg").count() > 0
    page.reload()
    expect(page.locator("[role=img] svg").first).to_be_visible(timeout=20_000)
    expect(last.locator("[role=img]")).to_be_attached(timeout=20_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as image: Long").click()
    assert download.value.suggested_filename == "Long.png"
    with Image.open(download.value.path()) as image:
        # Two pixels for one of the screen; fifteen rows of tiles are far higher than the window.
        assert image.width > 1_500
        assert image.height > 15 * 2 * 300
        below = image.convert("RGB").crop((0, image.height - 700, image.width, image.height))
        colours = below.getcolors(below.width * below.height) or []
    # The lines of the last charts.
    coloured = [
        pixels for pixels, rgb in colours if isinstance(rgb, tuple) and max(rgb) - min(rgb) > 60
    ]
    assert sum(coloured) > 500


def _add_text(page: Page) -> None:
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("menuitem", name="Text").click()
    page.get_by_role("dialog").get_by_label("Text").fill("# Read me\n\nOf this week.")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    expect(page.get_by_role("region", name="Read me")).to_contain_text("Of this week.")
    page.get_by_role("button", name="Edit layout").click()
    page.get_by_role("button", name="Move earlier: Read me").click()
    page.get_by_role("button", name="Save layout").click()
    expect(page.get_by_role("button", name="Edit layout")).to_be_visible()
    regions = page.get_by_role("region")
    expect(regions.first).to_have_accessible_name("Read me")


def _share(page: Page) -> str:
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_role("group", name="Link").get_by_text(re.compile("/shared/"))
    address = link.inner_text()
    page.get_by_role("button", name="Done").click()
    return address
