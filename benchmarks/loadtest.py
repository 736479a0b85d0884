"""Load a running Tidemark as apps and readers do, with Locust: ``make loadtest``.

``URL= API_KEY=sk_… USERS=20 SECONDS=30`` choose where, which project, with how many users at a time
and how long; ``CLASSES="Batches Reads"`` some of the classes of users below. Without a key, the
load goes to a project made for it in the installation of ``DATA_DIR``. The key must be a secret
one, so that at the end it can be said how many of the accepted events are stored; where these
differ, the command fails. ``ARGS="--html report.html"`` are further options of Locust. What a
machine can take at most says ``make bench``, which needs less of the machine for itself.
"""

from __future__ import annotations

import os
import random
import sys
import time
import uuid
from dataclasses import dataclass
from typing import Any

import requests
from locust import HttpUser, between, events
from locust.clients import ResponseContextManager
from locust.env import Environment

from benchmarks.attach import attach_or_exit
from benchmarks.ingest import fresh_project_key

_NAMES = ("page_view", "level_started", "level_completed", "item_bought")
_PERSONS = 5_000
_BATCH = 50
_STORED_WITHIN_SECONDS = 120
_READS = (
    "/api/stats/?days=7",
    "/api/events/?limit=50",
    "/api/v1/analytics/admin/events/event_counts/",
    "/api/analytics/visitors/weekly/",
)


@dataclass
class Project:
    """The project that is loaded; all users of one process share it."""

    url: str
    key: str
    stored_before: int = 0
    sent: int = 0
    accepted: int = 0
    postponed: int = 0
    """Requests beyond a limit of the project or the gateway; a client would send them again."""

    def stored(self) -> int:
        """Return how many events of today and yesterday (project's zone) are stored."""
        answer = requests.get(
            f"{self.url}/api/stats/?days=2", headers={"X-API-Key": self.key}, timeout=60
        )
        answer.raise_for_status()
        return int(answer.json()["total_events"])


_project = Project("", "")


def choose_project(environment: Environment, **_: Any) -> None:
    """Find the project, or make one."""
    _project.key = os.environ.get("API_KEY", "")
    _project.url = (environment.host or "").rstrip("/")
    if not _project.key:
        running = attach_or_exit()
        _project.url = environment.host = running.url
        _project.key = fresh_project_key(running, "secret_key")
    try:
        _project.stored_before = _project.stored()
    except requests.RequestException as error:
        sys.exit(
            f"tidemark: {error}. The load test needs an installation that runs, and the secret key "
            "of a project: make loadtest URL=https://… API_KEY=sk_…"
        )


def compare(environment: Environment, **_: Any) -> None:
    """Wait until what was accepted is stored, print both, and fail where they differ."""
    deadline = time.monotonic() + _STORED_WITHIN_SECONDS
    stored = _project.stored() - _project.stored_before
    while stored < _project.accepted and time.monotonic() < deadline:
        time.sleep(0.5)
        stored = _project.stored() - _project.stored_before
    print(f"events sent {_project.sent}, accepted {_project.accepted}, stored {stored}")
    if _project.postponed:
        print(f"requests answered with 429 or 503: {_project.postponed}")
    lost = _project.accepted - stored
    print(f"accepted − stored: {lost}" + ("" if lost == 0 else "  <- must be 0"))
    if lost:
        environment.process_exit_code = 1


class _Client(HttpUser):  # type: ignore[misc]  # see pyproject.toml
    """A user with the project's key."""

    abstract = True
    wait_time = between(0.1, 0.5)

    def on_start(self) -> None:
        """Ask the chosen installation, with its key."""
        self.client.base_url = _project.url
        self.client.headers["X-API-Key"] = _project.key

    def send(self, body: Any, count: int, name: str) -> None:
        """Send one request of events and count their outcomes."""
        with self.client.post(
            "/api/v1/events/ingest", json=body, name=name, catch_response=True
        ) as response:
            _project.sent += count
            if _is_postponed(response):
                return
            if response.status_code == 202:
                _project.accepted += int(response.json()["accepted"])
            else:
                response.failure(f"{response.status_code}: {(response.text or '')[:200]}")


class SingleEvents(_Client):
    """A page or an app that sends each event by itself."""

    weight = 3

    def send_one(self) -> None:
        """Send one event."""
        self.send(_event(), 1, "one event")

    tasks = (send_one,)


class Batches(_Client):
    """A server that sends events by fifties."""

    weight = 1

    def send_batch(self) -> None:
        """Send one batch."""
        self.send({"events": [_event() for _ in range(_BATCH)]}, _BATCH, f"{_BATCH} events")

    tasks = (send_batch,)


class Reads(_Client):
    """A program that reads figures."""

    weight = 1

    def read(self) -> None:
        """Read one of the reports that need no project in their path."""
        path = random.choice(_READS)
        with self.client.get(path, name=path.partition("?")[0], catch_response=True) as response:
            _is_postponed(response)

    tasks = (read,)


def _is_postponed(response: ResponseContextManager) -> bool:
    """Count a request beyond a limit, which is no failure; return whether it is one."""
    if response.status_code not in {429, 503}:
        return False
    _project.postponed += 1
    response.success()
    return True


def _event() -> dict[str, Any]:
    return {
        "event_id": str(uuid.uuid4()),
        "event_name": random.choice(_NAMES),
        "distinct_id": f"load-{random.randrange(_PERSONS)}",
        "source": "loadtest",
        "properties": {"level": random.randrange(40)},
    }


events.test_start.add_listener(choose_project)
events.test_stop.add_listener(compare)
