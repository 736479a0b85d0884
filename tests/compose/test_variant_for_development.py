"""`make dev` in a copy of the source: a change is served without building anything."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml

from deploy.local.children import free_port
from tests.compose.engine import Engine, run
from tests.compose.stack import Stack, wait_for
from tests.conftest import PASSWORD, ROOT

_SOURCE = (
    *("services", "shared", "deploy", "tools", "dashboard", "sdk", "demo", "requirements"),
    *("docker-compose.yml", "docker-compose.dev.yml", ".dockerignore", ".env.example"),
    *("alembic.ini", "tidemark", "Makefile"),
)
_START_SECONDS = 300
_EMAIL = "developer@example.org"


@dataclass
class Development:
    """A copy of the source with `make dev` running in it."""

    folder: Path
    url: str
    dashboard: str
    environment: dict[str, str]

    def make(self, *arguments: str, answers: str = "") -> str:
        """Run make with this standard input; return its output."""
        done = subprocess.run(
            ["make", "--no-print-directory", *arguments],
            cwd=self.folder,
            env=self.environment,
            input=answers,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout


@pytest.fixture(scope="module")
def development(engine: Engine, stack: Stack) -> Iterator[Development]:
    """Run `make dev` beside the other installation until the tests have passed."""
    folder = engine.disk / "source"
    folder.mkdir()
    for name in _SOURCE:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    # As for production, one thing is added: builds use the machine's network.
    override = engine.folder / "development.yml"
    built = ("gateway", "migrate", "dashboard")
    services = {name: {"build": {"network": "host"}} for name in built}
    override.write_text(yaml.safe_dump({"services": services}))
    ports = {"PORT": str(free_port()), "DASHBOARD_PORT": str(free_port())}
    compose = [*engine.compose_program, "--project-directory", str(folder), "-f", str(override)]
    url, dashboard = (f"http://127.0.0.1:{port}" for port in ports.values())
    environment = {**engine.environment, **ports, "PUBLIC_URL": url, "COMPOSE": " ".join(compose)}
    running = Development(folder, url, dashboard, environment)
    with (engine.folder / "make-dev.log").open("w+") as log:
        process = subprocess.Popen(
            ["make", "dev"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(
                lambda: _serves(dashboard) and _serves(f"{url}/api/v1/health/"),
                _START_SECONDS,
                lambda: Path(log.name).read_text()[-6000:],
            )
            yield running
        finally:
            # As Ctrl-C does.
            os.killpg(process.pid, signal.SIGINT)
            process.wait(120)
            run(["make", "down"], environment, folder=folder)


def test_a_change_of_the_source_is_served_without_a_build(development: Development) -> None:
    document = f"{development.url}/api/v1/openapi/flags.json"
    assert "Feature flags and experiments." in requests.get(document, timeout=10).text
    app = development.folder / "services" / "flags" / "app.py"
    _replace(app, "Feature flags and experiments.", "Changed while it ran.")
    wait_for(lambda: _serves(document, "Changed while it ran."), 120)


def test_a_change_of_the_dashboard_is_served_without_a_build(development: Development) -> None:
    page = development.folder / "dashboard" / "index.html"
    _replace(page, "</title>", " changed</title>")
    wait_for(lambda: _serves(development.dashboard, " changed</title>"), 120)
    # And it finds the services, which may be starting again because of the test before.
    wait_for(lambda: _serves(f"{development.dashboard}/api/v1/health/"), 120)


def test_a_superuser_of_the_command_line_logs_in(development: Development) -> None:
    development.make("migrate", "STACK=dev")
    made = development.make("createsuperuser", f"EMAIL={_EMAIL}", answers=f"{PASSWORD}\n")
    assert f"{_EMAIL} is a superuser." in made
    answer = requests.post(
        f"{development.url}/api/v1/auth/login",
        json={"email": _EMAIL, "password": PASSWORD},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    assert "shared" in development.make("shell", "SERVICE=query", answers="ls\n")


def _serves(place: str, text: str = "") -> bool:
    try:
        answer = requests.get(place, timeout=10)
    except requests.RequestException:
        return False
    return answer.status_code == 200 and text in answer.text


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
