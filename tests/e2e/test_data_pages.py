"""The pages about data in a browser: install, first events, health, stream, catalogue, export."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000


def test_a_newcomer_installs_and_finds_the_events(
    browser: Browser, installation: Installation, tmp_path: Path
) -> None:
    project = installation.new_project("Data pages")
    page = open_project(browser, installation, project["id"], is_dark=False)

    page.goto("install?platform=python")
    expect(page.get_by_text("Waiting for an event")).to_be_visible(timeout=_WAIT_MS)
    code = page.get_by_role("region", name="Python").locator("code").first
    expect(code).to_contain_text(project["public_key"], timeout=_WAIT_MS)
    # The code of the page, as it stands there, sends an event.
    exec(compile(code.inner_text(), "snippet", "exec"), {})
    expect(page.get_by_text(re.compile("^Received order_paid"))).to_be_visible(timeout=_WAIT_MS)
    assert findings_of_both_schemes(page) == []

    installation.ingest(project["public_key"], {"events": [{"event_name": "x" * 101}] * 3})
    installation.wait_until_stored()
    page.goto("health")
    expect(page.get_by_text("4 received = 1 stored + 0 duplicate + 3 refused")).to_be_visible(
        timeout=_WAIT_MS
    )
    expect(page.get_by_role("link", name=re.compile("^Health"))).to_contain_text(
        "1", timeout=_WAIT_MS
    )
    assert findings_of_both_schemes(page) == []

    page.goto("events")
    page.get_by_role("button", name=re.compile("^order_paid")).click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("EUR", timeout=_WAIT_MS)
    assert findings_of_both_schemes(page) == []
    drawer.get_by_role("link", name="Open in the catalogue").click()
    expect(page.get_by_role("heading", name="order_paid", level=1)).to_be_visible(timeout=_WAIT_MS)
    page.get_by_role("button", name=re.compile("^currency")).click()
    expect(page.get_by_role("list", name="Values of currency")).to_contain_text(
        "EUR", timeout=_WAIT_MS
    )
    assert findings_of_both_schemes(page) == []

    page.goto("data?format=jsonl")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    target = tmp_path / "events.jsonl"
    download.value.save_as(target)
    assert [json.loads(line)["event_name"] for line in target.read_text().splitlines()] == [
        "order_paid"
    ]
    page.context.close()
