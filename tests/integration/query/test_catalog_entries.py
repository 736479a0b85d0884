"""The catalogue of events: volumes as by hand, statuses, search, pages, uses."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection

from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc)
NAMES = ("page_view", "50%", "a_b", "Ünï/cörn", "old one", "hidden one", "sure one")
ZONE = "Asia/Kathmandu"


def samples() -> list[Sample]:
    chance = random.Random(5)
    recent = [
        Sample(NOW - timedelta(minutes=chance.randrange(1, 50_000)), name, 1, source="ios")
        for name in NAMES
        if name != "old one"
        for _ in range(chance.randrange(1, 40))
    ]
    # Before the last 7 days, so that only "a_b" is new.
    settled = [Sample(NOW - timedelta(days=50), name, 2) for name in NAMES if name != "a_b"]
    fresh = [one for one in recent if one.name != "a_b" or one.at > NOW - timedelta(days=6)]
    return [*fresh, *settled, Sample(NOW - timedelta(hours=1), "a_b", 3)]


@pytest.fixture(scope="module")
def rows() -> list[Sample]:
    return samples()


@pytest.fixture
def project(database: Connection, rows: list[Sample]) -> int:
    return put(database, ZONE, rows)


@pytest.fixture
def client(database: Connection, project: int) -> Any:
    return client_of(make_user(database, project))


def path(project: int, rest: str) -> str:
    return f"/api/v1/analytics/{project}/definitions/{rest}"


def listed(client: Any, project: int, **query: Any) -> list[dict[str, Any]]:
    """All pages of the catalogue."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = client.get(path(project, "catalog"), query_string={"limit": 2, **query, **cursor})
        assert answer.status_code == 200, answer.text
        found += answer.json["items"]
        if answer.json["next_cursor"] is None:
            assert answer.json["total"] == len(found)
            return found
        cursor = {"cursor": answer.json["next_cursor"]}


def test_volumes_are_those_counted_by_hand(client: Any, project: int, rows: list[Sample]) -> None:
    zone = ZoneInfo(ZONE)
    today = datetime.now(zone).date()
    days = [today - timedelta(days=29 - index) for index in range(30)]
    for entry in listed(client, project):
        own = [one for one in rows if one.name == entry["name"]]
        by_day = Counter(one.at.astimezone(zone).date() for one in own)
        assert entry["daily"] == [by_day[day] for day in days]
        assert entry["events"] == sum(entry["daily"])
        assert entry["total_events"] == len(own)
    by_events = [(-one["events"], one["name"]) for one in listed(client, project)]
    assert by_events == sorted(by_events)


def test_a_status_follows_from_age_and_documentation(client: Any, project: int) -> None:
    for name, body in (
        ("hidden one", {"hidden": True, "verified": True}),
        ("sure one", {"verified": True, "owner": "Ada, web team"}),
        ("Ünï/cörn", {"description": "A name with a slash."}),
        ("old one", {"verified": True, "description": "Of the first app."}),
    ):
        answer = client.put(path(project, f"event/{name}"), json=body)
        assert answer.status_code == 200, answer.text
    statuses = {one["name"]: one["status"] for one in listed(client, project)}
    assert statuses == {
        **dict.fromkeys(("page_view", "50%", "Ünï/cörn"), "none"),
        "a_b": "new",
        "old one": "stale",
        "hidden one": "hidden",
        "sure one": "verified",
    }
    assert [one["name"] for one in listed(client, project, status="stale")] == ["old one"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("%", {"50%"}), ("_", {"page_view", "a_b"}), ("CÖRN", {"Ünï/cörn"}), ("nothing", set())],
)
def test_a_search_takes_its_text_literally(
    client: Any, project: int, text: str, expected: set[str]
) -> None:
    assert {one["name"] for one in listed(client, project, search=text)} == expected


def test_an_entry_says_where_its_event_is_used(client: Any, project: int) -> None:
    name = "Ünï/cörn"
    saved = f"/api/v1/analytics/{project}/saved-insights/"
    condition = {"property": "fruit", "value": [name]}
    for title, query in (
        ("uses it", {"steps": ["page_view", {"event": name}]}),
        ("does not", {"steps": [{"event": "page_view", "filters": [condition]}, "a_b"]}),
    ):
        answer = client.post(saved, json={"name": title, "kind": "funnel", "query": query})
        assert answer.status_code == 201, answer.text
        insight = answer.json["id"]
        board = {"name": f"board: {title}", "tiles": {"items": [{"insight_id": insight}]}}
        made = client.post(f"/api/v1/analytics/{project}/dashboards/", json=board)
        assert made.status_code == 201, made.text
    entry = client.get(path(project, "catalog-entry"), query_string={"name": name}).json
    assert [(use["kind"], use["name"]) for use in entry["uses"]] == [
        ("insight", "uses it"),
        ("dashboard", "board: uses it"),
    ]
    assert entry["event"]["name"] == name
    unknown = client.get(path(project, "catalog-entry"), query_string={"name": "never"})
    assert unknown.status_code == 404
