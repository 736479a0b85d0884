"""The way of a person through accounts and settings, in real browsers against the real stack."""

from __future__ import annotations

import re
import time

import pyotp
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import PASSWORD, Installation

_GUEST = "guest@walk.example"
_WAIT_MS = 30_000


def a_person(browser: Browser, installation: Installation) -> tuple[BrowserContext, Page]:
    """A browser of their own, whose clipboard a test may read."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=installation.url)
    context.set_default_timeout(_WAIT_MS)
    return context, context.new_page()


def log_in(page: Page, installation: Installation, email: str, password: str) -> None:
    """Fill in the login; a code may be asked for then."""
    page.goto(f"{installation.url}/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def copied(page: Page, field: str) -> str:
    """What the button beside a value puts on the clipboard."""
    page.get_by_role("button", name=re.compile(f"^Copy: {field}")).click()
    expect(page.get_by_text("Copied").first).to_be_attached()
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def have_copied(page: Page, secret: str) -> None:
    """Put away what is shown once, and see that the page no longer holds it."""
    page.keyboard.press("Escape")
    expect(page.get_by_text(secret, exact=True)).to_be_visible()
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(secret, exact=True)).to_have_count(0)
    assert secret not in page.content()


def set_up_second_factor(guest: Page) -> tuple[pyotp.TOTP, int]:
    """Turn on the guest's second factor; return the app and the time of the code that was used."""
    guest.get_by_role("button", name=f"Account {_GUEST}").click()
    guest.get_by_role("menuitem", name="Your account").click()
    guest.get_by_role("button", name="Set up").click()
    guest.get_by_role("dialog").get_by_label("Current password").fill(PASSWORD)
    guest.get_by_role("button", name="Continue").click()
    app = pyotp.TOTP(copied(guest, "Secret"))
    first = int(time.time())
    guest.get_by_label("Code").fill(app.at(first))
    guest.get_by_role("button", name="Turn on").click()
    expect(guest.get_by_role("dialog", name="Your recovery codes")).to_be_visible()
    codes = copied(guest, "Tidemark recovery codes").split()
    assert len(set(codes)) == 10
    guest.get_by_role("button", name="I have copied it").click()
    expect(guest.get_by_role("button", name="New recovery codes")).to_be_visible()
    assert not [code for code in codes if code in guest.content()]
    return app, first


def test_a_member_joins_by_a_link_and_then_logs_in_with_a_second_factor(
    browser: Browser, installation: Installation
) -> None:
    expect.set_options(timeout=_WAIT_MS)
    project = installation.new_project("A walk with a guest")
    owner_context, owner = a_person(browser, installation)
    log_in(owner, installation, *(installation.credentials[key] for key in ("email", "password")))
    expect(owner.get_by_role("heading", name="Projects")).to_be_visible()
    owner.goto(f"{installation.url}/p/{project['id']}/settings/members")
    owner.get_by_role("button", name="Invite").click()
    owner.get_by_label("E-mail").fill(_GUEST)
    owner.get_by_role("radio", name="Member").check()
    owner.get_by_role("button", name="Create link").click()
    expect(owner.get_by_role("dialog", name=f"Invitation for {_GUEST}")).to_be_visible()
    link = copied(owner, "Link to A walk with a guest")
    have_copied(owner, link)
    owner_context.close()

    guest_context, guest = a_person(browser, installation)
    guest.goto(link)
    expect(guest.get_by_text("A walk with a guest")).to_be_visible()
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Create account").click()
    expect(guest.get_by_role("link", name="A walk with a guest")).to_be_visible()

    app, first = set_up_second_factor(guest)
    guest.get_by_role("button", name=f"Account {_GUEST}").click()
    guest.get_by_role("menuitem", name="Sign out").click()
    log_in(guest, installation, _GUEST, PASSWORD)
    expect(guest.get_by_text("is correct. Now enter your code.")).to_be_visible()
    guest.get_by_label("Code").fill("000000" if app.at(first) != "000000" else "000001")
    guest.get_by_role("button", name="Sign in").click()
    expect(guest.get_by_role("alert")).to_be_visible()
    # A code counts once, so this is the next one; clocks may differ by one step.
    guest.get_by_label("Code").fill(app.at(max(first + 30, int(time.time()))))
    guest.get_by_role("button", name="Sign in").click()
    expect(guest.get_by_role("link", name="A walk with a guest")).to_be_visible()
    guest_context.close()


def set_a_daily_quota(page: Page, address: str) -> None:
    """Set a quota on the page of limits, after a wrong value that the page refuses."""
    page.goto(address)
    quota = page.get_by_label("Events per day (UTC)")
    quota.fill("1000")
    page.get_by_label("Events per month (UTC)").fill("0")
    limits = page.get_by_role("region", name="Rate limits and quotas")
    limits.get_by_role("button", name="Save").click()
    expect(limits.get_by_role("alert")).to_contain_text("Check the marked fields.")
    expect(page.get_by_label("Events per month (UTC)")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Events per month (UTC)").fill("")
    limits.get_by_role("button", name="Save").click()
    expect(limits.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(quota).to_have_value("1,000")


def test_an_owner_makes_a_project_limits_it_deletes_it_and_brings_it_back(
    browser: Browser, installation: Installation
) -> None:
    expect.set_options(timeout=_WAIT_MS)
    context, page = a_person(browser, installation)
    log_in(page, installation, *(installation.credentials[key] for key in ("email", "password")))
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name").fill("Walked through")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog", name="Walked through is ready")).to_be_visible()
    key = copied(page, "Secret key")
    have_copied(page, key)
    page.wait_for_url(re.compile(r"/p/\d+$"))
    number = page.url.rsplit("/", 1)[1]

    def reads() -> int:
        """How the key that was copied is answered."""
        address = f"{installation.url}/api/v1/analytics/{number}/overview"
        return requests.get(address, headers={"X-API-Key": key}, timeout=10).status_code

    assert reads() == 200

    set_a_daily_quota(page, f"{installation.url}/p/{number}/settings/limits")
    page.goto(f"{installation.url}/p/{number}/settings/danger")
    page.get_by_role("button", name="Delete Walked through").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Walked through")
    page.get_by_role("button", name="Delete project").click()
    page.wait_for_url(re.compile(r"/projects$"))
    expect(page.get_by_text("can be restored until")).to_be_visible()
    expect(page.get_by_role("link", name="Walked through")).to_have_count(0)
    assert reads() in {401, 404}

    page.get_by_role("button", name="Restore Walked through").click()
    expect(page.get_by_role("link", name="Walked through")).to_be_visible()
    expect(page.get_by_role("button", name="Restore Walked through")).to_have_count(0)
    deadline = time.monotonic() + 15
    while reads() != 200:
        assert time.monotonic() < deadline, "the key did not come back"
        time.sleep(0.5)
    context.close()
