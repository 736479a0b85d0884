"""Channels in a browser: added, tried, and their messages with the reasons of failures."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect
from standardwebhooks import Webhook

from tests.conftest import Installation
from tests.support.axe import accessibility_findings, findings_of_both_schemes
from tests.support.owner_pages import open_project
from tests.support.receiver import receiver

_WAIT_MS = 30_000


def add_webhook(page: Page, name: str, url: str) -> str:
    """Add a webhook in the dialog; answers the key that is shown once."""
    page.get_by_role("button", name="Add channel").click(timeout=_WAIT_MS)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind").select_option("webhook")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Address").fill(url)
    dialog.get_by_role("button", name="Add channel").click()
    shown = page.get_by_role("dialog", name=f"Signing key of {name}")
    key = shown.get_by_text("whsec_").inner_text(timeout=_WAIT_MS)
    shown.get_by_role("button", name="I have copied it").click()
    return key


def test_a_webhook_is_added_and_tried_and_a_failure_says_why(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Channels page")
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("settings/channels")
    add_webhook(page, "Nowhere", "https://nowhere.invalid/hook?token=secret")
    page.get_by_role("button", name="Send test to Nowhere").click()
    messages = page.get_by_role("list", name="Messages to Nowhere")
    expect(messages).to_contain_text("Given up", timeout=_WAIT_MS)
    expect(messages).to_contain_text("nowhere.invalid has no address")
    expect(page.get_by_role("main")).not_to_contain_text("secret")
    with receiver(int(installation.environment["OUTGOING_ALLOWED"].rpartition(":")[2])) as hook:
        key = add_webhook(page, "Ops", hook.url)
        page.get_by_role("button", name="Send test to Ops").click()
        arrived = page.get_by_role("list", name="Messages to Ops")
        expect(arrived.get_by_text("Sent", exact=True)).to_be_visible(timeout=_WAIT_MS)
        [request] = hook.requests
        assert Webhook(key).verify(request.body, request.headers)["type"] == "test"
    assert findings_of_both_schemes(page) == []


def test_an_address_of_the_own_network_and_mail_without_a_server_are_refused(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Refused channels")
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("settings/channels")
    page.get_by_role("button", name="Add channel").click(timeout=_WAIT_MS)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("SMTP_HOST, MAIL_FROM", timeout=_WAIT_MS)
    dialog.get_by_label("Kind").select_option("slack")
    dialog.get_by_label("Name").fill("Inside")
    dialog.get_by_label("Address").fill("http://169.254.169.254/latest/meta-data")
    dialog.get_by_role("button", name="Add channel").click()
    expect(dialog).to_contain_text("is in a private network", timeout=_WAIT_MS)
    assert accessibility_findings(page) == []


def test_a_message_that_failed_is_tried_again_and_leads_to_tidemark(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Channel that fails once")
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("settings/channels")
    with receiver(int(installation.environment["OUTGOING_ALLOWED"].rpartition(":")[2])) as hook:
        hook.statuses = [500]
        key = add_webhook(page, "Ops", hook.url)
        page.get_by_role("button", name="Send test to Ops").click()
        messages = page.get_by_role("list", name="Messages to Ops")
        expect(messages.get_by_text("Given up", exact=True)).to_be_visible(timeout=_WAIT_MS)
        expect(messages).to_contain_text("500")
        messages.get_by_role("button", name="Try again").click()
        expect(messages.get_by_text("Sent", exact=True)).to_be_visible(timeout=_WAIT_MS)
        expect(messages.get_by_role("listitem")).to_have_count(1)
        expect(messages.get_by_role("button", name="Try again")).to_have_count(0)
        first, second = (Webhook(key).verify(one.body, one.headers) for one in hook.requests)
    assert [one.headers["webhook-id"] for one in hook.requests] == 2 * [
        hook.requests[0].headers["webhook-id"]
    ]
    assert first["data"]["link"] == second["data"]["link"]
    page.goto(second["data"]["link"])
    link = page.get_by_role("main").get_by_role("link", name="Channel that fails once")
    expect(link).to_be_visible(timeout=_WAIT_MS)
