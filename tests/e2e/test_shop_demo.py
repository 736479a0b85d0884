"""The demo shop, walked through by a visitor: every documented event arrives."""

from __future__ import annotations

import re
from typing import Any

import requests
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT, Installation
from tests.support.axe import accessibility_findings
from tests.support.waiting import wait_for

_PRODUCT = {"product", "name", "category", "price", "currency"}
_FORM = {"form_id", "form_name", "form_action"}
DOCUMENTED = {
    "product_searched": {"query", "results"},
    "product_viewed": _PRODUCT,
    "product_added": _PRODUCT | {"quantity", "cart_value"},
    "product_removed": _PRODUCT | {"quantity", "cart_value"},
    "checkout_started": {"cart_value", "currency", "items"},
    "purchase": {"revenue", "currency", "order_id", "items", "products", "delivery"},
    "outbound_click": {"url", "link_text"},
    "file_download": {"url", "link_text", "file_extension"},
    "form_start": _FORM,
    "form_submit": _FORM,
    "$pageleave": {"path", "scroll_depth", "engagement_seconds"},
    "$web_vitals": {"metric", "value", "rating", "navigation_type"},
}


def test_every_documented_event_arrives_with_its_properties(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Slack Water")
    page = browser.new_context().new_page()
    page.route("https://tidesandcurrents.noaa.gov/**", lambda route: route.fulfill(body="tides"))
    page.goto(f"{installation.url}/demo/shop/?key={project['public_key']}")
    order = shop(page)

    def arrived() -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for event in events(installation, project):
            found.setdefault(event["event_name"], []).append(event["properties"])
        return found

    assert set(documented_names()) == set(DOCUMENTED)
    wait_for(lambda: {*DOCUMENTED, "page_view"} <= set(arrived()))
    found = arrived()
    for name, properties in DOCUMENTED.items():
        for sent in found[name]:
            assert properties <= set(sent), (name, sent)
    [purchase] = found["purchase"]
    assert (purchase["revenue"], purchase["currency"], purchase["items"]) == (238, "EUR", 2)
    assert (purchase["order_id"], purchase["delivery"]) == (order, "pick-up")
    assert purchase["products"] == ["wool-blanket"]
    [searched] = found["product_searched"]
    assert (searched["query"], searched["results"]) == ("wool", 1)
    assert [one["cart_value"] for one in found["product_removed"]] == [238]
    assert {one["form_id"] for one in found["form_submit"]} == {"search", "add", "checkout"}
    assert found["outbound_click"][0]["url"] == "https://tidesandcurrents.noaa.gov/"
    assert found["file_download"][0]["file_extension"] == "txt"
    assert {event["source"] for event in events(installation, project)} == {"demo-shop"}
    # Nothing that was entered at the checkout is in any event.
    assert "Ada Example" not in str(found)
    assert "ada@example.org" not in str(found)


def test_every_page_is_accessible_in_both_colour_schemes_and_fits_a_phone(
    browser: Browser, installation: Installation
) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": 360, "height": 740}, bypass_csp=True
        )
        page = context.new_page()
        for name in ("", "product.html?id=tide-clock", "cart.html", "checkout.html", "thanks.html"):
            page.goto(f"{installation.url}/demo/shop/{name}")
            expect(page.locator("#events-panel")).to_be_visible()
            if name.startswith("product"):
                page.get_by_role("button", name="Add to cart").click()
            assert accessibility_findings(page) == [], (scheme, name)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 360, (scheme, name, width)


def shop(page: Page) -> str:
    """Search, look, buy and leave; answer the id of the order."""
    page.get_by_role("searchbox").fill("wool")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 of our products match “wool”.")).to_be_visible()
    page.get_by_role("link", name="Wool blanket").click()
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_text("Wool blanket is in your cart.")).to_be_visible()
    page.get_by_role("link", name="Care instructions").click()
    expect(page.get_by_text("Enamel: warm water")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Products").click()
    page.get_by_role("link", name="Tide clock").click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="Cart, 3 items").click()
    page.get_by_role("button", name="Remove Tide clock").click()
    expect(page.locator("#total")).to_have_text("€238.00")
    page.get_by_role("link", name="Check out").click()
    page.get_by_label("Name").fill("Ada Example")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Pick up at the harbour").check()
    page.get_by_role("button", name="Order").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.locator("#order")).to_contain_text("order-")
    order = page.locator("#order").inner_text()
    expect(page.get_by_role("link", name="Cart, 0 items")).to_be_visible()
    page.get_by_role("link", name="NOAA").click()
    expect(page.get_by_text("tides")).to_be_visible()
    return order


def documented_names() -> list[str]:
    """Names of events in the shop's table of the demos' document."""
    text = (ROOT / "demo" / "README.md").read_text()
    _, _, section = text.partition("## Slack Water")
    table = section.partition("\n## ")[0]
    rows = re.findall(r"^\|([^|]*)\|", table, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def events(installation: Installation, project: dict[str, Any]) -> list[dict[str, Any]]:
    answer = requests.get(
        f"{installation.url}/api/events/",
        params={"limit": "200"},
        headers={"X-API-Key": str(project["secret_key"])},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["items"]
    return listed
