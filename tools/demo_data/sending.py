"""Create sample projects and send events through the API, as any client does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from tools.demo_data.saved_items import SavedItems
from tools.demo_data.timeline import Event

BATCH = 500
"""Events in one request."""
_RATE_PER_MINUTE = 10_000_000
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SampleProject:
    """A created project; only its creator has the secret key."""

    id: int
    secret_key: str


class Sender:
    """Sends to one Tidemark, as one of its users."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self._session = session
        self._samples = {
            project["name"]
            for project in self._call("GET", "/projects/?limit=200")["items"]
            if project["is_sample"]
        }

    def has_sample(self, name: str) -> bool:
        """Return whether the user has a sample project of this name."""
        return name in self._samples

    def create(self, name: str, domain: str) -> SampleProject:
        """Create a sample project that takes events as fast as they come."""
        body = {"name": name, "domain": domain, "is_sample": True}
        project = self._call("POST", "/projects/", body)
        settings = {"rate_limit_per_minute": _RATE_PER_MINUTE}
        self._call("PATCH", f"/projects/{project['id']}/settings", settings)
        return SampleProject(project["id"], project["secret_key"])

    def annotate(self, project: SampleProject, at: datetime, text: str) -> None:
        """Save a note at a point in time."""
        body = {"at": at.isoformat(), "text": text}
        self._call("POST", f"/analytics/{project.id}/annotations/", body)

    def save_experiment(self, project: SampleProject, experiment: dict[str, Any]) -> None:
        """Save an experiment."""
        self._call("POST", f"/analytics/{project.id}/experiments/", experiment)

    def save_items(self, project: SampleProject, saved: SavedItems) -> None:
        """Save what the project's team works with."""
        base = f"/analytics/{project.id}"
        for goal in saved.goals:
            self._call("POST", f"{base}/goals/", goal)
        self._call("POST", f"{base}/cohorts/", saved.cohort)
        insights = [
            self._call("POST", f"{base}/saved-insights/", insight)["id"]
            for insight in saved.insights
        ]
        self._call("POST", f"{base}/alerts/", {**saved.alert, "insight_id": insights[-1]})
        tiles = [
            {"text": saved.text, "layout": {"width": 12}},
            *({"insight_id": insight, "layout": {"width": 6}} for insight in insights),
        ]
        dashboard = {"name": saved.dashboard, "tiles": {"items": tiles}}
        self._call("POST", f"{base}/dashboards/", dashboard)

    def send(self, project: SampleProject, events: list[Event]) -> int:
        """Send events in order; return how many."""
        for start in range(0, len(events), BATCH):
            post_events(self.url, project.secret_key, events[start : start + BATCH])
        return len(events)

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self._session.request(
            method, f"{self.url}/api/v1{path}", json=body, timeout=_TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def post_events(url: str, key: str, events: list[Event]) -> dict[str, Any]:
    """Send one request of events; where the server is busy, wait and send it again.

    Args:
        url: the installation's address, without a path.
        key: of the project.
        events: at most ``BATCH``.

    Returns:
        The response, with the outcome of each event.

    Raises:
        requests.HTTPError: the whole request was refused.
    """
    while True:
        # Without a login: a request with a key and a cookie would be asked for both.
        answer = requests.post(
            f"{url}/api/v1/events/ingest",
            json={"events": events},
            headers={"X-API-Key": key},
            timeout=_TIMEOUT_SECONDS,
        )
        if answer.status_code in {429, 503}:
            time.sleep(min(30.0, float(answer.headers.get("Retry-After", "1"))))
            continue
        answer.raise_for_status()
        outcomes: dict[str, Any] = answer.json()
        return outcomes
