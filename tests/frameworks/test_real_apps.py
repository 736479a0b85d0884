"""Apps of each framework: built, served, opened in a browser, and sending to a real Tidemark."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from deploy.local.children import free_port
from tests.clients.conftest import stored_events
from tests.conftest import ROOT, Installation
from tests.support.waiting import wait_for
from tools.node import npm_command

_APPS = ROOT / "tests/frameworks/apps"
_SDK = ROOT / "sdk/javascript"
_NODE = (22, 19)
"""What the newest of the frameworks asks for."""
_SECONDS = 900
_SERVERS = {
    "next": ("node_modules/next/dist/bin/next", "start"),
    "nuxt": (".output/server/index.mjs",),
    "sveltekit": ("build/index.js",),
    "astro": ("dist/server/entry.mjs",),
}
"""What Node.js serves each with."""


@dataclass(frozen=True)
class App:
    """A folder with an app of a framework."""

    folder: Path
    npm: list[str]
    node: Path

    def run(self, *arguments: str) -> str:
        """Run npm; what it prints."""
        done = subprocess.run(
            [*self.npm, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def environment(self, **more: str) -> dict[str, str]:
        """Those of this process, with the Node.js of the app first."""
        path = f"{self.node.parent}{os.pathsep}{os.environ['PATH']}"
        quiet = {"NEXT_TELEMETRY_DISABLED": "1", "ASTRO_TELEMETRY_DISABLED": "1", "NO_COLOR": "1"}
        return {**os.environ, **quiet, "PATH": path, **more}

    @contextmanager
    def served(self, *command: str) -> Iterator[str]:
        """Serve what was built on a port of its own; gives the address."""
        port = free_port()
        address = {"HOST": "127.0.0.1", "HOSTNAME": "127.0.0.1", "PORT": str(port)}
        with (self.folder / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [str(self.node), *command],
                cwd=self.folder,
                env=self.environment(**address),
                stdout=log,
                stderr=log,
            )
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(lambda: requests.get(url, timeout=10).ok, 60, f"{command} does not answer")
            yield url
        finally:
            server.terminate()
            server.wait()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SDK as npm would publish it."""
    folder = tmp_path_factory.mktemp("package")
    npm, node = npm_command(_NODE)
    App(_SDK, npm, node).run("pack", "--pack-destination", str(folder))
    [packed] = folder.iterdir()
    return packed


def _made(name: str, folder: Path, package: Path, project: dict[str, Any], url: str) -> App:
    """Make an app that sends to a project, install its packages and build it."""
    shutil.copytree(_APPS / name, folder, dirs_exist_ok=True)
    for path in folder.rglob("*.*"):
        if path.is_file():
            text = path.read_text().replace("PUBLIC_KEY", project["public_key"])
            path.write_text(text.replace("TIDEMARK_URL", url))
    app = App(folder, *npm_command(_NODE))
    # No script of a package is run.
    app.run("install", "--no-audit", "--no-fund", "--ignore-scripts", str(package))
    app.run("run", "build")
    return app


def _visit(page: Page, site: str) -> list[str]:
    """Open the first page, click, and follow a link; answers what the browser found wrong."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(site)
    page.wait_for_function("() => document.querySelector('output').textContent === 'true'")
    page.click("button")
    page.click("a")
    page.wait_for_function("() => document.querySelector('h1').textContent === 'Second page'")
    # A page of a framework is not loaded anew for a route; what it recorded waits 2 seconds.
    page.wait_for_timeout(3_000)
    return wrong


@pytest.mark.parametrize("name", _SERVERS)
def test_an_app_sends_what_a_visitor_does_and_its_server_nothing(
    name: str, tmp_path: Path, package: Path, installation: Installation, browser: Browser
) -> None:
    project = installation.new_project(name)
    flag = {"key": "new-checkout", "is_active": True, "rollout_percentage": 100}
    place = f"{installation.url}/api/v1/projects/{project['id']}/feature-flags/"
    assert installation.owner().post(place, json=flag, timeout=10).status_code == 201
    app = _made(name, tmp_path, package, project, installation.url)

    with app.served(*_SERVERS[name]) as site:
        for path in ("/", "/second"):
            rendered = requests.get(f"{site}{path}", timeout=10)
            assert rendered.ok
            assert " page</h1>" in rendered.text.replace("<!-- -->", "")
        assert stored_events(installation, project["id"]) == []
        wrong = _visit(browser.new_context().new_page(), site)

    assert wrong == []
    events = stored_events(installation, project["id"])
    names = ["$feature_flag_called", "clicked", "page_view", "page_view"]
    assert sorted(event.event_name for event in events) == names
    viewed = [event.properties["path"] for event in events if event.event_name == "page_view"]
    assert viewed == ["/", "/second"]
    assert {event.source for event in events} == {name}
    assert len({event.person_id for event in events}) == 1
    [clicked] = [event for event in events if event.event_name == "clicked"]
    assert clicked.properties["by"] == "hand"


def test_metro_bundles_an_app_of_react_native_and_its_types_fit(
    tmp_path: Path, package: Path, installation: Installation
) -> None:
    app = _made("react_native", tmp_path, package, installation.credentials, installation.url)
    assert "/api/v1/events/ingest" in (tmp_path / "app.js").read_text()
    app.run("exec", "--", str(_SDK / "node_modules/.bin/tsc"), "-p", ".")
