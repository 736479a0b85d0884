"""A flag for groups in the editor: made, tried, and given to every user of a group."""

from __future__ import annotations

from typing import Any

import requests
from playwright.sync_api import Browser, expect

from tests.conftest import Installation
from tests.support.axe import accessibility_findings
from tests.support.owner_pages import open_project
from tests.support.waiting import wait_for

_WAIT_MS = 20_000
_PLANS = {"acme": "pro", "globex": "free", "initech": "pro"}


def _with_companies(installation: Installation) -> dict[str, Any]:
    """Return a new project with three companies, of which two are on the plan "pro"."""
    project = installation.new_project("Flags for companies")
    events = [
        {
            "event_name": "$groupidentify",
            "distinct_id": "somebody",
            "properties": {
                "$group_type": "company",
                "$group_key": key,
                "$group_set": {"plan": plan},
            },
        }
        for key, plan in _PLANS.items()
    ]
    sent = installation.ingest(project["secret_key"], {"events": events})
    assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    return project


def _answered(installation: Installation, project: dict[str, Any], user: str, company: str) -> Any:
    """Return what PostHog's SDKs are answered for a user of a company whose plan they send."""
    body = {
        "api_key": project["public_key"],
        "distinct_id": user,
        "groups": {"company": company},
        "group_properties": {"company": {"plan": _PLANS[company]}},
    }
    answer = requests.post(f"{installation.url}/decide/?v=3", json=body, timeout=10)
    return answer.json()["featureFlags"]


def test_a_flag_for_companies_is_made_tried_and_has_one_value_in_a_company(
    browser: Browser, installation: Installation
) -> None:
    project = _with_companies(installation)
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("flags")
    page.get_by_role("button", name="New flag", exact=True).click(timeout=_WAIT_MS)
    dialog = page.get_by_role("dialog", name="New flag")
    dialog.get_by_label("Key", exact=True).fill("new-billing")
    dialog.get_by_role("combobox", name="The flag is for").click(timeout=_WAIT_MS)
    page.get_by_role("option", name="Groups: company").click()
    preview = dialog.get_by_role("region", name="Who would have it")
    expect(preview).to_contain_text("Of all 3 groups", timeout=_WAIT_MS)
    expect(preview.get_by_role("list", name="Groups by value")).to_contain_text("On3100%")
    dialog.get_by_role("button", name="Add condition").click()
    condition = dialog.get_by_role("group", name="Condition 1")
    condition.get_by_role("combobox", name="Property, such as company.plan").fill("company.plan")
    values = condition.get_by_role("combobox", name="Values")
    values.fill("pro")
    values.press("Enter")
    expect(preview.get_by_role("list", name="Groups by value")).to_contain_text(
        "On266.7%", timeout=_WAIT_MS
    )
    always_on = dialog.get_by_role("group", name="Groups by key").get_by_label("Always On")
    always_on.fill("globex")
    always_on.press("Enter")
    reasons = preview.get_by_role("list", name="Groups by reason")
    expect(reasons).to_contain_text("1: listed by id", timeout=_WAIT_MS)
    preview.get_by_label("Try the key of a group").fill("acme")
    expect(preview).to_contain_text("acme: On (condition 1 decides).", timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    dialog.get_by_role("button", name="Create flag").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="new-billing"))
    expect(row).to_contain_text("All groups (company)", timeout=_WAIT_MS)

    place = f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/"
    [stored] = installation.login().get(place, timeout=10).json()["items"]
    assert (stored["group_type"], stored["overrides"]) == ("company", {"globex": True})
    [condition_stored] = stored["conditions"]
    assert condition_stored["filters"] == [
        {"property": "company.plan", "operator": "is", "value": ["pro"], "scope": "group"}
    ]
    has_it = {"new-billing": True}
    wait_for(lambda: _answered(installation, project, "ada", "acme") == has_it)
    assert _answered(installation, project, "bob", "acme") == has_it
    assert _answered(installation, project, "bob", "globex") == has_it
