"""Names of events come from anybody; on the dashboard they are text and nothing else."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.e2e.test_snake import open_dashboard, public_key

_HOSTILE = "<img src=x onerror=\"document.title='owned'\"> \"'&"


def test_a_hostile_event_name_is_shown_as_text(
    browser: Browser, installation: Installation
) -> None:
    dashboard = open_dashboard(browser, installation)
    for _ in range(3):
        answer = installation.ingest(
            public_key(dashboard), {"event": _HOSTILE, "properties": {_HOSTILE: _HOSTILE}}
        )
        assert answer.json()["accepted"] == 1
    feed = dashboard.get_by_role("region", name="Recent events")
    first = feed.get_by_role("button", name="<img src=x").first
    expect(first).to_be_visible(timeout=20_000)
    first.click()
    chart = dashboard.get_by_role("img", name="Events over time")
    chart.hover(position={"x": 700, "y": 150})
    dashboard.get_by_role("img", name="Most frequent events").hover(position={"x": 300, "y": 20})
    dashboard.wait_for_timeout(500)
    assert "owned" not in dashboard.title()
    assert dashboard.locator("img[src=x]").count() == 0
