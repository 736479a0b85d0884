"""Sending events over HTTP, through the gateway, as apps do."""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any

import pytest
import requests

from tests.conftest import Installation

INGEST = "/api/v1/events/ingest"


def stored(installation: Installation, project: dict[str, Any]) -> list[dict[str, Any]]:
    installation.wait_until_stored()
    answer = requests.get(
        f"{installation.url}/api/events/",
        params={"limit": 200},
        headers={"X-API-Key": project["secret_key"]},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_batch_is_answered_event_by_event_and_stored(installation: Installation) -> None:
    project = installation.new_project("batch")
    event_id = str(uuid.uuid4())
    answer = installation.ingest(
        project["public_key"],
        {
            "events": [
                {"event": "opened", "user_id": "u1", "uuid": event_id, "source": "ios"},
                {"event_type": "x" * 101},
                {"name": "bought", "distinct_id": "u1", "event_properties": {"price": 3.5}},
            ]
        },
    )
    assert answer.status_code == 202
    body = answer.json()
    assert (body["accepted"], body["dropped"]) == (2, 1)
    assert body["results"][0] == {"event_id": event_id, "status": "accepted"}
    assert body["results"][1]["reason"] == "invalid_name"
    found = {event["event_name"]: event for event in stored(installation, project)}
    assert set(found) == {"opened", "bought"}
    assert found["opened"]["event_id"] == event_id
    assert found["opened"]["source"] == "ios"
    assert found["bought"]["properties"] == {"price": 3.5}
    assert found["bought"]["distinct_id"] == "u1"


def test_the_same_event_sent_five_times_is_counted_once(installation: Installation) -> None:
    project = installation.new_project("five times")
    event = {"event": "paid", "event_id": "order-17", "distinct_id": "u1"}
    for _ in range(5):
        assert installation.ingest(project["public_key"], event).status_code == 202
    assert [found["event_name"] for found in stored(installation, project)] == ["paid"]
    overview = requests.get(
        f"{installation.url}/api/v1/analytics/{project['id']}/overview",
        headers={"X-API-Key": project["secret_key"]},
        timeout=10,
    ).json()
    assert (overview["total_events"], overview["unique_users"]) == (1, 1)


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ({"headers": {"X-API-Key": "KEY"}}, 202),
        ({"headers": {"Authorization": "Bearer KEY"}}, 202),
        ({"auth": ("KEY", "")}, 202),
        ({"params": {"api_key": "KEY"}}, 202),
        ({}, 401),
        ({"headers": {"X-API-Key": "pk_wrong"}}, 401),
        ({"headers": {"X-API-Key": "wrong"}}, 401),
    ],
)
def test_the_key_may_stand_in_every_usual_place(
    installation: Installation, where: dict[str, Any], status: int
) -> None:
    key = installation.credentials["public_key"]
    filled = json.loads(json.dumps(where).replace("KEY", key))
    if "auth" in filled:
        filled["auth"] = tuple(filled["auth"])
    answer = requests.post(
        f"{installation.url}{INGEST}", json={"event": "keyed"}, timeout=10, **filled
    )
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] in {"unauthorized", "invalid_key"}
        assert "key" in answer.json()["message"].lower()


def test_the_key_may_stand_in_the_body_as_pages_send_it(installation: Installation) -> None:
    body = {"api_key": installation.credentials["public_key"], "events": [{"event": "paged"}]}
    answer = requests.post(
        f"{installation.url}{INGEST}",
        data=gzip.compress(json.dumps(body).encode()),
        headers={"Content-Type": "text/plain", "Origin": "https://game.example"},
        timeout=10,
    )
    assert answer.status_code == 202
    assert answer.headers["Access-Control-Allow-Origin"] == "https://game.example"


def test_a_preflight_from_another_site_is_answered(installation: Installation) -> None:
    answer = requests.options(
        f"{installation.url}{INGEST}",
        headers={
            "Origin": "https://game.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-api-key,content-type",
        },
        timeout=10,
    )
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://game.example"
    assert "x-api-key" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json", 400),
        (b'"text"', 400),
        (b"[]", 400),
        (b'{"events": 3}', 400),
        (b"[" * 5_000 + b"]" * 5_000, 400),
        (b'{"event": "\xff"}', 400),
        (b"\x1f\x8b\x08broken", 400),
        (gzip.compress(b'{"event": "a"}')[:-10], 400),
        (gzip.compress(b"0" * 30_000_000), 413),
        (b'{"event": "' + b"x" * 21_000_000 + b'"}', 413),
        (json.dumps([{"event": "a"}] * 10_001).encode(), 413),
        (b'{"event": "a", "sent_at": "whenever"}', 400),
    ],
)
def test_a_body_that_cannot_be_read_is_the_clients_error(
    installation: Installation, body: bytes, status: int
) -> None:
    answer = requests.post(
        f"{installation.url}{INGEST}",
        data=body,
        headers=installation.public_headers,
        timeout=30,
    )
    assert answer.status_code == status
    assert answer.json()["code"] == {400: "invalid_request", 413: "payload_too_large"}[status]
    assert answer.json()["message"]


