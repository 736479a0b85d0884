"""Results of nobody: each kind of insight names the filters and the step that leave nobody."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000
OPENED = {"event": "opened"}
KINDS: dict[str, dict[str, Any]] = {
    "trends": {"series": [OPENED]},
    "funnel": {"steps": [OPENED, {"event": "signup"}]},
    "retention": {"target": OPENED},
    "lifecycle": {"event": OPENED},
    "stickiness": {"series": [OPENED]},
    "paths": {},
}


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """Three persons opened the page, and two signed up."""
    made = installation.new_project("Emptied")
    events = [
        {"event_name": name, "distinct_id": f"p{person}"}
        for name, persons in (("opened", 3), ("signup", 2))
        for person in range(persons)
    ]
    assert installation.ingest(made["public_key"], events).json()["accepted"] == len(events)
    installation.wait_until_stored()
    return made


def address(kind: str, body: dict[str, Any], more: str = "") -> str:
    """The page of an insight."""
    return f"explore/{kind}?q={quote(json.dumps(body))}{more}"


def test_an_empty_result_names_the_filter_that_emptied_it_and_clears_it(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    page = open_project(browser, installation, project["id"], is_dark=False)
    for kind, body in KINDS.items():
        page.goto(address(kind, body, "&f=browser:is:Nobody"))
        cause = page.get_by_text("Filtered by: browser is Nobody")
        expect(cause).to_be_visible(timeout=_WAIT_MS)
        assert findings_of_both_schemes(page) == [], kind
        page.get_by_role("button", name="Clear filters").last.click()
        expect(cause).not_to_be_visible()
        assert "f=browser" not in page.url
    page.context.close()


def test_an_empty_result_names_filters_of_its_events_and_the_step_nobody_reached(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    page = open_project(browser, installation, project["id"], is_dark=False)
    free = {"property": "plan", "operator": "is", "value": ["free"]}
    page.goto(address("trends", {"series": [{**OPENED, "filters": free}]}))
    expect(page.get_by_text("Nobody did “opened” in this range")).to_be_visible(timeout=_WAIT_MS)
    expect(page.get_by_text("Filtered by: opened: plan is free")).to_be_visible()

    page.goto(address("funnel", {"steps": [{"event": "landed"}, {"event": "signup"}]}))
    expect(page.get_by_text("Nobody did “landed” in this range")).to_be_visible(timeout=_WAIT_MS)

    steps = [OPENED, {"event": "signup", "filters": free}, {"event": "paid"}]
    page.goto(address("funnel", {"steps": steps}))
    note = page.get_by_role("note").filter(has_text="Nobody reached")
    expect(note).to_have_text("Nobody reached 2. signup (signup: plan is free).", timeout=_WAIT_MS)
    page.context.close()
