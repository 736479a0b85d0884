"""Alerts in a browser: from an insight to the inbox, where somebody takes care of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

import psycopg2
import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.conftest import Installation, plain_url
from tests.support.axe import accessibility_findings
from tests.support.owner_pages import open_project
from tests.support.waiting import wait_for

_WAIT_MS = 20_000
_NOW = datetime.now(timezone.utc)


def project_with_insight(installation: Installation, name: str) -> tuple[int, int]:
    """A project with events three hours ago, and a saved trend of them; answers both ids."""
    project = installation.new_project(name)
    at = (_NOW - timedelta(hours=3)).isoformat()
    events = [
        {"event_id": str(uuid.uuid4()), "event_name": "order", "user_id": f"u{n}", "timestamp": at}
        for n in range(20)
    ]
    assert installation.ingest(project["public_key"], {"events": events}).status_code == 202
    installation.wait_until_stored()
    saved = installation.login().post(
        f"{installation.url}/api/v1/analytics/{project['id']}/saved-insights/",
        json={"name": "Orders", "kind": "trends", "query": {"series": [{"event": "order"}]}},
        timeout=10,
    )
    assert saved.status_code == 201, saved.text
    return project["id"], saved.json()["id"]


def begin_before(installation: Installation, project: int) -> None:
    """Have the schedule evaluate the alerts of a project from six hours ago on."""
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts SET evaluated_until = %s WHERE project_id = %s",
            (_NOW - timedelta(hours=6), project),
        )
    connection.close()


def wait_for_event(installation: Installation, owner: requests.Session, project: int) -> None:
    """Wait until the schedule, which runs every minute, has found the firing."""
    url = f"{installation.url}/api/v1/alert-events/?project_id={project}"
    wait_for(lambda: bool(owner.get(url, timeout=10).json()["items"]), 150)


@pytest.fixture(scope="module", autouse=True)
def quiet(installation: Installation) -> int:
    """A project with an alert that fires while the first test waits for the schedule."""
    project, _ = project_with_insight(installation, "Taken care of")
    made = installation.login().post(
        f"{installation.url}/api/v1/analytics/{project}/alerts/",
        json={
            "name": "Too quiet",
            "watch": {"kind": "silence"},
            "condition": {"kind": "absolute", "direction": "below", "threshold": 1},
        },
        timeout=10,
    )
    assert made.status_code == 201, made.text
    begin_before(installation, project)
    return project


def test_an_alert_on_an_insight_fires_and_is_taken_care_of(
    browser: Browser, installation: Installation
) -> None:
    project, insight = project_with_insight(installation, "Alerting")
    page = open_project(browser, installation, project, is_dark=False)
    page.goto("explore/library")
    page.get_by_role("button", name="More actions: Orders").click(timeout=_WAIT_MS)
    page.get_by_role("menuitem", name="Create an alert").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Value", exact=True).fill("10")
    expect(dialog.get_by_text("It would have fired once.")).to_be_visible(timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    dialog.get_by_role("button", name="Create alert").click()
    expect(page.get_by_role("row", name="Orders")).to_contain_text("above 10")
    assert f"insight={insight}" not in page.url
    assert accessibility_findings(page) == []
    begin_before(installation, project)
    wait_for_event(installation, installation.login(), project)
    page.goto("../../inbox?state=resolved")
    entry = page.get_by_role("article", name="Orders")
    expect(entry).to_contain_text("The condition is no longer met", timeout=_WAIT_MS)
    expect(entry).to_contain_text("Value 20")


def test_a_form_offers_the_figures_of_an_insight(
    browser: Browser, installation: Installation
) -> None:
    """Of paths, which have most fields: the chosen ones are what the preview evaluates."""
    project, _ = project_with_insight(installation, "Watching paths")
    saved = installation.login().post(
        f"{installation.url}/api/v1/analytics/{project}/saved-insights/",
        json={"name": "Ways", "kind": "paths", "query": {"by": "event"}},
        timeout=10,
    )
    page = open_project(browser, installation, project, is_dark=True)
    page.goto(f"alerts?insight={saved.json()['id']}")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Figure").click(timeout=_WAIT_MS)
    page.get_by_role("option", name="Share of visits to an event or page").click()
    for label, choice in (("Check", "every hour"), ("Over the last", "hour")):
        dialog.get_by_label(label, exact=True).click()
        page.get_by_role("option", name=choice, exact=True).click()
    dialog.get_by_label("Event or page", exact=True).fill("order")
    dialog.get_by_label("Percent", exact=True).fill("50")
    expect(dialog.get_by_text("It would have fired once.")).to_be_visible(timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    dialog.get_by_role("button", name="Create alert").click()
    expect(page.get_by_role("row", name="Ways")).to_contain_text("above 50")


def test_somebody_acknowledges_and_resolves_in_the_inbox(
    browser: Browser, installation: Installation, quiet: int
) -> None:
    wait_for_event(installation, installation.login(), quiet)
    page = open_project(browser, installation, quiet, is_dark=True)
    page.goto("../../inbox")
    entry = page.get_by_role("article", name="Too quiet").first
    expect(entry).to_contain_text("Firing", timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    entry.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("dialog").get_by_label("Note (optional)").fill("on it")
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    expect(entry).to_contain_text("Acknowledged by")
    expect(entry).to_contain_text("on it")
    entry.get_by_role("button", name="Resolve").click()
    page.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("article", name="Too quiet")).to_have_count(0)
