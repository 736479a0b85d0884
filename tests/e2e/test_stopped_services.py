"""Services that hang (SIGSTOP): every page says what it waits for within 15 s, and recovers."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from deploy.local.children import free_port
from tests.conftest import Installation, read_installation, start_installation
from tests.support.dashboard_pages import OF_NO_PROJECT, ROUTES, Example, make_example
from tests.support.owner_pages import open_project
from tests.support.prepared_cluster import lay_cluster

_CASES = [("query", 0, 2), ("query", 1, 2), ("auth", 1, 6)]
"""Each test looks at every second page, all at once. While auth hangs, all pages are the same."""
_SAID_WITHIN_MS = 15_000
_BACK_WITHIN_MS = 45_000
_CLICKED_WITHIN_MS = 20_000
_STOPPED_SECONDS = 20
_SLOW = "The server has not answered for 8 seconds. This page waits for "
_FAILED = "Tidemark did not answer in time."
"""Said after 30 s: a busy machine may take so long until a test looks."""
_EMBEDDED = "This dashboard waits for its server"
"""Said by the gateway, which does not know who may embed the dashboard."""
_SUBJECTS = {
    "query": f"figures and lists|the state of the server|{_EMBEDDED}|{_FAILED}",
    "auth": f"accounts and projects|{_FAILED}",
}
_NEED_NO_FIGURES = ("/login", "/register", "/invitation")
_WAITS = ".mantine-Skeleton-root, .mantine-Loader-root, [aria-busy=true]"
_CONTENT = "h1, h2, form"
_BUSY_MACHINE_MS = 60_000
"""Until the scripts of a page have run; only then does its time count."""


class Running(NamedTuple):
    """An installation whose services a test may stop."""

    installation: Installation
    runner: psutil.Process
    example: Example


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Tidemark of these tests' own, with a project that has something on every page."""
    data_dir: Path = tmp_path_factory.mktemp("stopped")
    lay_cluster(data_dir / "postgres")
    process, log = start_installation(data_dir, free_port())
    try:
        installation = read_installation(process, data_dir, log)
        yield Running(installation, psutil.Process(process.pid), make_example(installation))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()[-3000:]


@contextmanager
def stopped(runner: psutil.Process, service: str) -> Iterator[None]:
    """Stop every process of a service; none of them answers, and none is replaced."""
    name = f"services.{service}.app:create_app()"
    pids = [one.pid for one in runner.children(recursive=True) if name in one.cmdline()]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def addresses(example: Example, service: str) -> list[str]:
    """A page of each route that needs a service; `test_page_states` holds answers of all pages."""
    routes = {
        "query": [one for one in ROUTES if one not in _NEED_NO_FIGURES],
        "auth": [one for one in ROUTES if one not in OF_NO_PROJECT],
    }
    return [example.addresses((route,))[0] for route in routes[service]]


def open_each(browser: Browser, running: Running, paths: list[str]) -> dict[str, Page]:
    """A page for each path, not opened yet, with a browser's connections of its own."""
    installation, _, example = running
    page = open_project(browser, installation, example.project, is_dark=False)
    # One login is enough for all: it costs the server much on purpose.
    login = page.context.storage_state()
    return {path: browser.new_context(storage_state=login, reduced_motion="reduce").new_page()
            for path in paths}  # fmt: skip


def notice(page: Page) -> Locator:
    """Where a page says what it waits for."""
    embedded = page.get_by_role("main").filter(has_text=_EMBEDDED)
    failed = page.get_by_role("alert").filter(has_text=_FAILED)
    return page.get_by_role("status").filter(has_text=_SLOW).or_(embedded).or_(failed).first


def problems_while_stopped(page: Page, service: str) -> list[str]:
    """Return what is wrong with a page whose service hangs."""
    shown = page.locator(f"{_CONTENT}, {_WAITS}").locator("visible=true").first
    try:
        expect(shown, "is blank").to_be_visible(timeout=_BUSY_MACHINE_MS)
        expect(notice(page), "says nothing").to_be_visible(timeout=_SAID_WITHIN_MS)
        expect(notice(page), "names others").to_contain_text(re.compile(_SUBJECTS[service]))
        page.get_by_text("Try again", exact=True).first.click(timeout=_CLICKED_WITHIN_MS)
        expect(shown, "is blank when asked again").to_be_visible(timeout=_CLICKED_WITHIN_MS)
    except (AssertionError, PlaywrightError) as error:
        return [f"{error}: {page.inner_text('body')[-300:]!r}"]
    return []


def problems_afterwards(page: Page) -> list[str]:
    """Return what is wrong with a page whose service answers again."""
    failure = page.get_by_text(_FAILED)
    try:
        expect(notice(page), "still says it").to_have_count(0, timeout=_BACK_WITHIN_MS)
        expect(page.locator(_WAITS), "still loads").to_have_count(0, timeout=_BACK_WITHIN_MS)
        expect(failure, "has failed").to_have_count(0, timeout=_BACK_WITHIN_MS)
        expect(page.locator(_CONTENT).first, "is blank").to_be_visible(timeout=_CLICKED_WITHIN_MS)
    except AssertionError as error:
        waits = page.locator(_WAITS).evaluate_all("all => all.map(one => one.outerHTML)")
        return [f"{error}: {[one[:200] for one in waits]} {page.inner_text('body')[-300:]!r}"]
    return []


@pytest.mark.sweep
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("service", "first", "step"), _CASES)
def test_a_page_says_that_a_service_hangs_and_recovers(
    browser: Browser, running: Running, service: str, first: int, step: int
) -> None:
    """Whichever page it is, when it is opened meanwhile; pressing "Try again" does no harm."""
    pages = open_each(browser, running, addresses(running.example, service)[first::step])
    with stopped(running.runner, service):
        began = time.monotonic()
        for path, page in pages.items():
            page.goto(running.installation.url + path, wait_until="commit")
        findings = {path: problems_while_stopped(page, service) for path, page in pages.items()}
        time.sleep(max(0.0, began + _STOPPED_SECONDS - time.monotonic()))
    for path, page in pages.items():
        findings[path] = findings[path] or problems_afterwards(page)
    wrong = [f"{path} {one}" for path, found in findings.items() for one in found]
    assert not wrong, "\n".join(wrong)
