"""The SDK in a real browser against the real installation."""

from __future__ import annotations

import psycopg2
from playwright.sync_api import Browser, Page, Route

from tests.conftest import Installation, plain_url

_COUNT = 10_000


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
