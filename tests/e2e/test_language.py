"""The dashboard in another language, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.conftest import Installation
from tests.e2e.test_budget import record
from tests.e2e.test_loading import owner, send_event
from tests.e2e.test_web_page import keep_picture
from tests.support.axe import accessibility_findings

PAGES = [
    *("", "/live", "/web", "/explore/trends", "/explore/funnel", "/explore/retention"),
    *(
        "/dashboards",
        "/people",
        "/goals",
        "/experiments",
        "/flags",
        "/reports",
        "/events",
        "/events/catalog",
        "/health",
        "/install",
    ),
    *("/data", "/settings", "/settings/privacy"),
]
LABELS = ".mantine-Button-label, nav a, th, [role=tab]"
# The head of a stacked table is one pixel wide, for screen readers; its cells carry the labels.
CUT = """all => all
    .filter(one => one.offsetParent !== null && one.scrollWidth > one.clientWidth + 1)
    .filter(one => !(one.closest("thead")?.clientWidth <= 3))
    .map(one => one.textContent)"""
FITS = "width => document.documentElement.scrollWidth <= width"
WIDTHS = (1440, 390)
_WAIT_MS = 20_000


def test_a_german_browser_shows_german_pages_until_another_language_is_chosen(
    browser: Browser, installation: Installation
) -> None:
    send_event(installation)
    context = browser.new_context(locale="de-DE", base_url=installation.url, bypass_csp=True)
    page = context.new_page()
    traffic = record(page)
    page.goto("/login")
    _sign_in_in_german(page, *owner(installation))
    page.goto(f"/p/{installation.project_id}")
    expect(page.get_by_role("link", name="Einstellungen")).to_be_visible()
    expect(page.get_by_role("region", name="Ereignisse", exact=True)).to_be_visible()
    page.get_by_role("button", name="Zeitraum: Letzte 30 Tage").click()
    expect(page.get_by_text("Mo", exact=True).first).to_be_visible()
    page.keyboard.press("Escape")
    assert accessibility_findings(page) == []
    scripts = [url.rpartition("/")[2] for url in traffic.files()]
    assert len([name for name in scripts if name.startswith("signedOut-")]) == 1, scripts
    assert not [name for name in scripts if name.startswith("en-")], scripts

    page.goto("/account")
    page.get_by_label("Sprache").select_option("English")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.goto(f"/p/{installation.project_id}/explore/trends")
    expect(page.get_by_role("link", name="Settings")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()


def test_german_words_fit_on_every_page(browser: Browser, installation: Installation) -> None:
    project = installation.new_project("German pages")
    installation.ingest(project["public_key"], {"event": "opened", "distinct_id": "ada"})
    installation.wait_until_stored()
    context = browser.new_context(locale="de-DE", base_url=installation.url)
    email, password = owner(installation)
    context.request.post("/api/v1/auth/login", data={"email": email, "password": password})
    page = context.new_page()
    cut: list[str] = []
    for path in PAGES:
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(f"/p/{project['id']}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=_WAIT_MS)
        page.wait_for_load_state("networkidle")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            # Not at once: at a smaller width the navigation is on its way out.
            page.wait_for_function(FITS, arg=width)
            keep_picture(page, f"german{path.replace('/', '-')}-{width}")
            cut += [f"{path}, {width} px: {label}" for label in cut_labels(page)]
    assert cut == []
    context.close()


def cut_labels(page: Page) -> list[str]:
    """Return the labels that do not fit; after a change of width a page may need a moment."""
    labels = page.locator(LABELS)
    if labels.evaluate_all(CUT):
        page.wait_for_timeout(500)
    found: list[str] = labels.evaluate_all(CUT)
    return found


def _sign_in_in_german(page: Page, email: str, password: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_label("E-Mail").fill(email)
    page.get_by_label("Passwort", exact=True).fill(password)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Projekte")).to_be_visible(timeout=30_000)
