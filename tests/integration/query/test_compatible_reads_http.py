"""What other systems' clients send and read back, over HTTP through the gateway."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from tests.conftest import Installation

EVENTS: list[dict[str, Any]] = [
    {
        "distinct_id": "visitor",
        "event_type": "page_view",
        "properties": {"page": "checkout"},
        "device_id": "device456",
        "app_version": "1.0.0",
        "os_name": "iOS",
        "os_version": "15.0",
        "community_id": "north",
        "division_id": "mtl",
        "session_id": "visit-1",
    },
    {
        "distinct_id": "somebody",
        "event_type": "button_click",
        "community_id": "north",
        "division_id": "on",
    },
]


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    """A project with two events; one of its two visitors logs in."""
    made = installation.new_project("documented reads")
    headers = {"X-API-Key": made["public_key"]}
    # Not at import: the run may have passed midnight since, and what is read is of today.
    now = datetime.now(timezone.utc).replace(microsecond=0)
    now = max(now, now.replace(hour=0, minute=2, second=0))
    ages = (timedelta(seconds=60), timedelta(seconds=30))
    events = [
        {**event, "timestamp": (now - age).isoformat()}
        for event, age in zip(EVENTS, ages, strict=True)
    ]
    sent = requests.post(
        f"{installation.url}/api/v1/analytics/batch/",
        json={"events": events},
        headers=headers,
        timeout=10,
    )
    assert sent.status_code in {200, 201, 202}, sent.text
    told = {"user_id": "user-7", "anonymous_id": "visitor", "timestamp": now.isoformat()}
    identified = requests.post(
        f"{installation.url}/api/v1/identify", json=told, headers=headers, timeout=10
    )
    assert identified.status_code == 202, identified.text
    installation.wait_until_stored()
    return made


@pytest.fixture(scope="module")
def api(installation: Installation, project: dict[str, Any]) -> Any:
    """Calls with the project's secret key: status and content."""

    def call(path: str, **parameters: Any) -> Any:
        answer = requests.get(
            f"{installation.url}{path}",
            params=parameters,
            headers={"X-API-Key": project["secret_key"]},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.headers["Content-Type"] == "application/json" else answer

    return call


def test_the_first_system_reads_its_statistics(api: Any) -> None:
    assert api("/api/stats/")["total_events"] == len(EVENTS) + 1
    assert [one["event_name"] for one in api("/api/events")["items"]] == [
        "$identify",
        "button_click",
        "page_view",
    ]


def test_a_mobile_backend_reads_events_sessions_and_sums(api: Any) -> None:
    base = "/api/v1/analytics/admin"
    [event] = api(f"{base}/events/", event_type="page_view")["items"]
    sent = {key: value for key, value in EVENTS[0].items() if key in event}
    assert {key: event[key] for key in sent} == sent
    counts = api(f"{base}/events/event_counts/")["items"]
    assert {one["event_type"]: one["count"] for one in counts} == {
        "page_view": 1,
        "button_click": 1,
        "$identify": 1,
    }
    sessions = api(f"{base}/sessions/")
    assert sessions["total_sessions"] == len(sessions["items"])
    [visit] = [one for one in sessions["items"] if one["session_id"] == "visit-1"]
    assert (visit["device_id"], visit["app_version"]) == ("device456", "1.0.0")
    assert visit["distinct_id"] == "visitor"
    assert api(f"{base}/event-aggregates/", interval="hour")["total_rows"] == 3


def test_a_dashboard_reads_sessions_and_users(
    installation: Installation, project: dict[str, Any]
) -> None:
    owner = installation.login()
    base = f"{installation.url}/api/v1/analytics/{project['id']}"
    users = owner.get(f"{base}/users", params={"period": "7d"}, timeout=10).json()
    assert (users["total_users"], users["identified_users"]) == (2, 1)
    assert set(users["items"][0]["distinct_ids"]) == {"visitor", "user-7"}
    assert owner.get(f"{base}/sessions", timeout=10).json()["unique_users"] == 2
    foreign = {"X-API-Key": installation.new_project("foreign")["secret_key"]}
    assert requests.get(f"{base}/users", headers=foreign, timeout=10).status_code == 404


def test_a_community_platform_reads_its_visitors(
    installation: Installation, project: dict[str, Any], api: Any
) -> None:
    base = "/api/analytics"
    today = api(f"{base}/visitors/today/")
    assert (today["total_visitors"], today["authenticated_visitors"]) == (2, 1)
    assert today["total_page_views"] == 1
    assert api(f"{base}/visitors/", community_id="nowhere")["total_visitors"] == 0
    assert api(f"{base}/conversions/")["total_conversions"] == 1
    assert api(f"{base}/growth")["trend"] == "increasing"
    lines = list(csv.DictReader(io.StringIO(api(f"{base}/export/").text)))
    assert lines[-1]["total_visitors"] == "2"
    # Divisions that are entered later take in what was before.
    assert api(f"{base}/visitors/", division_id="qc")["total_visitors"] == 0
    owner = installation.login()
    own = f"{installation.url}/api/v1/analytics/{project['id']}"
    places = [
        ("divisions", {"id": "qc", "name": "Quebec", "kind": "province"}, 201),
        ("divisions", {"id": "mtl", "name": "Montreal", "kind": "city", "parent_id": "qc"}, 201),
        ("divisions", {"id": "x", "name": "X", "parent_id": "not there"}, 422),
        ("communities", {"id": "north", "name": "North", "division_id": "qc"}, 201),
        ("communities", {"id": "south", "name": "South", "division_id": "not there"}, 422),
        ("communities", {"id": "north", "name": "North again"}, 409),
    ]
    for kind, content, status in places:
        made = owner.post(f"{own}/{kind}/", json=content, timeout=10)
        assert made.status_code == status, made.text
    circle = owner.patch(f"{own}/divisions/qc", json={"parent_id": "mtl"}, timeout=10)
    assert (circle.status_code, list(circle.json()["errors"])) == (422, ["parent_id"])
    assert owner.delete(f"{own}/divisions/qc", timeout=10).status_code == 409
    assert api(f"{base}/visitors/", division_id="qc")["total_visitors"] == 1
    breakdown = api(f"{base}/division-breakdown/")
    assert [(one["division_name"], one["count"]) for one in breakdown] == [
        ("Montreal", 1),
        ("on", 1),
    ]
    assert api(f"{base}/demographics/")["by_division_type"] == {"city": 1, "unknown": 1}
    north = owner.get(f"{own}/communities/north/visitors/", timeout=10).json()
    assert (north["same_division_visitors"], north["cross_division_visitors"]) == (1, 1)
    every = owner.get(f"{own}/community-visitors", timeout=10).json()
    assert every["items"][0]["same_division_visitors"] == 1
    again = {"event": "back", "distinct_id": "somebody", "community_id": "south"}
    assert installation.ingest(project["public_key"], again).status_code == 202
    installation.wait_until_stored()
    assert api(f"{base}/realtime/", community_id="south")["count"] == 1


def test_a_user_of_several_projects_names_the_one_they_mean(
    installation: Installation, project: dict[str, Any]
) -> None:
    token = installation.login().cookies["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{installation.url}/api/analytics/visitors/"
    unclear = requests.get(url, headers=headers, timeout=10)
    assert (unclear.status_code, list(unclear.json()["errors"])) == (422, ["project_id"])
    named = {"project_id": project["id"]}
    answer = requests.get(url, params=named, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["total_visitors"]) == (200, 2)
