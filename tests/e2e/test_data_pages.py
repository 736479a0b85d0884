"""The pages about data in a browser: install, first events, health, stream, catalogue, export."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project
from tests.support.page_widths import unfit

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


def test_history_is_mapped_tried_imported_and_reconciled_on_a_phone(
    browser: Browser, installation: Installation, tmp_path: Path
) -> None:
    project = installation.new_project("History")
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.set_viewport_size({"width": 390, "height": 844})
    file = tmp_path / "old shop.csv"
    lines = ["what,when,user_id,plan", "bought,2026-03-01 12:00,ada,pro", "bought,never,bob,pro"]
    file.write_text("\n".join([*lines, "seen,2026-03-02 12:00,eve,free", ""]))

    page.goto("data")
    panel = page.get_by_role("region", name="Import", exact=True)
    panel.locator("input[type=file]").set_input_files(file)
    # The names of two columns say nothing, so they are chosen by hand.
    expect(panel.get_by_role("alert")).to_contain_text("event_name", timeout=_WAIT_MS)
    for field, column in (("Name of the event", "what"), ("Time", "when")):
        panel.get_by_role("combobox", name=field, exact=True).click()
        page.get_by_role("option", name=column, exact=True).click()
    preview = panel.get_by_role("table")
    expect(preview).to_contain_text("Of the first 3 rows, 1 would be refused", timeout=_WAIT_MS)
    expect(preview.get_by_role("row").nth(2)).to_contain_text("neither ISO 8601")
    panel.get_by_role("button", name="All columns").click()
    assert findings_of_both_schemes(page) == []
    assert unfit(page) == []
    panel.get_by_role("button", name="Import", exact=True).click()

    imports = panel.get_by_role("list", name="Imports")
    expect(imports).to_contain_text("3 rows: 2 imported, 0 duplicates, 1 refused", timeout=90_000)
    expect(imports).to_contain_text("Finished", timeout=_WAIT_MS)
    imports.get_by_role("button", name="By day and event: old shop.csv").click()
    rows = imports.get_by_role("row")
    expect(rows.nth(1)).to_have_text(re.compile(r"Unreadable.*bought.*1.*0.*0.*1"))
    expect(rows.nth(2)).to_have_text(re.compile(r"2026-03-01.*bought.*1.*1.*0.*0"))
    expect(rows.nth(3)).to_have_text(re.compile(r"2026-03-02.*seen.*1.*1.*0.*0"))
    assert findings_of_both_schemes(page) == []
    assert unfit(page) == []
    with page.expect_download() as download:
        imports.get_by_role("link", name="Download refused rows").click()
    target = tmp_path / "refused.csv"
    download.value.save_as(target)
    refused = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert [(row[0], row[1]) for row in refused[1:]] == [("2", "3")]

    # An upload that was cut off waits; it is cancelled.
    _begin_upload(page, installation, project["id"])
    page.reload()
    imports.get_by_role("button", name="Cancel import: half.jsonl").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel import").click()
    expect(imports).to_contain_text("Cancelled", timeout=_WAIT_MS)
    expect(imports.get_by_role("button", name="Cancel import: half.jsonl")).to_have_count(0)
    page.context.close()


def _begin_upload(page: Page, installation: Installation, project_id: int) -> None:
    """Begin an import of a file that never arrives."""
    fields = {"timestamp": ["at"], "distinct_id": ["who"], "event_name": ["what"]}
    made = page.request.post(
        f"{installation.url}/api/v1/analytics/{project_id}/imports/",
        data={"name": "half.jsonl", "format": "jsonl", "size": 10, "mapping": {"fields": fields}},
    )
    assert made.status == 201, made.text()
