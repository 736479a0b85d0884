"""Every dialog and menu that a button of a page opens, in a real browser through the gateway."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Browser

from tests.conftest import Installation
from tests.e2e.test_every_page import listed, settled
from tests.support.axe import findings_of_both_schemes
from tests.support.dashboard_pages import OF_NO_PROJECT, ROUTES, Example, make_example
from tests.support.dialogs import OPENED, Pressing, keep_everything
from tests.support.owner_pages import open_project

_EXAMPLES = ("/dashboards/{board}", "/people/{person}", "/alerts")
"""Pages whose buttons open one of each kind: menus, forms, lists of choices, questions."""


@pytest.fixture(scope="module")
def example(installation: Installation) -> Example:
    return make_example(installation)


def pages_to_press(example: Example) -> list[str]:
    """Return the addresses of the examples, or of all pages that need a login (``DIALOGS=all``)."""
    if os.environ.get("DIALOGS") == "all":
        return example.addresses(tuple(one for one in ROUTES if one not in OF_NO_PROJECT))
    return [f"/p/{example.project}{path.format_map(example.things)}" for path in _EXAMPLES]


def test_what_the_buttons_of_a_page_open_is_accessible(
    browser: Browser, installation: Installation, example: Example
) -> None:
    page = open_project(browser, installation, example.project, is_dark=False)
    keep_everything(page)
    pressing = Pressing(page, lambda address: settled(page, address), set())
    addresses, findings, seen = pages_to_press(example), {}, list[str]()
    for address in addresses:
        found = []
        for name in pressing.opened(installation.url + address):
            seen.append(name)
            found += [f"{name}: {one}" for one in findings_of_both_schemes(page, OPENED)]
        if found:
            findings[address] = found
    assert not findings, listed(findings)
    assert len(seen) >= 6, seen
