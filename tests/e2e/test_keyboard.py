"""The way from the sign-in page to a shared dashboard without a pointer: keys only."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PASSWORD, Installation
from tests.e2e.test_accounts import a_person
from tests.e2e.test_web_page import keep_picture

MAX_TABS = 120
STEPS = ("landed", "chose", "paid")
_NAME = """() => { const one = document.activeElement;
    const label = one.getAttribute('aria-label') || (one.labels && one.labels[0]?.textContent)
        || one.getAttribute('placeholder') || one.textContent || '';
    return label.trim() }"""
# What shows the focus: an outline, or the coloured border of a field, on the element or what wraps
# it; the control beside it, where the element itself is not drawn.
_IS_FOCUS_SHOWN = """() => {
    const one = document.activeElement;
    const drawn = (element) => { if (!element) return false;
        const style = getComputedStyle(element);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
            && style.outlineColor !== 'rgba(0, 0, 0, 0)'; };
    if (drawn(one.nextElementSibling)) return true;
    for (let up = one; up; up = up.parentElement) if (drawn(up)) return true;
    const field = one.matches('input, textarea, select') ? one.closest('.mantine-Input-wrapper')
        || one.closest('.mantine-InputWrapper-root') : null;
    const border = field && (field.querySelector('.mantine-Input-input') || one);
    const plain = getComputedStyle(document.documentElement).getPropertyValue('--tm-line').trim();
    const probe = document.createElement('i');
    probe.style.color = plain; document.body.append(probe);
    const plainColour = getComputedStyle(probe).color; probe.remove();
    return Boolean(border) && getComputedStyle(border).borderColor !== plainColour; }"""
_IS_IN_DIALOG = "() => document.activeElement.closest('[role=dialog]') !== null"


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A project in which 8 persons took the first step, 4 the second and 2 the third."""
    made = installation.new_project("Without a pointer")
    events = [
        {"event_name": step, "distinct_id": f"p{person}", "country": "DE"}
        for index, step in enumerate(STEPS)
        for person in range(8 >> index)
    ]
    assert installation.ingest(made["public_key"], events).json()["accepted"] == len(events)
    installation.wait_until_stored()
    return made


def focused(page: Page) -> str:
    """What the element with the focus is called."""
    name: str = page.evaluate(_NAME)
    return name


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until an element whose name begins so has the focus, which every stop shows."""
    passed = []
    for _ in range(MAX_TABS):
        page.keyboard.press(key)
        # Behind the last element come the browser's own, and then the first one again.
        if page.evaluate("document.activeElement === document.body"):
            continue
        passed.append(focused(page))
        assert page.evaluate(_IS_FOCUS_SHOWN), f"nothing shows the focus on {passed[-1]!r}"
        if passed[-1].startswith(name):
            return
    raise AssertionError(f"Tab never reached {name!r}, but {passed}")


def wait_for_focus(page: Page, name: str) -> None:
    """Wait until the focus is back at an element, as after a dialog that fades out."""
    for _ in range(50):
        if focused(page).startswith(name):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the focus is on {focused(page)!r}, not on {name!r}")


def tab_around(page: Page) -> None:
    """Press Tab more often than a dialog has elements: the focus stays in it."""
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(_IS_IN_DIALOG), focused(page)


def type_text(page: Page, text: str) -> None:
    for character in text:
        page.keyboard.press("Space" if character == " " else character)


def test_from_the_sign_in_page_to_a_shared_dashboard_by_keys_alone(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    context, page = a_person(browser, installation)
    page.goto(f"{installation.url}/login")
    # Of a person with one project: other tests leave hundreds of them to the first account.
    email = f"{uuid.uuid4()}@example.com"
    installation.new_user(email, project_id=project["id"], role="owner")
    _sign_in(page, email, PASSWORD)
    expect(page.get_by_role("heading", level=1, name="Projects")).to_be_visible()
    tab_to(page, project["name"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name=re.compile("Users over time"))).to_be_visible()
    _skip_to_the_content(page)
    _choose_dates(page)
    _filter(page)
    _save_a_funnel(page)
    _put_it_on_a_dashboard(page)
    _share(page)
    keep_picture(page, "keyboard-shared")
    context.close()


def _sign_in(page: Page, email: str, password: str) -> None:
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    tab_to(page, "E-mail")
    type_text(page, email)
    tab_to(page, "Password")
    type_text(page, password)
    page.keyboard.press("Enter")


def _skip_to_the_content(page: Page) -> None:
    page.reload()
    expect(page.get_by_role("img", name=re.compile("Users over time"))).to_be_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null"), focused(page)


def _choose_dates(page: Page) -> None:
    tab_to(page, "Dates: Last 30 days")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Dates")).to_be_visible()
    tab_around(page)
    tab_to(page, "Last 7 days")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Dates")).to_have_count(0)
    wait_for_focus(page, "Dates: Last 7 days")


def _filter(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Property")).to_be_focused()
    type_text(page, "country")
    tab_to(page, "Values")
    type_text(page, "DE")
    page.keyboard.press("Enter")
    tab_around(page)
    tab_to(page, "Apply")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Edit filter: country is Germany")).to_be_visible()
    # Where it was when the key was pressed.
    wait_for_focus(page, "Dates: Last 7 days")


def _save_a_funnel(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("[role=dialog] input").first).to_be_focused()
    type_text(page, "explore")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Trends")).to_be_visible()
    tab_to(page, "Funnel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Step 1")).to_be_visible()
    page.keyboard.press("e")
    for index, step in enumerate(STEPS):
        expect(page.get_by_role("combobox", name=f"Step {index + 1}")).to_be_focused()
        type_text(page, step)
        page.keyboard.press("Enter")
        if index == 1:
            tab_to(page, "Add step")
            page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="25% of 8 users completed the funnel")).to_be_visible()
    tab_to(page, "Save", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    tab_around(page)
    page.keyboard.press("Escape")
    wait_for_focus(page, "Save")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=" → ".join(STEPS))).to_be_visible()


def _put_it_on_a_dashboard(page: Page) -> None:
    tab_to(page, "Add to dashboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("New dashboard")).to_be_focused()
    type_text(page, "Growth")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Added to Growth")).to_be_visible()
    wait_for_focus(page, "Add to dashboard")
    tab_to(page, "Added to Growth", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Growth")).to_be_visible()


def _share(page: Page) -> None:
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Save layout")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Save layout")).to_have_count(0)
    tab_to(page, "Share")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, "Create link")
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("group", name="Link").get_by_text(re.compile("/shared/"))
    ).to_be_visible()
    tab_around(page)
    page.keyboard.press("Escape")
    wait_for_focus(page, "Share")
