"""`make seed`: the command adds what it says to the project that it is given."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import requests

from tests.conftest import ROOT, Installation


def run_seed(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if name != "DATA_DIR"}
    return subprocess.run(
        [sys.executable, "-m", "tools.seed", *arguments],
        cwd=ROOT,
        env={**given, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, int]:
    """Events sent and accepted, as the command prints them."""
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) events sent to \S+, (\d+) accepted", done.stdout)
    assert found, done.stdout
    return int(found[1]), int(found[2])


def ask(installation: Installation, key: str, path: str) -> Any:
    answer = requests.get(f"{installation.url}{path}", headers={"X-API-Key": key}, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_event_that_is_said_to_be_accepted_is_in_the_project_of_the_key(
    installation: Installation,
) -> None:
    project = installation.new_project("seeded")
    other = installation.new_project("beside it")
    done = run_seed(
        *("--api-key", project["secret_key"], "--url", installation.url),
        *("--days", "5", "--players", "30", "--seed", "7"),
    )
    sent, accepted = said(done)
    assert sent == accepted > 100
    installation.wait_until_stored()
    stats = ask(installation, project["secret_key"], "/api/stats/?days=7")
    counts = {row["event_name"]: row["count"] for row in stats["event_counts"]}
    assert sum(counts.values()) == stats["total_events"] == accepted
    assert set(counts) == {"page_view", "game_started", "food_eaten", "game_over"}
    metrics = ask(
        installation,
        project["secret_key"],
        f"/api/v1/analytics/{project['id']}/overview?period=7d",
    )
    assert metrics["unique_users"] == 30
    assert ask(installation, other["secret_key"], "/api/stats/?days=7")["total_events"] == 0


def test_the_same_seed_on_the_same_day_adds_no_event_twice(installation: Installation) -> None:
    project = installation.new_project("seeded twice")
    options = {"DAYS": "4", "PLAYERS": "12", "API_KEY": project["secret_key"]}
    for _ in range(2):
        last, _ = said(run_seed("--url", installation.url, SEED="3", **options))
    installation.wait_until_stored()
    stored = ask(installation, project["secret_key"], "/api/stats/?days=7")["total_events"]
    # The second run has what the day brought between the two, and everything that the first has.
    assert stored == last
    said(run_seed("--url", installation.url, SEED="4", **options))
    installation.wait_until_stored()
    assert ask(installation, project["secret_key"], "/api/stats/?days=7")["total_events"] > stored


def test_without_a_key_the_first_project_of_the_folder_is_meant(
    installation: Installation,
) -> None:
    folder = {"DATA_DIR": str(installation.data_dir)}
    before = ask(installation, installation.credentials["secret_key"], "/api/stats/?days=7")
    _, accepted = said(run_seed("--days", "2", "--players", "5", **folder))
    installation.wait_until_stored()
    after = ask(installation, installation.credentials["secret_key"], "/api/stats/?days=7")
    assert after["total_events"] - before["total_events"] == accepted


def test_a_refusal_names_its_cause_and_what_to_do(
    installation: Installation, tmp_path: Any
) -> None:
    wrong = run_seed("--api-key", "sk_wrong", "--url", installation.url)
    assert wrong.returncode == 1
    assert "401" in wrong.stderr
    nowhere = run_seed(DATA_DIR=str(tmp_path))
    assert nowhere.returncode == 1
    assert "API_KEY=" in nowhere.stderr
    # The secret key of this machine's project goes to no other address.
    elsewhere = run_seed("--url", "http://127.0.0.1:9", DATA_DIR=str(installation.data_dir))
    assert elsewhere.returncode == 1
    assert "name the key" in elsewhere.stderr
    old = run_seed(
        *("--api-key", installation.new_project("old")["public_key"]),
        *("--url", installation.url, "--days", "60", "--players", "10"),
    )
    assert old.returncode == 1
    assert "too_old: " in old.stdout
