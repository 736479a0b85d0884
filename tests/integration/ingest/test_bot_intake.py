"""What crawlers send is counted apart, and figures of people are the same with and without it."""

from __future__ import annotations

import csv
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from tests.conftest import ROOT, Installation

_TABLE = ROOT / "tests" / "unit" / "ingest" / "user_agents.csv"
ROWS = list(csv.DictReader(_TABLE.read_text().splitlines()))
PEOPLE = [row["user_agent"] for row in ROWS if row["class"] == "person"]
CRAWLERS = [
    row["user_agent"] for row in ROWS if row["class"] not in {"person", "library", "headless"}
]
_REPORTS = (
    "overview?period=7d",
    "timeseries?period=7d&interval=day",
    "top-events?period=7d",
    "sessions?period=7d",
    "users?period=7d",
    "web/?period=7d",
    *(f"web/{name}?period=7d" for name in ("source", "channel", "page", "browser", "country")),
)
_INSIGHTS: dict[str, dict[str, Any]] = {
    "trends": {"series": [{"event": None}, {"event": None, "metric": "unique_persons"}]},
    "breakdown": {"breakdown": {"property": "browser"}},
    "retention": {},
    "lifecycle": {},
    "stickiness": {},
}
_OF_THE_ANSWER = {"as_of", "took_ms", "cached", "session_id", "person_id", "next_cursor"}
"""What differs between projects and answers with the same events."""


def visits(user_agents: list[str], who: str, at: datetime) -> list[dict[str, Any]]:
    """Two events of each user agent's own visitor, with ids that are the same each time."""
    return [
        {
            "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{who}/{number}/{name}")),
            "event_name": name,
            "distinct_id": f"{who}-{number}",
            "timestamp": (at + timedelta(seconds=number)).isoformat(),
            "user_agent": user_agent,
            "page_url": f"https://reef.example/{number % 5}",
            "referrer": "https://chatgpt.com/" if number % 2 else "https://www.google.com/",
        }
        for number, user_agent in enumerate(user_agents)
        for name in ("page_view", "signed_up")
    ]


def send(installation: Installation, project: dict[str, Any], events: list[dict[str, Any]]) -> None:
    for start in range(0, len(events), 500):
        answer = installation.ingest(project["secret_key"], {"events": events[start : start + 500]})
        assert answer.status_code in {200, 202}, answer.text


def figures(installation: Installation, project: dict[str, Any]) -> dict[str, Any]:
    """Every report and insight, without when and how fast it was answered."""
    base = f"{installation.url}/api/v1/analytics/{project['id']}"
    headers = {"X-API-Key": project["secret_key"]}
    found = {path: requests.get(f"{base}/{path}", headers=headers, timeout=60) for path in _REPORTS}
    for kind, asked in _INSIGHTS.items():
        found[kind] = requests.post(
            f"{base}/insights/{kind}", json=asked, headers=headers, timeout=60
        )
    for path, answer in found.items():
        assert answer.status_code == 200, (path, answer.text)
    return {path: without_moments(answer.json()) for path, answer in found.items()}


def without_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: without_moments(inner) for key, inner in value.items() if key not in _OF_THE_ANSWER
        }
    return [without_moments(inner) for inner in value] if isinstance(value, list) else value


def outcomes(installation: Installation, project: dict[str, Any]) -> dict[str, int]:
    answer = requests.get(
        f"{installation.url}/api/v1/analytics/{project['id']}/intake",
        params={"period": "24h"},
        headers={"X-API-Key": project["secret_key"]},
        timeout=10,
    )
    counted: dict[str, int] = answer.json()["outcomes"]
    return counted


def test_figures_of_people_are_the_same_with_and_without_crawlers(
    installation: Installation,
) -> None:
    at = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=2)
    alone, visited, keeping = (installation.new_project(name) for name in ("a", "b", "c"))
    changed = installation.login().patch(
        f"{installation.url}/api/v1/projects/{keeping['id']}/settings",
        json={"filter_bots": False},
        timeout=10,
    )
    assert changed.status_code == 200, changed.text
    people, crawlers = visits(PEOPLE, "person", at), visits(CRAWLERS, "crawler", at)
    for project in (alone, visited, keeping):
        send(installation, project, people)
    for project in (visited, keeping):
        send(installation, project, crawlers)
    installation.wait_until_stored()
    assert outcomes(installation, alone) == {"stored": len(people)}
    assert outcomes(installation, visited) == {"stored": len(people), "bot": len(crawlers)}
    assert outcomes(installation, keeping) == {"stored": len(people) + len(crawlers)}
    expected = figures(installation, alone)
    assert expected["overview?period=7d"]["unique_users"] == len(PEOPLE)
    assert figures(installation, visited) == expected
