"""Services that hang (SIGSTOP): every page says so within 15 seconds, and recovers by itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.children import free_port
from tests.conftest import Installation, read_installation, start_installation
from tests.support.owner_pages import open_project

_SAID_WITHIN_MS = 15_000
_BACK_WITHIN_MS = 45_000
_SLOW = "The server has not answered for 8 seconds."


class Running(NamedTuple):
    """An installation whose services a test may stop."""

    installation: Installation
    runner: psutil.Process


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Tidemark of these tests' own, with an event."""
    data_dir: Path = tmp_path_factory.mktemp("stopped")
    process, log = start_installation(data_dir, free_port())
    try:
        installation = read_installation(process, data_dir, log)
        key = installation.credentials["public_key"]
        assert installation.ingest(key, {"event": "opened", "distinct_id": "ada"}).ok
        installation.wait_until_stored()
        yield Running(installation, psutil.Process(process.pid))
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


def says_so(page: Page, address: str) -> None:
    """Open a page, which has to say that the server does not answer."""
    page.goto(address)
    expect(page.get_by_text(_SLOW)).to_be_visible(timeout=_SAID_WITHIN_MS)


@pytest.mark.parametrize("service", ["query", "auth"])
@pytest.mark.parametrize("path", ["", "/web", "/explore/trends", "/dashboards", "/people"])
def test_a_page_says_that_a_service_hangs_and_recovers(
    browser: Browser, running: Running, service: str, path: str
) -> None:
    installation = running.installation
    page = open_project(browser, installation, installation.project_id, is_dark=False)
    address = f"{installation.url}/p/{installation.project_id}{path}"
    page.goto(address, wait_until="networkidle")
    with stopped(running.runner, service):
        says_so(page, address)
    expect(page.get_by_text(_SLOW)).not_to_be_visible(timeout=_BACK_WITHIN_MS)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=_BACK_WITHIN_MS)
    expect(page.get_by_text("did not answer in time")).to_have_count(0)
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=_BACK_WITHIN_MS)
