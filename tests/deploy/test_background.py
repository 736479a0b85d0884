"""`make start-all`, `make start-games` and `make stop-all`, as somebody uses them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from playwright.sync_api import Browser, expect

from deploy.local.children import free_port
from deploy.nginx.games import TEMPLATE, generate_games
from tests.conftest import ROOT, Installation, environment_without_servers
from tests.support.prepared_cluster import lay_cluster


class Commands:
    """The commands with a data folder and ports of their own."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data_dir = data_dir
        self.games = {"snake": free_port(), "flappy": free_port()}
        self._ports = {
            "PORT": str(port),
            **{f"{game.upper()}_PORT": str(number) for game, number in self.games.items()},
        }

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.local.background", command],
            cwd=ROOT,
            env={
                **environment_without_servers(),
                "DATA_DIR": str(self.data_dir),
                "TIDEMARK_MINIMUM_FREE_MB": "100",
                **self._ports,
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )

    def url(self, game: str) -> str:
        return f"http://127.0.0.1:{self.games[game]}"


@contextmanager
def commands(data_dir: Path, port: int) -> Iterator[Commands]:
    """The commands; what they started is stopped at the end."""
    given = Commands(data_dir, port)
    try:
        yield given
    finally:
        stopped = given.run("stop-all")
        assert stopped.returncode == 0, stopped.stderr


@pytest.fixture
def games(installation: Installation, tmp_path: Path) -> Iterator[Commands]:
    """The games beside a Tidemark that runs."""
    with commands(tmp_path / "a folder", urlsplit(installation.url).port or 0) as given:
        started = given.run("start-games")
        assert started.returncode == 0, started.stderr
        assert "send nothing" not in started.stdout
        yield given


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_template_of_the_games_is_the_one_that_is_generated() -> None:
    assert TEMPLATE.read_text() == generate_games(), "run: make gateway"


@pytest.mark.parametrize("game", ["snake", "flappy"])
def test_a_game_on_its_own_port_is_played_and_counted(
    browser: Browser, installation: Installation, games: Commands, game: str
) -> None:
    project = installation.new_project(game)
    page = browser.new_context().new_page()
    page.goto(f"{games.url(game)}/?seed=3&key={project['public_key']}")
    assert urlsplit(page.url).path == f"/demo/{game}/"
    expect(page.locator("body")).to_have_attribute("data-state", "ready")
    # The dashboard is not where the game is.
    expect(page.locator("#dashboard-link")).to_have_attribute("href", installation.url)
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_attribute("data-state", "over", timeout=30_000)
    expect(page.locator("#events-sent")).not_to_have_text("0", timeout=10_000)
    page.close()
    installation.wait_until_stored()
    answer = requests.get(
        f"{installation.url}/api/stats/",
        headers={"X-API-Key": project["secret_key"]},
        timeout=10,
    )
    counts = {row["event_name"]: row["count"] for row in answer.json()["event_counts"]}
    assert counts["app_opened"] == counts["game_started"] == counts["game_over"] == 1


def test_the_ports_of_the_games_have_the_games_and_nothing_else(
    installation: Installation, games: Commands
) -> None:
    for game in ("snake", "flappy"):
        url = games.url(game)
        page = requests.get(f"{url}/", timeout=10)
        assert page.status_code == 200
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        own = requests.get(f"{url}/demo/config.json", timeout=10).json()
        assert own["public_key"] == installation.credentials["demo_public_key"]
        for path in ("/login", "/api/v1/auth/me", "/api/stats/", "/internal/", "/metrics"):
            assert requests.get(f"{url}{path}", timeout=10).status_code == 404, path
    event = {"event_id": uuid.uuid4().hex, "event_name": "a", "distinct_id": "b"}
    answer = requests.post(
        f"{games.url('snake')}/api/v1/events/ingest",
        json=event,
        headers=installation.public_headers,
        timeout=10,
    )
    assert answer.status_code == 202


def test_stop_all_stops_only_what_was_started(installation: Installation, games: Commands) -> None:
    assert "run already" in games.run("start-games").stdout
    stopped = games.run("stop-all")
    assert stopped.returncode == 0
    assert stopped.stdout.strip() == "Stopped the games."
    assert not any(listens(port) for port in games.games.values())
    assert requests.get(f"{installation.url}/api/v1/health/ready", timeout=10).status_code == 200
    assert "Nothing runs" in games.run("stop-all").stdout


def test_a_pid_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path: Path) -> None:
    record = tmp_path / "run" / "background.json"
    record.parent.mkdir()
    own = psutil.Process(os.getpid())
    record.write_text(json.dumps({"Tidemark": [own.pid, own.create_time() - 3600]}))
    with commands(tmp_path, free_port()) as given:
        assert "Nothing runs" in given.run("stop-all").stdout


def test_the_games_say_where_tidemark_is_missed_and_are_played_nevertheless(
    tmp_path: Path,
) -> None:
    with commands(tmp_path, free_port()) as given:
        started = given.run("start-games")
        assert started.returncode == 0, started.stderr
        assert "the games send nothing yet" in started.stdout
        assert requests.get(f"{given.url('flappy')}/", timeout=10).status_code == 200
        assert requests.get(f"{given.url('flappy')}/static/sdk/sdk.min.js", timeout=10).ok


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with commands(tmp_path, free_port()) as given, socket.socket() as taken:
        taken.bind(("127.0.0.1", given.games["flappy"]))
        taken.listen()
        refused = given.run("start-games")
        assert refused.returncode == 1
        port = given.games["flappy"]
        assert f"Port {port} is in use" in refused.stderr
        assert f"FLAPPY_PORT={port + 1} make start-games" in refused.stderr
        assert not listens(given.games["snake"])


def test_start_all_starts_tidemark_and_the_games_and_stop_all_ends_both(
    tmp_path: Path,
) -> None:
    data_dir, port = tmp_path / "data", free_port()
    data_dir.mkdir()
    lay_cluster(data_dir / "postgres")
    with commands(data_dir, port) as given:
        started = given.run("start-all")
        assert started.returncode == 0, started.stdout + started.stderr
        assert f"Tidemark is ready:  http://127.0.0.1:{port}" in started.stdout
        assert "stop with         make stop-all" in started.stdout
        known: dict[str, Any] = json.loads((data_dir / "credentials.json").read_text())
        assert known["password"] in started.stdout
        # The log holds it too, so nobody else may read that.
        assert (data_dir / "logs" / "start-all.log").stat().st_mode & 0o077 == 0
        for game in given.games:
            config = requests.get(f"{given.url(game)}/demo/config.json", timeout=10).json()
            assert config["public_key"] == known["demo_public_key"]
        again = given.run("start-all")
        assert again.returncode == 0
        assert "Tidemark runs already" in again.stdout
        recorded = json.loads((data_dir / "run" / "background.json").read_text())
        stopped = given.run("stop-all")
        assert stopped.returncode == 0, stopped.stderr
        assert set(stopped.stdout.splitlines()) == {"Stopped Tidemark.", "Stopped the games."}
    assert not any(psutil.pid_exists(pid) for pid, _ in recorded.values())
    assert not any(listens(number) for number in (port, *given.games.values()))


def test_start_all_says_why_tidemark_does_not_start(
    installation: Installation, tmp_path: Path
) -> None:
    port = urlsplit(installation.url).port or 0
    with commands(tmp_path, port) as given:
        refused = given.run("start-all")
        assert refused.returncode == 1
        assert f"Port {port} is in use" in refused.stderr
        assert not listens(given.games["snake"])
