"""The pages about the server in a browser, as its owner sees them."""

from __future__ import annotations

import re
import uuid
from contextlib import closing
from datetime import datetime, timedelta, timezone

import psycopg2
from playwright.sync_api import Browser, expect
from redis import Redis

from shared.runtime.job_queue import enqueue
from tests.conftest import PASSWORD, Installation, plain_url
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import accessibility_findings, findings_of_both_schemes
from tests.support.factories import an_event
from tests.support.owner_pages import open_project
from tests.support.sealing import store

_WAIT_MS = 20_000


def test_an_owner_sees_the_state_of_the_server(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("System page")
    installation.ingest(project["public_key"], {"events": [{"event_name": "x" * 101}] * 3})
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("/admin/system")
    storing = page.get_by_role("region", name="Storing")
    working = storing.get_by_role("row", name=re.compile("working"))
    expect(working).to_have_count(2, timeout=_WAIT_MS)
    expect(page.get_by_role("row", name=re.compile("^exports 1"))).to_be_visible()
    refused = page.get_by_role("row", name=re.compile("^System page .* 3$"))
    expect(refused).to_be_visible(timeout=_WAIT_MS)
    assert findings_of_both_schemes(page) == []
    page.context.close()


def test_an_owner_replays_a_dead_letter_and_discards_another(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Dead letters page")
    with closing(psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))) as own:
        bad = [an_event(name, properties=b'{"a": "\\u0000"}') for name in ("to replay", "to drop")]
        store(own, project["id"], bad)
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto(f"/admin/dead-letters?project={project['id']}")
    page.get_by_role("button", name="Show to replay").click(timeout=_WAIT_MS)
    expect(page.get_by_role("dialog")).to_contain_text('"distinct_id"', timeout=_WAIT_MS)
    assert findings_of_both_schemes(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Select to drop").check()
    page.get_by_role("button", name="Discard 1").click()
    page.get_by_role("button", name="Discard for good").click()
    expect(page.get_by_text("1 dead letter is discarded.")).to_be_visible(timeout=_WAIT_MS)
    page.get_by_role("checkbox", name="Select to replay").check()
    assert findings_of_both_schemes(page) == []
    page.get_by_role("button", name="Replay 1").click()
    # Its cause is not mended, so it comes back.
    expect(page.get_by_text("1 event is on the way.")).to_be_visible(timeout=_WAIT_MS)
    installation.wait_until_stored()
    page.reload()
    expect(page.get_by_text("1 of 1")).to_be_visible(timeout=_WAIT_MS)
    page.context.close()


def test_an_owner_retries_a_failed_job_and_removes_it(
    browser: Browser, installation: Installation
) -> None:
    missing = 2_000_000_000
    with Redis.from_url(installation.environment["REDIS_URL"]) as redis:
        enqueue(redis, "services.processor.jobs.tasks.rebuild", missing)
    page = open_project(browser, installation, installation.project_id, is_dark=False)
    page.goto("/admin/jobs")
    row = page.get_by_role("row", name=f"deleted project {missing}")
    expect(row).to_contain_text("NotFound: There is no project", timeout=_WAIT_MS)
    scheduled = page.get_by_role("region", name="Schedule").get_by_role("row")
    expect(scheduled.filter(has_text="Seal days")).to_contain_text("*/5 * * * *")
    keep_picture(page, "admin-jobs")
    assert findings_of_both_schemes(page) == []
    failed_at = row.get_by_text(" UTC").inner_text()
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Retry 1").click()
    expect(page.get_by_text("1 job is queued again.")).to_be_visible(timeout=_WAIT_MS)
    # There is still no such project, so it fails again.
    expect(row).not_to_contain_text(failed_at, timeout=_WAIT_MS)
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Remove 1").click()
    assert findings_of_both_schemes(page) == []
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_text("1 job is removed.")).to_be_visible(timeout=_WAIT_MS)
    expect(row).to_have_count(0, timeout=_WAIT_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    keep_picture(page, "admin-jobs-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_an_owner_has_a_day_sealed_again(browser: Browser, installation: Installation) -> None:
    project = installation.new_project("Sealed page")
    old = datetime.now(timezone.utc) - timedelta(days=3)
    event = {"event_name": "old", "user_id": "ada", "timestamp": old.isoformat()}
    installation.ingest(project["public_key"], {"events": [event]})
    installation.wait_until_stored()
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("/admin/aggregates")
    page.get_by_role("searchbox", name="Search projects").fill("Sealed page")
    page.get_by_role("button", name="Show the days of Sealed page").click(timeout=_WAIT_MS)
    drawer = page.get_by_role("dialog", name="Sealed page")
    drawer.get_by_label("From").fill(f"{old:%Y-%m-%d}")
    drawer.get_by_role("button", name="Seal again").click(timeout=_WAIT_MS)
    expect(drawer.get_by_role("link", name="See it in Jobs")).to_be_visible(timeout=_WAIT_MS)
    drawer.get_by_role("switch", name="Only days that wait").click()
    day = f"{old:%b} {old.day}, {old.year}"
    expect(drawer.get_by_role("row", name=f"{day} sealed 1")).to_be_visible(timeout=_WAIT_MS)
    keep_picture(page, "admin-aggregates-days")
    assert findings_of_both_schemes(page) == []
    page.keyboard.press("Escape")
    listed = page.get_by_role("row", name=re.compile("Sealed page"))
    expect(listed.get_by_role("cell").first).not_to_have_text("0", timeout=_WAIT_MS)
    keep_picture(page, "admin-aggregates")
    assert findings_of_both_schemes(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    keep_picture(page, "admin-aggregates-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("settings/audit-log")
    expect(page.get_by_text("Had days sealed again")).to_be_visible(timeout=_WAIT_MS)
    page.context.close()


def test_a_member_who_owns_no_server_sees_no_admin_pages(
    browser: Browser, installation: Installation
) -> None:
    email = f"member-{uuid.uuid4()}@example.org"
    installation.new_user(email, project_id=installation.project_id, role="owner")
    context = browser.new_context(base_url=installation.url, bypass_csp=True)
    login = {"email": email, "password": PASSWORD}
    context.request.post(f"{installation.url}/api/v1/auth/login", data=login)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    for section in ("system", "jobs", "aggregates", "dead-letters", ""):
        page.goto(f"/admin/{section}")
        expect(page.get_by_text("Only owners of this server")).to_be_visible(timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    page.goto("/projects")
    expect(page.get_by_role("link", name="Projects", exact=True)).to_be_visible(timeout=_WAIT_MS)
    assert page.get_by_role("link", name="Admin").count() == 0
    assert not [url for url in asked if "/api/v1/system" in url]
    context.close()


def test_an_owner_finds_the_data_of_a_project_of_others(
    browser: Browser, installation: Installation
) -> None:
    email = f"{uuid.uuid4()}@example.org"
    stranger = installation.new_user(email)
    name = f"Of others {uuid.uuid4().hex[:8]}"
    made = stranger.post(f"{installation.url}/api/v1/projects/", json={"name": name}, timeout=10)
    assert made.status_code == 201, made.text
    flags = f"{installation.url}/api/v1/projects/{made.json()['id']}/feature-flags/"
    assert stranger.post(flags, json={"key": "new-checkout"}, timeout=10).status_code == 201
    event = {"event_name": "found", "user_id": "ada", "session_id": "visit"}
    installation.ingest(made.json()["public_key"], {"events": [event]})
    installation.wait_until_stored()
    page = open_project(browser, installation, installation.project_id, is_dark=False)
    page.goto("/admin/projects")
    page.get_by_role("searchbox", name="Search projects").fill(name)
    keep_picture(page, "admin-projects")
    for link, shown in (
        ("Events", "found"),
        ("Sessions", "ada"),
        ("Users", "ada"),
        ("Feature flags", "new-checkout"),
    ):
        page.get_by_role("link", name=f"{link} of {name}").click(timeout=_WAIT_MS)
        expect(page.get_by_text(shown, exact=True).first).to_be_visible(timeout=_WAIT_MS)
        # Its pages are in the navigation, as of a project of one's own.
        expect(page.get_by_role("button", name=f"Project: {name}")).to_be_visible()
        expect(page.get_by_role("link", name="Goals")).to_be_visible()
        page.go_back()
    expect(page.get_by_role("link", name=f"Health of {name}")).to_be_visible(timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    page.context.close()
