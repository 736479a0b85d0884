"""Experiments in a browser: created with a plan, read, and shipped, so that the flag changes."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.support.axe import accessibility_findings
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000
_NOW = datetime.now(timezone.utc)
_VARIANTS = ("control", "green")


def _event(name: str, user: int, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "event_id": str(uuid.uuid4()),
        "event_name": name,
        "user_id": f"user {user}",
        "timestamp": at.isoformat(),
        **more,
    }


@pytest.fixture
def shop(installation: Installation) -> dict[str, Any]:
    """A flag that 400 users asked for since yesterday; a tenth of the control buys, half of green.

    Before that, 60 users came on each of two days, and every third bought.
    """
    project = installation.new_project("Shop with experiments")
    events = []
    for user in range(400):
        at = _NOW - timedelta(hours=20) + user * timedelta(minutes=2)
        called = {
            "$feature_flag": "button",
            "$feature_flag_response": _VARIANTS[user % 2],
            "plan": ("free", "pro")[user // 2 % 2],
        }
        events.append(_event("$feature_flag_called", user, at, properties=called))
        if user % 20 == 0 or user % 4 == 1:
            events.append(_event("bought", user, at + timedelta(minutes=5)))
    for user in range(1_000, 1_120):
        at = _NOW - timedelta(days=3 + user % 2, minutes=user % 60)
        events.append(_event("opened", user, at))
        if user % 3 == 0:
            events.append(_event("bought", user, at + timedelta(seconds=30)))
    for start in range(0, len(events), 50):
        sent = installation.ingest(project["public_key"], {"events": events[start : start + 50]})
        assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    flags = f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/"
    made = installation.login().post(
        flags,
        json={
            "key": "button",
            "variants": [{"key": key, "rollout_percentage": 50} for key in _VARIANTS],
        },
        timeout=10,
    )
    assert made.status_code == 201, made.text
    return {"id": project["id"], "flag": f"{flags}{made.json()['id']}"}


def create(page: Page) -> None:
    """Create an experiment by the form, with what the project's own figures say it needs."""
    page.goto("experiments")
    expect(page.get_by_text("No experiments yet")).to_be_visible(timeout=_WAIT_MS)
    page.get_by_role("button", name="New experiment").click()
    dialog = page.get_by_role("dialog", name="New experiment")
    dialog.get_by_label("Name", exact=True).fill("Green button")
    dialog.get_by_label("Feature flag").fill("button")
    expect(dialog.get_by_label("Variant 2", exact=True)).to_have_value("green")
    dialog.get_by_label("Name of the metric").fill("Buys")
    dialog.get_by_label("Event", exact=True).fill("bought")
    plan = dialog.get_by_role("group", name="Required sample and duration")
    plan.get_by_label("Smallest effect worth finding").fill("50")
    expect(plan.get_by_role("status")).to_contain_text("The experiment needs", timeout=_WAIT_MS)
    expect(plan.get_by_role("row", name="Buys")).to_be_visible()
    # More certainty needs more users.
    needed = plan.get_by_role("status").inner_text()
    plan.get_by_label("Chance to find it").fill("95")
    expect(plan.get_by_role("status")).not_to_have_text(needed, timeout=_WAIT_MS)
    dialog.get_by_role("button", name="Add filter: Metric 1").click()
    page.get_by_role("combobox", name="Property").fill("plan")
    page.get_by_role("combobox", name="Values").fill("pro")
    page.get_by_role("combobox", name="Values").press("Enter")
    page.get_by_role("button", name="Apply").click()
    dialog.get_by_role("button", name="Remove filter: plan is pro").click()
    assert accessibility_findings(page) == []
    dialog.get_by_role("button", name="Create experiment").click()
    expect(page.get_by_role("row", name="Green button")).to_contain_text("Running")


def test_an_experiment_is_created_read_and_shipped(
    browser: Browser, installation: Installation, shop: dict[str, Any]
) -> None:
    page = open_project(browser, installation, shop["id"], is_dark=False)
    create(page)
    owner = installation.login()
    url = f"{installation.url}/api/v1/analytics/{shop['id']}/experiments/"
    [saved] = owner.get(url, timeout=10).json()["items"]
    assert [one["share"] for one in saved["variants"]] == [0.5, 0.5]
    # It began just now, and the users of the example came before.
    begun = (_NOW - timedelta(days=1)).isoformat()
    changed = owner.patch(f"{url}{saved['id']}", json={"starts_at": begun}, timeout=10)
    assert changed.status_code == 200, changed.text

    page.goto(f"experiments/{saved['id']}")
    verdict = page.get_by_role("status").filter(has_text="raises")
    expect(verdict).to_contain_text("“green” raises “Buys”", timeout=_WAIT_MS)
    expect(page.get_by_role("img", name="Buys: difference to the control")).to_be_visible()
    expect(page.get_by_role("row", name="green Better 200 50% +400%")).to_be_visible()
    page.get_by_role("combobox", name="Read as").click()
    page.get_by_role("option", name="Bayesian").click()
    expect(page.get_by_role("columnheader", name="Chance to win")).to_be_visible()
    page.get_by_role("combobox", name="By property of the first exposure").fill("plan")
    expect(page.get_by_role("row", name="free 200")).to_be_visible(timeout=_WAIT_MS)
    assert accessibility_findings(page) == []

    page.get_by_role("button", name="Ship a variant").click()
    dialog = page.get_by_role("dialog", name="Ship a variant of Green button")
    dialog.get_by_label("What was decided, and why").fill("More people buy.")
    assert accessibility_findings(page) == []
    dialog.get_by_role("button", name="Ship a variant").click()
    expect(dialog).to_have_count(0, timeout=_WAIT_MS)
    expect(page.get_by_role("region", name="Decision")).to_contain_text("Shipped: green")
    flag = owner.get(shop["flag"], timeout=10).json()
    assert (flag["version"], flag["conditions"][0]["variant"]) == (2, "green")
    [done] = owner.get(url, timeout=10).json()["items"]
    assert (done["outcome"], done["decision"]) == ("shipped", "More people buy.")


def test_a_mismatch_says_what_to_do_and_viewers_only_read(
    browser: Browser, installation: Installation, shop: dict[str, Any]
) -> None:
    made = installation.login().post(
        f"{installation.url}/api/v1/analytics/{shop['id']}/experiments/",
        json={
            "name": "Wrong shares",
            "flag_key": "button",
            "variants": [{"key": "control", "share": 0.1}, {"key": "green", "share": 0.9}],
            "metrics": [{"name": "Buys", "kind": "conversion", "event": "bought"}],
            "starts_at": (_NOW - timedelta(days=1)).isoformat(),
            "decision": "Look again.",
        },
        timeout=10,
    )
    assert made.status_code == 201, made.text
    viewer = installation.new_user(
        f"viewer-{uuid.uuid4().hex[:8]}@example.org", project_id=shop["id"], role="viewer"
    )
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", color_scheme="dark")
    context.add_cookies(
        [
            {"name": name, "value": value, "url": installation.url}
            for name, value in viewer.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{installation.url}/p/{shop['id']}/experiments/{made.json()['id']}")
    warning = page.get_by_role("alert").filter(has_text="planned shares")
    expect(warning).to_contain_text("begin a new experiment", timeout=_WAIT_MS)
    expect(page.get_by_text("Do not decide by these results")).to_be_visible()
    expect(page.get_by_role("region", name="Decision")).to_contain_text("Look again.")
    for name in ("Ship a variant", "Roll back", "Edit experiment", "Save note"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    assert accessibility_findings(page) == []
    context.close()
