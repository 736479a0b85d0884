"""The health of a project's data, and the check of an installation, against counting by hand."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from tests.conftest import Installation, make_project
from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc)
OUTCOMES = ("stored", "duplicate", "invalid_name", "bot", "dead_lettered")


def get(client: Any, project: int, path: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/analytics/{project}/{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def received(connection: Connection, project: int, seed: int) -> list[tuple[Any, ...]]:
    """Random counts of five days: start, outcome, events, waited, longest wait."""
    chance = random.Random(seed)
    quarter = NOW.replace(minute=0, second=0, microsecond=0)
    rows: list[tuple[Any, ...]] = []
    for number in range(0, 480, 7):
        for outcome in chance.sample(OUTCOMES, 3):
            events, longest = chance.randrange(1, 50), chance.randrange(9_000)
            waits = (events * longest // 2, longest) if outcome == "stored" else (None, None)
            rows.append((quarter - timedelta(minutes=15 * number), outcome, events, *waits))
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO intake_counts"
            " (project_id, bucket, outcome, events, waited_ms, max_wait_ms) VALUES %s",
            [(project, *row) for row in rows],
        )
    connection.commit()
    return rows


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_what_came_of_events_is_summed_as_by_hand(database: Connection, zone: str) -> None:
    project = make_project(database, zone)
    rows = received(database, project, seed=3)
    client = client_of(make_user(database, project))
    for period in ("24h", "7d"):
        health = get(client, project, "health", period=period)
        start, end = (datetime.fromisoformat(health[name]) for name in ("from", "to"))
        inside = [row for row in rows if start <= row[0] < end]
        totals = Counter[str]()
        for row in inside:
            totals[row[1]] += row[2]
        refused = {name: n for name, n in totals.items() if name not in {"stored", "duplicate"}}
        assert (health["stored"], health["duplicate"]) == (totals["stored"], totals["duplicate"])
        assert {one["reason"]: one["events"] for one in health["reasons"]} == refused
        assert health["refused"] == sum(refused.values())
        assert health["received"] == sum(totals.values())
        begins = [datetime.fromisoformat(one["start"]) for one in health["intervals"]]
        for index, interval in enumerate(health["intervals"]):
            until = begins[index + 1] if index + 1 < len(begins) else end
            own = [row for row in inside if begins[index] <= row[0] < until]
            stored = [row for row in own if row[1] == "stored"]
            assert interval["stored"] == sum(row[2] for row in stored)
            assert interval["refused"] == sum(row[2] for row in own if row[1] in refused)
            if stored:
                mean = sum(row[3] for row in stored) / sum(row[2] for row in stored) / 1_000
                assert interval["wait_seconds"] == pytest.approx(mean, abs=0.001)
                assert interval["max_wait_seconds"] == max(row[4] for row in stored) / 1_000
            else:
                assert interval["wait_seconds"] is None


def test_limits_and_problems_say_what_needs_attention(database: Connection) -> None:
    project = make_project(database, "UTC")
    client = client_of(make_user(database, project))
    quiet = get(client, project, "health", period="24h")
    assert (quiet["problems"], quiet["received"]) == ([], 0)
    assert quiet["clocks"]["median_seconds"] is None
    quarter = NOW.replace(minute=0, second=0, microsecond=0)
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET monthly_quota = 1000 WHERE id = %s", (project,))
        execute_values(
            cursor,
            "INSERT INTO intake_counts"
            " (project_id, bucket, outcome, events, waited_ms, max_wait_ms) VALUES %s",
            [
                (project, quarter, "stored", 900, 90_000, 40_000),
                (project, quarter, "invalid_name", 100, None, None),
            ],
        )
    database.commit()
    loud = get(client, project, "health", period="24h")
    assert loud["problems"] == ["many_refused", "near_limit", "slow_storing"]
    limits = {one["limit"]: (one["used"], one["maximum"]) for one in loud["limits"]}
    assert limits["events_per_month"] == (900, 1000)
    assert limits["events_per_minute"][0] == 60  # 900 events in 15 minutes


@pytest.mark.parametrize(
    ("outcome", "problems"),
    [
        *((reason, []) for reason in ("sampled_out", "bot", "do_not_track", "no_consent")),
        *((reason, ["many_refused"]) for reason in ("invalid_name", "too_old")),
    ],
)
def test_what_settings_leave_out_is_no_problem(
    database: Connection, outcome: str, problems: list[str]
) -> None:
    project = make_project(database, "UTC")
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake_counts (project_id, bucket, outcome, events)"
            " VALUES (%s, %s, %s, 90), (%s, %s, 'stored', 10)",
            (project, NOW.replace(minute=0), outcome, project, NOW.replace(minute=0)),
        )
    database.commit()
    health = get(client_of(make_user(database, project)), project, "health", period="24h")
    assert (health["refused"], health["problems"]) == (90, problems)


def test_clocks_and_clients_are_read_from_the_latest_events(database: Connection) -> None:
    samples = [
        Sample(
            NOW - timedelta(minutes=number),
            "opened",
            1,
            source=("ios", None)[number % 2],
            properties={"$lib_version": "2.1.0"} if number % 2 else {},
        )
        for number in range(1, 8)
    ]
    project = put(database, "UTC", samples)
    health = get(client_of(make_user(database, project)), project, "health", period="7d")
    found = {(one["source"], one["version"]): one["events"] for one in health["clients"]}
    assert found == {(None, "2.1.0"): 4, ("ios", None): 3}
    assert (health["clocks"]["events"], health["clocks"]["median_seconds"]) == (7, 0)


def test_clients_are_older_than_the_newest_of_the_same_source(database: Connection) -> None:
    sent = [
        ("web", "1.9.2"), ("web", "1.10"), ("web", "1.10.0"), ("web", "next"), ("web", None),
        ("posthog-js", "1.2.0-beta"), ("ios", "v1.3"),
    ]  # fmt: skip
    samples = [
        Sample(
            NOW - timedelta(minutes=number),
            "opened",
            1,
            source=source,
            properties={"$lib_version": version},
        )
        for number, (source, version) in enumerate(sent, 1)
    ]
    project = put(database, "UTC", samples)
    health = get(client_of(make_user(database, project)), project, "health", period="7d")
    older = [(one["source"], one["version"]) for one in health["clients"] if one["is_older"]]
    assert older == [("web", "1.9.2")]
    assert len(health["clients"]) == len(sent)


def test_versions_of_two_libraries_or_of_an_app_are_not_compared(database: Connection) -> None:
    sent: list[tuple[dict[str, object], str | None]] = [
        ({"$lib": "tidemark-js", "$lib_version": "0.1.0"}, None),
        ({"$lib": "posthog-js", "$lib_version": "1.200.0"}, None),
        ({"$lib": "posthog-js", "$lib_version": "1.100.0"}, None),
        ({"$lib_version": "0.9"}, None),
        ({}, "7.2"),
    ]
    samples = [
        Sample(
            NOW - timedelta(minutes=number),
            "opened",
            1,
            source="web",
            properties=properties,
            app_version=app,
        )
        for number, (properties, app) in enumerate(sent, 1)
    ]
    project = put(database, "UTC", samples)
    health = get(client_of(make_user(database, project)), project, "health", period="7d")
    found = {(one["library"], one["version"]): one["is_older"] for one in health["clients"]}
    assert found == {
        ("tidemark-js", "0.1.0"): False,
        ("posthog-js", "1.200.0"): False,
        ("posthog-js", "1.100.0"): True,
        ("", "0.9"): False,
        (None, "7.2"): False,
    }


def test_an_installation_is_checked_by_what_arrives(installation: Installation) -> None:
    project = installation.new_project("install")
    path = f"{installation.url}/api/v1/analytics/{project['id']}"
    session = installation.login()
    empty = session.get(f"{path}/install-check", timeout=10).json()
    assert (empty["latest"], empty["refused"], empty["filtered"]) == ([], [], 0)
    event = {"event_name": "page_view", "distinct_id": "a", "page_url": "https://reef.example/x?y"}
    sent = installation.ingest(project["public_key"], {"events": [event, {"event_name": ""}]})
    assert sent.status_code == 202
    installation.wait_until_stored()
    found = session.get(f"{path}/install-check", timeout=10).json()
    [latest] = found["latest"]
    assert (latest["event_name"], latest["host"]) == ("page_view", "reef.example")
    [refused] = found["refused"]
    assert (refused["reason"], refused["events"]) == ("missing_name", 1)
    health = session.get(f"{path}/health", params={"period": "24h"}, timeout=10).json()
    assert (health["stored"], health["refused"]) == (1, 1)
    waits = [one["wait_seconds"] for one in health["intervals"] if one["stored"]]
    assert len(waits) == 1
    assert 0 <= waits[0] < 30


def test_a_proxy_that_is_not_declared_needs_attention(database: Connection) -> None:
    project = make_project(database, "UTC")
    client = client_of(make_user(database, project))
    assert get(client, project, "health")["undeclared_proxy"] is None
    client.environ_base["HTTP_X_UNDECLARED_PROXY"] = "10.0.0.5"
    health = get(client, project, "health")
    assert (health["undeclared_proxy"], health["problems"]) == ("10.0.0.5", ["undeclared_proxy"])
