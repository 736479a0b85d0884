"""What crawlers send is counted apart, and figures of people are the same with and without it."""

from __future__ import annotations

import csv
import uuid
from collections import Counter
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
    "overview",
    "timeseries",
    "top-events",
    "key-metrics",
    "movers",
    "sessions",
    "users",
    "web/",
    *(f"web/{name}" for name in ("source", "channel", "page", "browser", "os", "country")),
)
_WITHOUT_RANGE = (
    "persons/",
    "definitions/events",
    "definitions/properties",
    "properties/browser/values",
)
_INSIGHTS: dict[str, dict[str, Any]] = {
    "trends": {"series": [{"event": None}, {"event": None, "metric": "unique_persons"}]},
    "breakdown": {"breakdown": {"property": "browser"}},
    "funnel": {"steps": [{"event": "page_view"}, {"event": "signed_up"}]},
    "retention": {},
    "lifecycle": {},
    "stickiness": {},
    "paths": {},
    "sessions": {},
    "revenue": {"property": "price"},
    "game": {},
}
_OF_THE_ANSWER = {
    "as_of",
    "took_ms",
    "cached",
    "session_id",
    "person_id",
    "next_cursor",
    "id",
    "created_at",
}
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
            "properties": {"price": number % 7},
        }
        for number, user_agent in enumerate(user_agents)
        for name in ("page_view", "signed_up")
    ]


def send(installation: Installation, project: dict[str, Any], events: list[dict[str, Any]]) -> None:
    for start in range(0, len(events), 500):
        answer = installation.ingest(project["secret_key"], {"events": events[start : start + 500]})
        assert answer.status_code in {200, 202}, answer.text


def figures(installation: Installation, project: dict[str, Any], until: datetime) -> dict[str, Any]:
    """Every report and insight but those of the last minutes, without when it was answered.

    The range ends in the past: one that ends now has other figures after each quarter hour.
    """
    base = f"{installation.url}/api/v1/analytics/{project['id']}"
    headers = {"X-API-Key": project["secret_key"]}
    span = {"from": (until - timedelta(days=6)).isoformat(), "to": until.isoformat()}
    found = {
        path: requests.get(
            f"{base}/{path}",
            params=span if path in _REPORTS else {},
            headers=headers,
            timeout=60,
        )
        for path in (*_REPORTS, *_WITHOUT_RANGE)
    }
    for kind, asked in _INSIGHTS.items():
        found[f"insights/{kind}"] = requests.post(
            f"{base}/insights/{kind}", json={**span, **asked}, headers=headers, timeout=60
        )
    for path, answer in found.items():
        assert answer.status_code == 200, (path, answer.text)
    answers = {path: without_moments(answer.json()) for path, answer in found.items()}
    # A page of them is in the order in which they were stored: that of two requests is not certain.
    del answers["persons/"]["items"]
    return answers


def without_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: without_moments(inner) for key, inner in value.items() if key not in _OF_THE_ANSWER
        }
    return [without_moments(inner) for inner in value] if isinstance(value, list) else value


def of_range(
    installation: Installation, project: dict[str, Any], path: str, period: str
) -> dict[str, Any]:
    answer = requests.get(
        f"{installation.url}/api/v1/analytics/{project['id']}/{path}",
        params={"period": period},
        headers={"X-API-Key": project["secret_key"]},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_source(rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[row["crawler_class"], row["operator"]] += row["events"]
    return counts


def operator(row: dict[str, str]) -> str:
    """One that only names itself a crawler has no known operator."""
    return "" if "example" in row["operator"] else row["operator"]


def pages_of(events: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    """Events by page, class and operator."""
    known = {row["user_agent"]: (row["class"], operator(row)) for row in ROWS}
    return Counter((event["page_url"], *known[event["user_agent"]]) for event in events)


def labelled() -> Counter[tuple[str, str]]:
    """Two events of each labelled crawler."""
    of_crawlers = [row for row in ROWS if row["user_agent"] in set(CRAWLERS)]
    counts = Counter((row["class"], operator(row)) for row in of_crawlers)
    return Counter({source: 2 * count for source, count in counts.items()})


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
    assert of_range(installation, alone, "intake", "24h")["outcomes"] == {"stored": len(people)}
    for project, outcome in ((visited, "bot"), (keeping, "crawler")):
        assert of_range(installation, project, "intake", "24h")["outcomes"] == {
            "stored": len(people),
            outcome: len(crawlers),
        }
        health = of_range(installation, project, "health", "24h")
        assert health["crawlers"] == len(crawlers)
        assert health["received"] == health["stored"] + health["refused"]
    until = at + timedelta(hours=1)
    expected = figures(installation, alone, until)
    assert expected["overview"]["unique_users"] == len(PEOPLE)
    for project in (visited, keeping):
        found = figures(installation, project, until)
        assert {path: found[path] for path in found if found[path] != expected[path]} == {}


def test_crawlers_are_counted_by_class_and_operator_and_kept_where_the_project_wants_them(
    installation: Installation,
) -> None:
    at = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=2)
    visited, keeping = (installation.new_project(name) for name in ("d", "e"))
    installation.login().patch(
        f"{installation.url}/api/v1/projects/{keeping['id']}/settings",
        json={"filter_bots": False},
        timeout=10,
    )
    crawlers = visits(CRAWLERS, "crawler", at)
    for project in (visited, keeping):
        send(installation, project, crawlers)
    installation.wait_until_stored()
    for project in (visited, keeping):
        found = of_range(installation, project, "crawlers", "24h")
        assert found["events"] == len(crawlers)
        assert by_source(found["sources"]) == labelled()
        expected = pages_of(crawlers) if project is keeping else Counter()
        # The 100 with most events; which of those with as many is not said.
        assert len(found["pages"]) == min(100, len(expected))
        for row in found["pages"]:
            source = (row["page_url"], row["crawler_class"], row["operator"])
            assert row["events"] == expected[source]
        most = sorted(expected.values(), reverse=True)
        assert [row["events"] for row in found["pages"]] == most[:100]
