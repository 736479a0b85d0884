"""An installation in operation: its schedule and worker seal days, its command line tells so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import requests

from shared.auth.internal_token import HEADER, internal_token
from tests.conftest import ROOT, Installation, plain_url


def tidemark(installation: Installation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What an operator types beside a running Tidemark."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.endswith(("DATABASE_URL", "REDIS_URL", "SECRET_KEY"))
    }
    return subprocess.run(
        [sys.executable, "-m", "services.processor.commands", *arguments],
        cwd=ROOT,
        env={**environment, "DATA_DIR": str(installation.data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def status_of(installation: Installation, project_id: int) -> dict[str, Any]:
    answer = tidemark(installation, "event_status", "--project", str(project_id), "--json")
    assert answer.returncode == 0, answer.stderr
    [project] = json.loads(answer.stdout)["projects"]
    found: dict[str, Any] = project
    return found


def test_a_day_that_is_over_is_sealed_by_the_worker(installation: Installation) -> None:
    project = installation.new_project("Operations")
    yesterday = datetime.now(timezone.utc) - timedelta(days=1, hours=1)
    events = [
        {
            "event_id": str(uuid.uuid4()),
            "event_name": "played",
            "user_id": f"player {number % 3}",
            "timestamp": (yesterday - timedelta(seconds=number)).isoformat(),
        }
        for number in range(10)
    ]
    answer = installation.ingest(project["public_key"], {"events": events})
    assert answer.status_code == 202, answer.text
    installation.wait_until_stored()
    assert status_of(installation, project["id"])["unsealed_days"] >= 1
    ran = tidemark(installation, "jobs", "--run", "seal_days")
    assert ran.returncode == 0, ran.stderr
    deadline = time.monotonic() + 30
    while status_of(installation, project["id"])["unsealed_days"]:
        assert time.monotonic() < deadline, tidemark(installation, "jobs").stdout
    shown = status_of(installation, project["id"])
    assert (shown["events"], shown["persons"], shown["dirty_days"]) == (10, 3, 0)


def test_the_doctor_finds_a_fresh_installation_well(installation: Installation) -> None:
    url = plain_url(installation.environment["DATABASE_URL"])
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        # Which other tests have made.
        cursor.execute("DELETE FROM dead_letters")
        cursor.execute("DELETE FROM deliveries WHERE state = 'given_up'")
    connection.close()
    answer = tidemark(installation, "doctor")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_operators_see_jobs_and_metrics_and_the_public_does_not(
    installation: Installation,
) -> None:
    inside = f"http://127.0.0.1:{installation.environment['PROCESSOR_PORT']}"
    token = {HEADER: internal_token(installation.environment["SECRET_KEY"])}
    jobs = requests.get(f"{inside}/internal/jobs", headers=token, timeout=10).json()
    assert set(jobs["workers"].values()) == {1}
    for headers in ({}, {HEADER: "guessed"}):
        for path in ("jobs", "lag", "exports/any"):
            asked = requests.get(f"{inside}/internal/{path}", headers=headers, timeout=10)
            assert asked.status_code == 404, path
    printed = tidemark(installation, "metrics_token").stdout.strip()
    reading = {"Authorization": f"Bearer {printed}"}
    metrics = requests.get(f"{inside}/metrics", headers=reading, timeout=10).text
    assert 'tidemark_up{part="postgresql"} 1.0' in metrics
    assert "tidemark_seal_age_seconds" in metrics
    for path in ("/internal/jobs", "/metrics"):
        assert "tidemark_" not in requests.get(f"{installation.url}{path}", timeout=10).text
