"""The pages about the server in a browser, as its owner sees them."""

from __future__ import annotations

import re
from contextlib import closing

import psycopg2
import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Installation, plain_url
from tests.support.axe import accessibility_findings
from tests.support.factories import an_event
from tests.support.owner_pages import open_project
from tests.support.sealing import store

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_owner_replays_a_dead_letter_and_discards_another(
    browser: Browser, installation: Installation, scheme: str
) -> None:
    project = installation.new_project(f"Dead letters {scheme}")
    with closing(psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))) as own:
        bad = [an_event(name, properties=b'{"a": "\\u0000"}') for name in ("to replay", "to drop")]
        store(own, project["id"], bad)
    page = open_project(browser, installation, project["id"], is_dark=scheme == "dark")
    page.goto(f"/admin/dead-letters?project={project['id']}")
    page.get_by_role("button", name="Show to replay").click(timeout=_WAIT_MS)
    expect(page.get_by_role("dialog")).to_contain_text('"distinct_id"', timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Select to drop").check()
    page.get_by_role("button", name="Discard 1").click()
    page.get_by_role("button", name="Discard for good").click()
    expect(page.get_by_text("1 dead letter is discarded.")).to_be_visible(timeout=_WAIT_MS)
    page.get_by_role("checkbox", name="Select to replay").check()
    assert accessibility_findings(page) == []
    page.get_by_role("button", name="Replay 1").click()
    # Its cause is not mended, so it comes back.
    expect(page.get_by_text("1 event is on the way.")).to_be_visible(timeout=_WAIT_MS)
    installation.wait_until_stored()
    page.reload()
    expect(page.get_by_text("1 of 1")).to_be_visible(timeout=_WAIT_MS)
    page.context.close()
