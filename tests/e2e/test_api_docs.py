"""The API's documents in a browser: all services on one page of ours, and its login form works."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect

from tests.conftest import PASSWORD, Installation
from tests.e2e.test_web_page import keep_picture

_TOKENS = {
    "--canvas": "--tm-canvas",
    "--sunken": "--tm-sunken",
    "--line": "--tm-line",
    "--accent": "--tm-accent",
    "--on-accent": "--tm-on-accent",
    "--accent-text": "--tm-accent-text",
    "--accent-soft": "--tm-accent-soft",
    "--text": "--mantine-color-text",
    "--quiet": "--mantine-color-dimmed",
}
"""What the page calls a colour, and what the dashboard does."""
_READ = (
    "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name))"
)
_SERVICES = ("auth", "ingest", "processor", "query", "flags", "live")


def test_every_service_is_shown_and_a_login_by_its_form_is_used_for_calls(
    browser: Browser, installation: Installation
) -> None:
    email = "reader-of-documents@example.org"
    installation.new_user(email)
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    complaints: list[str] = []
    elsewhere: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", complain)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((installation.url, "data:", "blob:"))
            else elsewhere.append(request.url)
        ),
    )
    page.goto(f"{installation.url}/api/v1/docs")
    services = page.locator(".download-url-wrapper select")
    for name in _SERVICES:
        services.select_option(f"/api/v1/openapi/{name}.json")
        expect(page.locator(".info .title")).to_contain_text(f"Tidemark {name}", timeout=20_000)
    services.select_option("/api/v1/openapi/auth.json")
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".dialog-ux")
    login = dialog.locator(".auth-container").filter(has_text="OAuth2, password")
    login.get_by_label("username:").fill(email)
    login.locator("input[type=password]").first.fill(PASSWORD)
    login.get_by_role("button", name="Apply given OAuth2 credentials").click()
    expect(login).to_contain_text("Authorized", timeout=10_000)
    dialog.get_by_role("button", name="Close").last.click()
    me = page.locator(".opblock").filter(has=page.get_by_text("/api/v1/auth/me", exact=True))
    me.locator(".opblock-summary-control").click()
    me.get_by_role("button", name="Execute").click()
    live = me.locator(".live-responses-table tbody .response-col_description").first
    expect(live).to_contain_text(re.compile(rf'"email":\s*"{re.escape(email)}"'), timeout=10_000)
    assert complaints == []
    assert elsewhere == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_the_colours_of_the_dashboard(
    browser: Browser, installation: Installation, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(f"{installation.url}/login")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    wanted = page.evaluate(_READ, list(_TOKENS.values()))
    page.goto(f"{installation.url}/api/v1/docs/")
    expect(page.locator(".info .title")).to_contain_text("Tidemark auth", timeout=20_000)
    assert page.evaluate(_READ, list(_TOKENS)) == wanted
    endpoint = page.locator(".opblock-post").first
    endpoint.locator(".opblock-summary-control").click()
    expect(endpoint.get_by_role("button", name="Execute")).to_be_visible()
    keep_picture(page, f"api-docs-{scheme}")
    context.close()
