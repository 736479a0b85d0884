"""The SDK in a real browser against the real installation."""

from __future__ import annotations

import os
import time
from datetime import timezone

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, Route

from tests.conftest import Installation, plain_url
from tests.support.failing_network import failing_network
from tests.support.sdk_pages import running_site
from tests.support.sdk_schedules import Course, Schedule, Visitor

_COUNT = 10_000
_SCHEDULES = int(os.environ.get("SDK_SCHEDULES", "2"))
"""``make soak-sdk`` runs fifty of 200 events; another ``SDK_SEED`` gives others."""
_TOLERANCE_SECONDS = 4.0
"""Of a wrong clock: it is corrected by a request that may have been slow. A right one is exact."""


def open_page(browser: Browser, installation: Installation) -> Page:
    """A page with the SDK, before it was started."""
    page = browser.new_context().new_page()
    page.goto(f"{installation.url}/demo/")
    return page


def start(page: Page, key: str) -> None:
    """Start a client of the test's own, so that the page's own does not mix in."""
    page.evaluate(
        """async (project) => {
            const { createTidemark } = await import("/static/sdk/tidemark.mjs");
            window.mine = createTidemark();
            window.mine.init({ project, autoPageView: false, persistence: "memory" });
        }""",
        key,
    )


def sums(installation: Installation, project_id: int) -> tuple[int, int, int]:
    """Stored rows, distinct ids, and what the rollups say."""
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT event_id), (SELECT sum(events)::int FROM event_counts "
            "WHERE project_id = %(id)s) FROM events WHERE project_id = %(id)s",
            {"id": project_id},
        )
        found = cursor.fetchone()
    connection.close()
    assert found
    return found[0], found[1], found[2]


def test_ten_thousand_events_are_stored_once_each_and_counted(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("ten thousand")
    page = open_page(browser, installation)
    start(page, project["public_key"])
    delivered = page.evaluate(
        """async (count) => {
            for (let sent = 0; sent < count; sent += 500) {
                for (let n = 0; n < 500; n++) window.mine.event(`event ${n % 7}`, { n: sent + n });
                await window.mine.flush();
            }
            return window.mine.stats();
        }""",
        _COUNT,
    )
    assert delivered == {"sent": _COUNT, "waiting": 0, "refused": 0, "lost": 0}
    installation.wait_until_stored()
    assert sums(installation, project["id"]) == (_COUNT, _COUNT, _COUNT)


def test_answers_that_are_lost_or_refused_make_no_duplicates(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("lost answers")
    page = open_page(browser, installation)
    attempts = 0

    def interfere(route: Route) -> None:
        nonlocal attempts
        if project["public_key"] not in (route.request.post_data or ""):
            route.continue_()  # the demo page's own events
            return
        attempts += 1
        if attempts == 1:
            route.fetch()  # the server takes them, and the answer is lost
            route.abort()
        elif attempts == 2:
            route.fulfill(status=503, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route("**/api/v1/events/ingest", interfere)
    start(page, project["public_key"])
    page.evaluate("() => { for (let n = 0; n < 5; n++) window.mine.event('once'); }")
    for _ in range(300):
        if page.evaluate("window.mine.stats().sent") == 5:
            break
        page.wait_for_timeout(100)
    installation.wait_until_stored()
    assert attempts == 3
    assert sums(installation, project["id"]) == (5, 5, 5)


def stored(installation: Installation, project_id: int) -> list[tuple[str, float]]:
    """Name and time of the stored events, in the order of their times."""
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_name, timestamp FROM events WHERE project_id = %s ORDER BY timestamp, id",
            [project_id],
        )
        rows = [(name, at.astimezone(timezone.utc).timestamp()) for name, at in cursor]
    connection.close()
    return rows


def assert_kept(course: Course, rows: list[tuple[str, float]]) -> None:
    """Nothing is lost or double, each tab's events are in order, and at the times they happened."""
    names = [name for name, _ in rows]
    lost = sorted(set(course.recorded) - set(names))
    assert not lost, f"{len(lost)} lost, such as {lost[:5]}: {course}"
    assert len(names) == len(set(names)) == len(course.recorded), f"double: {course}"
    by_tab = sorted(names, key=lambda name: name[: name.rindex(" ")])
    assert by_tab == sorted(names), f"in another order: {course}"
    slack = _TOLERANCE_SECONDS if course.schedule.clock_error_ms else 0.1
    for name, at in rows:
        earliest, latest = course.recorded[name]
        assert earliest - slack <= at <= latest + slack, f"{name} at {at - latest:+.1f} s: {course}"


@pytest.mark.parametrize("number", range(_SCHEDULES))
def test_a_random_day_loses_nothing(
    browser: Browser, installation: Installation, number: int
) -> None:
    schedule = Schedule(f"{os.environ.get('SDK_SEED', 'day')} {number}", events=200)
    project = installation.new_project(f"SDK {schedule.seed}")
    sdk = f"{installation.url}/static/sdk/sdk.min.js"
    with running_site() as site, failing_network(installation.url) as network:
        context = browser.new_context()
        visitor = Visitor(context, site, sdk, str(project["public_key"]), network)
        course = visitor.live(schedule)
        deadline = time.monotonic() + 90
        rows = stored(installation, int(project["id"]))
        while len(rows) < len(course.recorded) and time.monotonic() < deadline:
            visitor.wait(0.5)
            rows = stored(installation, int(project["id"]))
        assert_kept(course, rows)
        context.close()
