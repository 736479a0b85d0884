"""Communities and divisions in a browser: entered in the settings, and their visitors counted."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import Installation
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import findings_of_both_schemes
from tests.support.owner_pages import open_project

_WAIT_MS = 20_000
_AREAS = ("ca-qc", "ca-on", None)


def visits() -> list[dict[str, Any]]:
    """Visits of 24 persons on three days to two communities."""
    now = datetime.now(timezone.utc)
    found = []
    for number in range(60):
        event = {
            "event_id": str(uuid.uuid4()),
            "event_name": "page_view",
            "user_id": f"visitor {number % 24}",
            "timestamp": (now - timedelta(hours=number)).isoformat(),
            "page_url": "https://www.reef.example/",
            "country": "CA",
            "community_id": ("harbour", "pier")[number % 2],
            "division_id": _AREAS[number % 3],
        }
        found.append({key: value for key, value in event.items() if value is not None})
    return found


def enter(page: Page, kind: str, **fields: str) -> None:
    """Enter a division or a community in the settings."""
    page.get_by_role("button", name=f"New {kind}").click()
    dialog = page.get_by_role("dialog", name=f"New {kind}")
    for label, value in fields.items():
        role = "combobox" if label == "Division" else "textbox"
        dialog.get_by_role(role, name=label, exact=True).fill(value)  # type: ignore[arg-type]
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_have_count(0, timeout=_WAIT_MS)


def figure(page: Page, name: str) -> Locator:
    """A card with a figure."""
    return page.get_by_role("region", name=name, exact=True)


def asked(page: Page, installation: Installation, key: str, path: str, **query: Any) -> Any:
    """What the API says to the project's secret key."""
    address = f"{installation.url}/api/{path}"
    return page.request.get(address, params=query, headers={"X-API-Key": key}).json()


def send_visits(installation: Installation, project: dict[str, Any]) -> None:
    answer = installation.ingest(project["secret_key"], {"events": visits()})
    assert answer.status_code == 202, answer.text
    installation.wait_until_stored()


def test_visitors_are_counted_by_the_divisions_and_communities_that_were_entered(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Communities page")
    send_visits(installation, project)
    page = open_project(browser, installation, project["id"], is_dark=False)
    page.goto("settings/communities")
    enter(page, "division", Name="Quebec", ID="ca-qc", Type="province", Country="CA")
    enter(page, "division", Name="Ontario", ID="ca-on", Type="province")
    enter(page, "community", Name="Harbour town", ID="harbour", Division="ca-qc")
    enter(page, "community", Name="Pier", ID="pier", Division="ca-on")
    keep_picture(page, "settings-communities")
    assert findings_of_both_schemes(page) == []
    page.get_by_role("link", name="Web", exact=True).click()
    page.get_by_role("link", name="Communities", exact=True).click()
    ask = {"project_id": project["id"]}
    key = project["secret_key"]
    totals = asked(page, installation, key, "analytics/visitors/", **ask)
    expect(figure(page, "Visitors")).to_contain_text(
        str(totals["total_visitors"]), timeout=_WAIT_MS
    )
    expect(figure(page, "Page views")).to_contain_text(str(totals["total_page_views"]))
    assert totals["total_visitors"] == 24
    online = asked(page, installation, key, "analytics/realtime/", **ask)["count"]
    expect(figure(page, "Online now")).to_contain_text(str(online))
    for row in asked(page, installation, key, "analytics/division-breakdown/", **ask):
        # Beside another table there is little room: each cell says its column.
        cells = f"{row['division_name']} Type {row['division_type']} Visitors {row['count']}"
        expect(page.get_by_role("row", name=cells)).to_be_visible()
    path = f"v1/analytics/{project['id']}/community-visitors/"
    for row in asked(page, installation, key, path, period="30d")["items"]:
        named = ("total", "same_division", "cross_division", "unknown_division")
        cells = " ".join(str(row[f"{name}_visitors"]) for name in named)
        expect(page.get_by_role("row", name=f"{row['community_name']} {cells}")).to_be_visible()
    expect(page.get_by_role("img", name="Visitors by day")).to_be_visible(timeout=_WAIT_MS)
    keep_picture(page, "communities")
    assert findings_of_both_schemes(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(figure(page, "Visitors").get_by_text("24")).to_be_in_viewport(timeout=_WAIT_MS)
    keep_picture(page, "communities-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert findings_of_both_schemes(page) == []
    page.context.close()


def test_the_file_has_the_visitors_of_the_chosen_days_and_community(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Communities as a file")
    send_visits(installation, project)
    page = open_project(browser, installation, project["id"], is_dark=False)
    today = datetime.now(timezone.utc).date()
    days = [(today - timedelta(days=number)).isoformat() for number in (1, 0)]
    page.goto(f"web/communities?from={days[0]}&to={days[1]}&community=harbour")
    ask = {"project_id": project["id"], "start_date": days[0], "end_date": days[1]}
    key = project["secret_key"]
    ask |= {"community_id": "harbour"}
    totals = asked(page, installation, key, "analytics/visitors/", **ask)
    expect(figure(page, "Visitors")).to_contain_text(
        str(totals["total_visitors"]), timeout=_WAIT_MS
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV by day").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    trends = asked(page, installation, key, "analytics/trends/", **ask)
    assert [row["date"] for row in rows] == trends["labels"] == days
    assert [int(row["total_visitors"]) for row in rows] == trends["total"]
    assert totals["total_page_views"] == sum(int(row["page_views"]) for row in rows)
    page.context.close()