def test_one_bad_event_of_any_kind_never_harms_its_neighbours(installation: Installation) -> None:
    project = installation.new_project("neighbours")
    bad: list[Any] = [
        None, 3, "x", [], {}, {"event": None}, {"event": {"a": 1}}, {"event": "a", "timestamp": []},
        {"event": "a", "distinct_id": {"b": 1}}, {"event": "a", "properties": "text"},
        {"event": "a", "timestamp": "0000"}, {"event": "a", "timestamp": 1e300},
        {"event": "a", "page_url": ["x"]},
    ]  # fmt: skip
    events = [item for one in bad for item in (one, {"event": "good"})]
    answer = installation.ingest(project["public_key"], events)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["dropped"]) == (len(bad), len(bad))
    assert len(stored(installation, project)) == len(bad)


def test_half_an_emoji_costs_nobody_an_event(installation: Installation) -> None:
    project = installation.new_project("emoji")
    body = (
        rb'[{"event":"good"},{"event":"half","properties":{"a":"\ud83d","b":"\\ud83d",'
        rb'"c":"\ud83d\ude00"}}]'
    )
    answer = requests.post(
        f"{installation.url}{INGEST}",
        data=body,
        headers={"X-API-Key": project["public_key"]},
        timeout=10,
    )
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    found = {event["event_name"]: event for event in stored(installation, project)}
    assert found["half"]["properties"] == {"a": "\ufffd", "b": "\\ud83d", "c": "\U0001f600"}


def test_very_deep_properties_are_dropped_and_their_neighbours_kept(
    installation: Installation,
) -> None:
    deep = b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"
    answer = requests.post(
        f"{installation.url}{INGEST}",
        data=b'[{"event":"good"},{"event":"deep","properties":' + deep + b"}]",
        headers=installation.public_headers,
        timeout=10,
    )
    assert answer.status_code == 202
    assert [result.get("reason") for result in answer.json()["results"]] == [
        None, "invalid_properties",
    ]  # fmt: skip


def test_an_unreadable_authorization_is_no_key(installation: Installation) -> None:
    answer = requests.post(
        f"{installation.url}{INGEST}",
        data=b"{}",
        headers={"Authorization": b"Basic \xff"},
        timeout=10,
    )
    assert answer.status_code == 401


def test_an_empty_id_does_not_hide_the_one_beside_it(installation: Installation) -> None:
    project = installation.new_project("empty ids")
    event = {"event": "a", "distinct_id": "", "user_id": "u1", "event_id": "", "uuid": "x-1"}
    for _ in range(2):
        assert installation.ingest(project["public_key"], event).status_code == 202
    assert [found["distinct_id"] for found in stored(installation, project)] == ["u1"]


def test_capture_event_answers_as_its_seed_says(installation: Installation) -> None:
    url = f"{installation.url}/api/capture_event/"
    headers = installation.public_headers
    made = requests.post(url, json={"event_name": "captured"}, headers=headers, timeout=10)
    assert made.status_code == 201
    assert made.json()["status"] == "success"
    for path in (url, url.rstrip("/")):
        refused = requests.post(path, json={"properties": {}}, headers=headers, timeout=10)
        assert refused.status_code == 422
        assert refused.json()["errors"] == {"event": ["missing_name"]}


def test_a_rotated_key_stops_working_within_five_seconds(installation: Installation) -> None:
    import time

    project = installation.new_project("rotation")
    old = project["public_key"]
    assert installation.ingest(old, {"event": "a"}).status_code == 202
    answer = installation.login().post(
        f"{installation.url}/api/v1/projects/{project['id']}/rotate-key",
        json={"kind": "public"},
        timeout=10,
    )
    new = answer.json()["key"]
    assert installation.ingest(new, {"event": "a"}).status_code == 202
    time.sleep(5.2)
    assert installation.ingest(old, {"event": "a"}).status_code == 401


def test_old_versions_of_posthog_js_may_capture_clicks(installation: Installation) -> None:
    answer = requests.post(
        f"{installation.url}/decide/?v=3",
        json={"token": installation.credentials["public_key"], "distinct_id": "ada"},
        timeout=10,
    )
    assert answer.json()["config"] == {"enable_collect_everything": True}
