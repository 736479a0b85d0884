"""Feature flags in a browser: created, tried, switched, changed and restored."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import PASSWORD, Installation, plain_url
from tests.support.axe import accessibility_findings, findings_of_both_schemes
from tests.support.owner_pages import open_project
from tests.support.sdk_pages import running_site
from tests.support.waiting import wait_for

_WAIT_MS = 20_000
_KEYS_MAX = 60
_NAME = """() => { const one = document.activeElement;
    return (one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent || '')
        .trim() }"""


class Flags:
    """A project with nine users, of whom three are on the plan "pro"."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.installation = installation
        self.project = installation.new_project(name)
        self.id = int(self.project["id"])
        self.owner = installation.login()
        self.url = f"{installation.url}/api/v1/projects/{self.id}/feature-flags/"
        for number in range(9):
            plan = "pro" if number % 3 == 0 else "free"
            answer = requests.post(
                f"{installation.url}/api/v1/identify",
                json={"user_id": f"user-{number}", "properties": {"plan": plan}},
                headers={"X-API-Key": self.project["public_key"]},
                timeout=10,
            )
            assert answer.status_code == 202, answer.text
        installation.wait_until_stored()

    def create(self, key: str, **definition: Any) -> dict[str, Any]:
        made = self.owner.post(self.url, json={"key": key, **definition}, timeout=10)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    def stored(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.owner.get(self.url, timeout=10).json()["items"]
        return found

    def answered(self, user: str, **properties: Any) -> Any:
        """What PostHog's SDKs are answered for a user."""
        answer = requests.post(
            f"{self.installation.url}/decide/?v=3",
            json={
                "api_key": self.project["public_key"],
                "distinct_id": user,
                "person_properties": properties,
            },
            timeout=10,
        )
        return answer.json()["featureFlags"]

    def ask_for(self, key: str, values: list[Any]) -> None:
        """Send the events with which SDKs say that code asked for a flag."""
        at = (datetime.now(timezone.utc) - timedelta(minutes=5)).isoformat()
        events = [
            {
                "event_id": str(uuid.uuid4()),
                "event_name": "$feature_flag_called",
                "distinct_id": f"user-{number}",
                "timestamp": at,
                "properties": {"$feature_flag": key, "$feature_flag_response": value},
            }
            for number, value in enumerate(values)
        ]
        sent = self.installation.ingest(self.project["public_key"], {"events": events})
        assert sent.status_code == 202, sent.text
        self.installation.wait_until_stored()

    def age(self, key: str, days: int) -> None:
        """Make a flag as old as if it had been left alone for days."""
        self._execute(
            "UPDATE feature_flags SET created_at = now() - %s * interval '1 day',"
            " updated_at = now() - %s * interval '1 day' WHERE project_id = %s AND key = %s",
            *(days, days, self.id, key),
        )

    def evaluated(self, key: str, **values: int) -> None:
        """Count requests that needed a flag, as the job stores them."""
        for value, count in values.items():
            self._execute(
                "INSERT INTO flag_evaluations SELECT project_id, date_trunc('hour', now()), id,"
                " 'used', %s, %s FROM feature_flags WHERE project_id = %s AND key = %s",
                *(value, count, self.id, key),
            )

    def _execute(self, statement: str, *values: Any) -> None:
        connection = psycopg2.connect(plain_url(self.installation.environment["DATABASE_URL"]))
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.rowcount == 1
        connection.close()


def row_of(page: Page, key: str) -> Locator:
    """The row of a flag in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=key, exact=True))


def create_cohort(
    installation: Installation, project_id: int, name: str, distinct_ids: list[str]
) -> None:
    """Create a cohort of these persons."""
    made = installation.login().post(
        f"{installation.url}/api/v1/analytics/{project_id}/cohorts/",
        json={"name": name, "distinct_ids": distinct_ids},
        timeout=10,
    )
    assert made.status_code == 201, made.text


def test_a_page_without_flags_shows_how_each_sdk_asks_for_one(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "No flags")
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto("flags")
    expect(page.get_by_text("No feature flags yet")).to_be_visible(timeout=_WAIT_MS)
    sample = page.get_by_role("group", name="Ask for a flag in your code")
    expect(sample).to_contain_text('tidemark.load("flags")')
    expect(sample).to_contain_text(flags.project["public_key"])
    for sdk, code in (("OpenFeature", "OFREPWebProvider"), ("PostHog", "posthog.init")):
        page.get_by_role("radiogroup", name="SDK").get_by_text(sdk).click()
        expect(sample).to_contain_text(code)
        expect(sample).to_contain_text(flags.project["public_key"])
    assert findings_of_both_schemes(page) == []


def test_a_flag_is_created_with_a_condition_and_its_users_are_shown_before(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "New flags")
    create_cohort(installation, flags.id, "First two", ["user-1", "user-2"])
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto("flags")
    expect(page.get_by_text("No feature flags yet")).to_be_visible(timeout=_WAIT_MS)
    page.get_by_role("button", name="New flag", exact=True).click()
    dialog = page.get_by_role("dialog", name="New flag")
    preview = dialog.get_by_role("region", name="Who would have it")
    expect(preview).to_contain_text("Of all 9 users", timeout=_WAIT_MS)
    expect(preview.get_by_role("list", name="Users by value")).to_contain_text("On9100%")
    dialog.get_by_label("Key", exact=True).fill("new-checkout")
    dialog.get_by_role("button", name="Add condition").click()
    condition = dialog.get_by_role("group", name="Condition 1")
    condition.get_by_role("combobox", name="What is compared").click()
    page.get_by_role("option", name="Cohort").click()
    condition.get_by_role("combobox", name="Cohorts").click()
    page.get_by_role("option", name="First two").click()
    expect(preview.get_by_role("list", name="Users by value")).to_contain_text(
        "Off777.8%On222.2%", timeout=_WAIT_MS
    )
    condition.get_by_role("combobox", name="What is compared").click()
    page.get_by_role("option", name="User property").click()
    condition.get_by_role("combobox", name="Property").fill("plan")
    page.get_by_role("option", name="plan").click()
    values = condition.get_by_role("combobox", name="Values")
    values.fill("pr")
    page.get_by_role("option", name="pro").click()
    expect(preview.get_by_role("list", name="Users by value")).to_contain_text(
        "Off666.7%On333.3%", timeout=_WAIT_MS
    )
    reasons = preview.get_by_role("list", name="Users by reason")
    expect(reasons).to_contain_text("3: condition 1 decides")
    expect(reasons).to_contain_text("6: no condition is met")
    preview.get_by_label("Try a distinct id").fill("user-3")
    expect(preview).to_contain_text("user-3: On (condition 1 decides).", timeout=_WAIT_MS)
    preview.get_by_label("Try a distinct id").fill("somebody else")
    expect(preview).to_contain_text("Nobody is known by this id", timeout=_WAIT_MS)
    assert accessibility_findings(page) == []
    dialog.get_by_role("button", name="Create flag").click()
    expect(row_of(page, "new-checkout")).to_contain_text(
        "All users whose plan is pro", timeout=_WAIT_MS
    )
    [stored] = flags.stored()
    assert stored["conditions"][0]["filters"] == [
        {"property": "plan", "operator": "is", "value": ["pro"], "scope": "person"}
    ]
    wait_for(lambda: flags.answered("a", plan="pro") == {"new-checkout": True})
    assert not flags.answered("a", plan="free").get("new-checkout")


def test_variants_add_up_to_a_hundred_percent_and_have_payloads(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "Variants")
    page = open_project(browser, installation, flags.id, is_dark=True)
    page.goto("flags")
    page.get_by_role("button", name="New flag", exact=True).click(timeout=_WAIT_MS)
    dialog = page.get_by_role("dialog", name="New flag")
    dialog.get_by_label("Key", exact=True).fill("colour")
    dialog.get_by_text("Variants", exact=True).click()
    create = dialog.get_by_role("button", name="Create flag")
    dialog.get_by_role("button", name="Add variant").click()
    third = dialog.get_by_role("group", name="Variant 3")
    third.get_by_label("Share", exact=True).fill("10")
    expect(dialog.get_by_text("The shares add up to 110%")).to_be_visible()
    expect(create).to_be_disabled()
    dialog.get_by_role("button", name="Share equally").click()
    expect(dialog.get_by_text("The shares add up to 100%.")).to_be_visible()
    third.get_by_label("Payload (JSON)").fill("{colour: teal}")
    expect(third).to_contain_text("This is not JSON.")
    expect(create).to_be_disabled()
    third.get_by_label("Payload (JSON)").fill('{"colour": "teal", "sizes": [1, 2]}')
    third.get_by_label("Variant key").fill("true")
    create.click()
    expect(dialog.get_by_text("A variant cannot be called true or false.")).to_be_visible(
        timeout=_WAIT_MS
    )
    assert accessibility_findings(page) == []
    third.get_by_label("Variant key").fill("teal")
    dialog.get_by_label("Always teal").fill("user-1")
    dialog.get_by_label("Always teal").press("Enter")
    dialog.get_by_role("button", name="Add condition").click()
    condition = dialog.get_by_role("group", name="Condition 1")
    condition.get_by_role("combobox", name="What is compared").click()
    page.get_by_role("option", name="What the user did").click()
    condition.get_by_role("combobox", name="Event", exact=True).fill("purchase")
    condition.get_by_label("In the last days").fill("30")
    assert accessibility_findings(page) == []
    create.click()
    expect(row_of(page, "colour")).to_contain_text(
        "control 33.34%, test 33.33%, teal 33.33%", timeout=_WAIT_MS
    )
    [stored] = flags.stored()
    assert stored["payloads"] == {"teal": {"colour": "teal", "sizes": [1, 2]}}
    assert stored["overrides"] == {"user-1": "teal"}
    assert stored["conditions"][0]["filters"] == [
        {"property": "purchase", "operator": "did", "value": [30], "scope": "event"}
    ]
    wait_for(lambda: flags.answered("user-1") == {"colour": "teal"})


def test_a_flag_is_switched_off_and_on_again(browser: Browser, installation: Installation) -> None:
    flags = Flags(installation, "Switches")
    base, needing = flags.create("base"), {"property": "base", "scope": "flag", "value": [True]}
    flags.create("above", conditions=[{"filters": [needing]}])
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto("flags")
    switch = page.get_by_role("switch", name="Flag above")
    switch.press("Space", timeout=_WAIT_MS)
    expect(page.get_by_text("“above” is off for everybody")).to_be_visible()
    expect(switch).not_to_be_checked()
    wait_for(lambda: not flags.answered("a").get("above"))
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(switch).to_be_checked()
    wait_for(lambda: flags.answered("a").get("above") is True)
    page.get_by_role("switch", name="Flag base").press("Space")
    dialog = page.get_by_role("dialog", name="Turn off for everybody")
    expect(dialog).to_contain_text("Other flags depend on base and change with it: above.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("switch", name="Flag base")).to_be_checked()
    page.get_by_role("button", name="Delete base").click()
    refused = page.get_by_role("dialog", name="This flag is still needed")
    expect(refused).to_contain_text("Other flags depend on base: above.")
    page.keyboard.press("Escape")
    expect(refused).to_have_count(0)
    page.goto(f"flags/{base['id']}")
    page.get_by_role("button", name="Turn off for everybody").click(timeout=_WAIT_MS)
    page.get_by_role("dialog").get_by_role("button", name="Turn off for everybody").click()
    expect(page.get_by_role("button", name="Turn on")).to_be_visible(timeout=_WAIT_MS)
    wait_for(lambda: not any(flags.answered("a").values()))


def test_the_history_shows_what_changed_and_brings_it_back(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "History")
    flag = flags.create("search", rollout_percentage=10)
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto(f"flags/{flag['id']}")
    page.get_by_role("button", name="Edit").click(timeout=_WAIT_MS)
    dialog = page.get_by_role("dialog", name="Edit search")
    dialog.get_by_label("Share of users", exact=True).fill("75")
    dialog.get_by_label("On from").fill("2026-01-01T09:30")
    dialog.get_by_role("button", name="Save").click()
    changes = page.get_by_role("table", name="Changes of Version 2")
    expect(changes.get_by_role("row", name="Share of users")).to_contain_text(
        "10%75%", timeout=_WAIT_MS
    )
    [stored] = flags.stored()
    zone = flags.project["timezone"]
    assert zone == "UTC"
    assert datetime.fromisoformat(stored["starts_at"]) == datetime(
        2026, 1, 1, 9, 30, tzinfo=timezone.utc
    )
    assert accessibility_findings(page) == []
    page.get_by_role("button", name="Restore this version: Version 1").click()
    restore = page.get_by_role("dialog", name="Restore this version: Version 1")
    restore.get_by_role("button", name="Restore this version").click()
    expect(page.get_by_text("Version 3 · current")).to_be_visible(timeout=_WAIT_MS)
    [restored] = flags.stored()
    assert (restored["rollout_percentage"], restored["starts_at"]) == (10, None)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Flag “search” deleted")).to_be_visible()
    expect(page.get_by_text("No feature flags yet")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row_of(page, "search")).to_be_visible()
    assert [one["id"] for one in flags.stored()] == [flag["id"]]


def test_a_flag_is_copied_to_another_project_after_what_changes_there_was_shown(
    browser: Browser, installation: Installation
) -> None:
    staging = Flags(installation, "Staging")
    flag = staging.create("checkout", rollout_percentage=75, description="The new one")
    there = installation.new_project("Production of checkout")
    url = f"{installation.url}/api/v1/projects/{there['id']}/feature-flags/"
    body = {"key": "checkout", "rollout_percentage": 5, "is_active": False}
    staging.owner.post(url, json=body, timeout=10).raise_for_status()

    page = open_project(browser, installation, staging.id, is_dark=False)
    page.goto(f"flags/{flag['id']}")
    page.get_by_role("button", name="Copy to project").click(timeout=_WAIT_MS)
    dialog = page.get_by_role("dialog", name="Copy checkout to another project")
    copy = dialog.get_by_role("button", name="Copy flag")
    expect(copy).to_be_disabled()
    dialog.get_by_role("combobox", name="Project").fill("Production of checkout")
    page.get_by_role("option", name="Production of checkout").click()
    changes = dialog.get_by_role("table", name="Changes of checkout")
    expect(changes.get_by_role("row")).to_have_count(2, timeout=_WAIT_MS)
    expect(changes.get_by_role("row", name="Description")).to_contain_text("The new one")
    assert accessibility_findings(page) == []
    dialog.get_by_role("switch", name="Keep its state there").click()
    expect(changes.get_by_role("row", name="Share of users")).to_contain_text("5%75%")
    [unchanged] = staging.owner.get(url, timeout=10).json()["items"]
    assert unchanged["description"] == ""
    dialog.get_by_role("switch", name="Keep its state there").click()
    expect(changes.get_by_role("row")).to_have_count(2, timeout=_WAIT_MS)
    copy.click()
    dialog.get_by_role("link", name="Show its flags").click()
    expect(row_of(page, "checkout")).to_contain_text("Off", timeout=_WAIT_MS)
    [copied] = staging.owner.get(url, timeout=10).json()["items"]
    fields = ("description", "rollout_percentage", "is_active")
    assert tuple(copied[field] for field in fields) == ("The new one", 5, False)


def test_flags_that_code_no_longer_needs_are_found(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "Stale")
    for key in ("unused", "decided", "tested", "fresh", "over-http"):
        flags.create(key)
    flags.ask_for("decided", [True] * 4)
    flags.ask_for("tested", [True, False, False])
    for key in ("unused", "decided", "tested", "over-http"):
        flags.age(key, 31)
    flags.evaluated("over-http", true=9, false=3)
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto("flags")
    expect(row_of(page, "unused")).to_contain_text(
        "Stale: not asked for in 30 days", timeout=_WAIT_MS
    )
    expect(row_of(page, "decided")).to_contain_text("Stale: On for everybody in 30 days")
    expect(row_of(page, "tested")).not_to_contain_text("Stale")
    expect(row_of(page, "fresh")).not_to_contain_text("Stale")
    expect(row_of(page, "over-http")).not_to_contain_text("Stale")
    page.get_by_role("radiogroup", name="Show").get_by_text("Stale").click()
    expect(page.get_by_role("rowheader")).to_have_count(2)
    page.get_by_label("Search flags").fill("dec")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    page.get_by_label("Search flags").fill("")
    page.get_by_role("radiogroup", name="Show").get_by_text("All").click()
    page.get_by_role("link", name="tested", exact=True).click()
    usage = page.get_by_role("region", name="Answers in the last 30 days")
    expect(usage.get_by_role("row", name="Off").first).to_be_visible(timeout=_WAIT_MS)
    table = usage.get_by_role("group", name="Asked for 3 times, last")
    expect(table.get_by_role("row", name="Off")).to_contain_text("Off266.7%2")
    expect(table.get_by_role("row", name="On")).to_contain_text("On133.3%1")
    assert accessibility_findings(page) == []
    usage.get_by_role("link", name="Open in Explore").click()
    expect(page).to_have_url(re.compile(r"/explore/trends\?"), timeout=_WAIT_MS)
    expect(page.get_by_role("row", name="false").first).to_contain_text("2", timeout=_WAIT_MS)


def test_the_page_of_a_flag_says_what_the_server_was_asked_for(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "Evaluated")
    flag = flags.create("over-http")
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto(f"flags/{flag['id']}")
    usage = page.get_by_role("region", name="Answers in the last 30 days")
    expect(usage).to_contain_text("Nobody asked for this flag", timeout=_WAIT_MS)
    expect(usage.get_by_role("group", name="Ask for a flag in your code")).to_be_visible()
    flags.evaluated("over-http", true=9, false=3)
    page.reload()
    expect(usage).to_contain_text("the server was asked for it", timeout=_WAIT_MS)
    table = usage.get_by_role("group", name="Evaluated 12 times by the server, last in the hour")
    expect(table.get_by_role("row", name="On")).to_contain_text("On975%")
    expect(table.get_by_role("row", name="Off")).to_contain_text("Off325%")
    assert findings_of_both_schemes(page) == []


def test_the_code_that_is_shown_asks_for_the_flag_on_a_page_of_another_site(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "Copied code")
    flag = flags.create("new-checkout")
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto(f"flags/{flag['id']}")
    code = page.get_by_role("group", name="Ask for a flag in your code").locator("code")
    copied = code.inner_text(timeout=_WAIT_MS)
    shop = browser.new_page()
    with running_site() as site:
        shop.goto(site)
        shown = "<script>window.shown = 0; function showNewCheckout() { shown++; }</script>"
        shop.set_content(f"<!doctype html><title>A shop</title>{shown}{copied}")
        shop.wait_for_function("() => window.shown === 1", timeout=_WAIT_MS)
        assert shop.evaluate("() => tidemark.distinctId()") == "user-42"
    shop.close()


def test_a_viewer_sees_flags_and_cannot_change_them(
    browser: Browser, installation: Installation
) -> None:
    flags = Flags(installation, "Looking")
    flag = flags.create("visible", rollout_percentage=10)
    email = f"viewer-{uuid.uuid4().hex[:8]}@example.org"
    installation.new_user(email, project_id=flags.id, role="viewer")
    context = browser.new_context(base_url=f"{installation.url}/p/{flags.id}/")
    context.request.post(
        f"{installation.url}/api/v1/auth/login", data={"email": email, "password": PASSWORD}
    )
    page = context.new_page()
    page.goto("flags")
    expect(row_of(page, "visible")).to_contain_text("10% of users", timeout=_WAIT_MS)
    expect(page.get_by_role("switch", name="Flag visible")).to_be_disabled()
    for name in ("New flag", "Edit visible", "Delete visible"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.goto(f"flags/{flag['id']}")
    expect(page.get_by_text("Version 1 · current")).to_be_visible(timeout=_WAIT_MS)
    for name in ("Edit", "Delete", "Turn off for everybody"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_a_second_person_accepts_a_change(browser: Browser, installation: Installation) -> None:
    flags = Flags(installation, "Approval")
    flag = flags.create("careful", rollout_percentage=10)
    member = installation.new_user(
        f"proposes-{flags.id}@example.org", project_id=flags.id, role="member"
    )
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto("settings")
    page.get_by_role("switch", name="Changes need approval").check(timeout=_WAIT_MS)
    page.get_by_role("region", name="Feature flags").get_by_role("button", name="Save").click()
    settings = f"{installation.url}/api/v1/projects/{flags.id}/settings"
    wait_for(lambda: flags.owner.get(settings, timeout=10).json()["flag_approval"])
    change = {"rollout_percentage": 60}
    proposed = member.patch(f"{flags.url}{flag['id']}", json=change, timeout=10)
    assert proposed.json()["proposed_change"] is not None
    page.goto("flags")
    row = row_of(page, "careful")
    expect(row).to_contain_text("Waits for approval", timeout=_WAIT_MS)
    expect(row).to_contain_text("10% of users")
    page.get_by_role("link", name="careful", exact=True).click()
    proposal = page.get_by_role("region", name="Proposed change")
    expect(proposal.get_by_role("row", name="Share of users")).to_contain_text("10%60%")
    assert accessibility_findings(page) == []
    proposal.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("approved by owner")).to_be_visible(timeout=_WAIT_MS)
    expect(proposal).to_have_count(0)
    # A change of one's own can only be withdrawn; switching off is done at once.
    page.get_by_role("button", name="Turn off for everybody").click()
    page.get_by_role("dialog").get_by_role("button", name="Turn off for everybody").click()
    page.get_by_role("button", name="Turn on").click(timeout=_WAIT_MS)
    page.get_by_role("dialog").get_by_role("button", name="Turn on").click()
    expect(proposal).to_contain_text("Somebody else has to accept", timeout=_WAIT_MS)
    expect(proposal.get_by_role("button", name="Accept")).to_have_count(0)
    proposal.get_by_role("button", name="Withdraw").click()
    expect(proposal).to_have_count(0, timeout=_WAIT_MS)
    assert [(one["is_active"], one["version"]) for one in flags.stored()] == [(False, 3)]


def test_a_flag_is_made_without_a_pointer(browser: Browser, installation: Installation) -> None:
    key = "keys-only"
    flags = Flags(installation, "Keys")
    page = open_project(browser, installation, flags.id, is_dark=False)
    page.goto("flags")
    expect(page.get_by_text("No feature flags yet")).to_be_visible(timeout=_WAIT_MS)
    _tab_to(page, "New flag")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="New flag")).to_be_visible()
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.type(key)
    _tab_to(page, "Share of users")
    page.keyboard.press("Control+A")
    page.keyboard.type("25")
    _tab_to(page, "Create flag")
    page.keyboard.press("Enter")
    expect(row_of(page, key)).to_contain_text("25% of users", timeout=_WAIT_MS)
    assert [one["rollout_percentage"] for one in flags.stored()] == [25]


def _tab_to(page: Page, name: str) -> None:
    for _ in range(_KEYS_MAX):
        page.keyboard.press("Tab")
        if page.evaluate(_NAME) == name:
            return
    raise AssertionError(f"{name} is not reached with Tab")
