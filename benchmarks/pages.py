"""Measure how soon Home and a board of 12 tiles show their figures: ``make bench-pages``.

Start Tidemark first (``make run``). A project gets ``EVENTS=1000000`` of 90 sealed days and of
today, by COPY; a later run finds them. Each page is opened ``TIMES=5`` times in Chromium with new
data, so that no answer is cached, and as often again. Time counts from the navigation of a
signed-in browser, whose files are cached, until every figure is there and every chart in the window
is drawn; "can be used" is when the choice of the dates opens by a click. ``DATA_DIR=.data``.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from datetime import datetime, timedelta, timezone
from datetime import time as clock
from typing import Any

import requests
from playwright.sync_api import Page, sync_playwright

from benchmarks.attach import Running, attach_or_exit
from benchmarks.query import Filling, fill_days
from tools.browser import HOW_TO, find_browser

DAYS = 90
PERSONS = 200_000
STEPS = [{"event": name} for name in ("login", "add_to_cart", "purchase")]
USERS = {"event": None, "metric": "unique_persons"}
TILES: dict[str, tuple[str, dict[str, Any]]] = {
    "Events": ("trends", {"series": [{"event": None}]}),
    "Daily users": ("trends", {"series": [USERS]}),
    "Purchases": ("trends", {"series": [{"event": "purchase"}]}),
    "Users by country": ("trends", {"series": [USERS], "breakdown": {"property": "country"}}),
    "Countries": ("breakdown", {"breakdown": {"property": "country"}}),
    "Pages": ("breakdown", {"breakdown": {"property": "page_path"}}),
    "Conversion": ("funnel", {"steps": STEPS, "order": "any"}),
    "Retention": ("retention", {"interval": "day"}),
    "Lifecycle": ("lifecycle", {}),
    "Stickiness": ("stickiness", {}),
    "Purchases in order": ("funnel", {"steps": STEPS}),
    "Logins": ("trends", {"series": [{"event": "login", "metric": "unique_persons"}]}),
}


def main() -> int:
    """Attach, fill, open the pages, print."""
    browser = find_browser()
    running = attach_or_exit()
    if browser is None:
        print(f"tidemark: there is no Chrome or Chromium. {HOW_TO}", file=sys.stderr)
        return 1
    events, times = (int(os.environ.get(name, default)) for name, default in _DEFAULTS)
    session = running.login()
    project, key = _project(running, session, events)
    board = _board(running, session, project)
    pages = {
        "Home can be used": (f"/p/{project}", _home_can_be_used),
        "Home": (f"/p/{project}", _home_is_shown),
        "board of 12 tiles": (f"/p/{project}/dashboards/{board}", _tiles_are_shown),
    }
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1440, "height": 4_000})
        _sign_in(page, running)
        print(f"{events:,} events; ms until every figure is shown")
        for name, (address, is_shown) in pages.items():
            _open(page, running.url + address, is_shown)
            for kind in ("new data", "cached answers"):
                taken = []
                for _ in range(times):
                    if kind == "new data":
                        _send_event(running, key)
                    taken.append(_open(page, running.url + address, is_shown))
                median = statistics.median(taken)
                print(f"{name:<18} {kind:<15} median {median:6.0f}  most {max(taken):6.0f}")
        chromium.close()
    return 0


_DEFAULTS = (("EVENTS", "1000000"), ("TIMES", "5"))


def _project(running: Running, session: requests.Session, events: int) -> tuple[int, str]:
    """Return the project with so many events, and a key that writes to it."""
    name, base = f"Benchmark of pages, {events:,} events", f"{running.url}/api/v1"
    listed = session.get(f"{base}/projects/?limit=200", timeout=10).json()["items"]
    found = next((one["id"] for one in listed if one["name"] == name), None)
    if found is None:
        created = session.post(f"{base}/projects/", json={"name": name}, timeout=10)
        created.raise_for_status()
        found = created.json()["id"]
        now = datetime.now(timezone.utc)
        today = datetime.combine(now.date(), clock(), timezone.utc)
        first = today - timedelta(days=DAYS)
        url = running.admin_database_url.replace("postgresql+psycopg2://", "postgresql://", 1)
        fill_days(url, Filling(found, events // DAYS, PERSONS, DAYS, first, until=now))
    keys = session.post(
        f"{base}/projects/{found}/keys", json={"kind": "public", "name": "benchmark"}, timeout=10
    )
    keys.raise_for_status()
    return found, keys.json()["key"]


def _board(running: Running, session: requests.Session, project: int) -> str:
    """Return a new board with one tile for each insight."""
    base = f"{running.url}/api/v1/analytics/{project}"
    items = []
    for name, (kind, query) in TILES.items():
        body = {"name": name, "kind": kind, "query": {"period": "30d", **query}}
        saved = session.post(f"{base}/saved-insights/", json=body, timeout=30)
        saved.raise_for_status()
        items.append({"insight_id": saved.json()["id"]})
    body = {"name": "Benchmark", "tiles": {"items": items}}
    board = session.post(f"{base}/dashboards/", json=body, timeout=30)
    board.raise_for_status()
    return str(board.json()["id"])


def _sign_in(page: Page, running: Running) -> None:
    page.goto(f"{running.url}/login")
    page.get_by_label("E-mail").fill(running.email)
    page.get_by_label("Password", exact=True).fill(running.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/projects")


def _send_event(running: Running, key: str) -> None:
    """Store an event, after which no answer of before is given."""
    requests.post(
        f"{running.url}/api/v1/events/ingest",
        json={"event_name": "login", "distinct_id": "watcher"},
        headers={"X-API-Key": key},
        timeout=10,
    ).raise_for_status()
    time.sleep(1)


def _open(page: Page, url: str, is_shown: Any) -> float:
    page.goto("about:blank")
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    is_shown(page)
    return (time.perf_counter() - started) * 1000


def _home_can_be_used(page: Page) -> None:
    """Wait until the choice of the dates answers a click."""
    page.get_by_role("button", name=re.compile("^Dates:")).click()
    page.get_by_role("group", name="Dates", exact=True).wait_for()


def _home_is_shown(page: Page) -> None:
    page.get_by_role("img", name="Users over time").wait_for()


def _tiles_are_shown(page: Page) -> None:
    """Wait as the page itself sees it change: asking from outside would take its time."""
    page.evaluate(_WHEN_TILES_ARE_SHOWN, list(TILES))


_WHEN_TILES_ARE_SHOWN = """(names) => new Promise((resolve) => {
  const waiting = new Set(names);
  const isProven = (tile) =>
    [...tile.querySelectorAll("button")].some((one) => one.textContent.startsWith("Exact"));
  const isDrawn = (chart) =>
    chart.tagName === "svg" || chart.querySelector("svg path") !== null
    || !chart.checkVisibility({ contentVisibilityAuto: true });
  const look = () => {
    for (const tile of document.querySelectorAll("section")) {
      const name = tile.querySelector("h2")?.textContent;
      if (waiting.has(name) && isProven(tile)) waiting.delete(name);
    }
    if (waiting.size > 0 || ![...document.querySelectorAll("[role=img]")].every(isDrawn)) return;
    observer.disconnect();
    resolve();
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, characterData: true });
  look();
})"""


if __name__ == "__main__":
    sys.exit(main())
