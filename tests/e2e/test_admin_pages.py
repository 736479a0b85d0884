"""The pages about the server in a browser, as its owner sees them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.support.axe import accessibility_findings
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_owner_sees_the_state_of_the_server(
    browser: Browser, installation: Installation, scheme: str
) -> None:
    project = installation.new_project(f"System {scheme}")
    installation.ingest(project["public_key"], {"events": [{"event_name": "x" * 101}] * 3})
    page = open_project(browser, installation, project["id"], is_dark=scheme == "dark")
    page.goto("/admin/system")
    storing = page.get_by_role("region", name="Storing")
    working = storing.get_by_role("row", name=re.compile("working"))
    expect(working).to_have_count(2, timeout=_WAIT_MS)
    expect(page.get_by_role("row", name=re.compile("^exports 1"))).to_be_visible()
    refused = page.get_by_role("row", name=re.compile(f"^System {scheme} .* 3$"))
    expect(refused).to_be_visible(timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    page.context.close()
