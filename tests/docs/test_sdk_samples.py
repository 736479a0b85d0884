"""The samples of the browser SDK's README, on a page of another site, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.clients.conftest import stored_events
from tests.conftest import ROOT, Installation
from tests.docs.markdown import blocks
from tests.support.sdk_pages import running_site


def test_samples_of_the_readme_send_what_they_say(
    browser: Browser, installation: Installation
) -> None:
    project = installation.new_project("Samples of the browser SDK")
    tag, early = _samples("html", installation.url, project["public_key"])
    event, with_bundler, flags = _samples("js", installation.url, project["public_key"])
    assert with_bundler.startswith(
        'import tidemark from "@tidemark/browser"'
    )  # tested as a package

    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "warning" else None)
    with running_site() as site:
        page.goto(site)
        page.set_content(f"<!doctype html><title>A page</title>{early}{tag}")
        page.wait_for_function("() => window.tracker?.stats")
        page.evaluate(f"() => {{ {event} }}")
        page.evaluate(f"async () => {{ {flags} }}")
        page.evaluate("() => tracker.flush()")

    assert errors == []
    names = [event.event_name for event in stored_events(installation, project["id"])]
    assert sorted(names) == [
        "$feature_flag_called", "button_click", "page_view", "signup_started"
    ]  # fmt: skip


def _samples(language: str, url: str, key: str) -> list[str]:
    """Return the README's blocks in a language, with the address and the key of a project."""
    readme = ROOT / "sdk/javascript/README.md"
    found = [block.text for block in blocks(readme) if block.language == language]
    return [
        text.replace("https://stats.example.com", url).replace("pk_your_public_key", key)
        for text in found
    ]
