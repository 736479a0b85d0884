"""Batches: how large they may be, what one bad event costs, and who learns of a refusal."""

from __future__ import annotations

import base64
import gzip
import json
import time
import uuid
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from tests.support.edge import INGEST, Edge, Project

POSTHOG = {"event": "ok", "distinct_id": "ada"}
SEGMENT = {"type": "track", "event": "ok", "userId": "ada"}
NATIVE = {"event_name": "ok", "distinct_id": "ada"}
PROTOCOLS = [
    (INGEST, "events", NATIVE, "event_name"),
    ("/api/v1/analytics/batch/", "events", NATIVE, "event_name"),
    ("/batch/", "batch", POSTHOG, "event"),
    ("/e/", "batch", POSTHOG, "event"),
    ("/v1/batch", "batch", SEGMENT, "event"),
    ("/v1/b", "batch", SEGMENT, "event"),
]
VALUES = [b"NaN", b"1e309", b"-Infinity", b'{"a":' * 5000 + b"1" + b"}" * 5000]


@pytest.fixture
def project(edge: Edge) -> Project:
    """A project of the test's own."""
    return edge.project()


def post(edge: Edge, project: Project, path: str, body: bytes, **more: Any) -> requests.Response:
    headers = {"X-API-Key": project.key, **more}
    return requests.post(edge.url + path, data=body, headers=headers, timeout=60)


@pytest.mark.parametrize(("path", "name", "event", "_field"), PROTOCOLS)
def test_ten_thousand_events_are_taken_in_one_batch(
    edge: Edge, project: Project, path: str, name: str, event: dict[str, Any], _field: str
) -> None:
    answer = edge.send(project, {name: [event] * 10_000}, path)
    assert answer.status_code in {200, 201, 202}, answer.text
    [batch] = edge.batches(project)
    assert len(batch.events) == 10_000
    edge.change(project, rate_limit_per_minute=1_000_000)
    answer = edge.send(project, {name: [event] * 10_001}, path)
    assert answer.status_code == 413
    assert "10000" in answer.json()["message"]


@pytest.mark.parametrize("value", VALUES, ids=[value[:9].decode() for value in VALUES])
@pytest.mark.parametrize(("path", "name", "event", "field"), PROTOCOLS)
def test_a_value_that_json_cannot_hold_costs_its_own_event_only(
    edge: Edge,
    project: Project,
    path: str,
    name: str,
    event: dict[str, Any],
    field: str,
    value: bytes,
) -> None:
    good = json.dumps(event).encode()
    bad = json.dumps({**event, field: "bad"}).encode()[:-1] + b', "properties": {"n": %b}}' % value
    body = b'{"%b": [%b, %b, %b], "sent_at": null}' % (name.encode(), good, bad, good)
    answer = post(edge, project, path, body)
    assert answer.status_code in {200, 201, 202}, answer.text
    dropped = answer.json()["dropped"]
    assert dropped == 1 if isinstance(dropped, int) else len(dropped) == 1
    [batch] = edge.batches(project)
    assert [one.event_name for one in batch.events] == ["ok", "ok"]
    assert sum(batch.drops.values()) == 1
    assert set(batch.drops) <= {"invalid_json", "invalid_properties"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (INGEST, b"{"),
        (INGEST, b'{"event_name": NaN}'),
        (INGEST, b'{"events": 5}'),
        ("/batch/", b"nothing"),
        ("/v1/batch", b"[]"),
        (INGEST, gzip.compress(b"[]")[:-4]),
    ],
)
def test_a_refused_request_is_counted_and_its_reason_shown(
    edge: Edge, project: Project, path: str, body: bytes
) -> None:
    answer = post(edge, project, path, body)
    assert answer.status_code == 400
    [batch] = edge.batches(project)
    assert (batch.events, batch.drops) == ([], {"request_refused": 1})
    assert batch.warnings[0].reason == "request_refused"
    assert batch.warnings[0].detail == answer.json()["message"]


def test_an_id_from_a_cookie_is_cut_like_one_of_an_event(edge: Edge, project: Project) -> None:
    long, cookie = "a" * 4_000, {"Cookie": "user_id=" + "a" * 4_000}
    assert edge.send(project, {"event_name": "fast"}, **cookie).status_code == 202
    assert edge.send(project, {"event_name": "full", "user_id": ""}, **cookie).status_code == 202
    assert edge.send(project, {"event_name": "own", "user_id": long}).status_code == 202
    found = [event.distinct_id for batch in edge.batches(project) for event in batch.events]
    assert found == [long[:200]] * 3


def test_a_request_gets_hints_for_at_most_twenty_unknown_fields(
    edge: Edge, project: Project
) -> None:
    def warnings(names: list[str]) -> list[str]:
        events = [{"event_name": "e", "user_id": "ada", name: "x"} for name in names]
        results = edge.send(project, events).json()["results"]
        return [result["warning"] for result in results]

    different = warnings([f"propertie{number}" for number in range(100)])
    assert all(text.startswith("Unknown: 'propertie") for text in different)
    assert sum("did you mean 'properties'" in text for text in different) == 20
    assert all("did you mean 'properties'" in text for text in warnings(["propertes"] * 100))
    [long] = warnings(["community_id_" + "x" * 30])
    assert "did you mean" not in long


def test_refused_events_are_counted_where_they_can_be_read(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=50, allowed_origins=["https://here.example"])
    headers = {"Origin": "https://elsewhere.example"}
    assert (
        post(edge, project, INGEST, json.dumps([NATIVE] * 3).encode(), **headers).status_code == 403
    )
    assert edge.send(project, [NATIVE] * 51).status_code == 413
    assert [batch.drops for batch in edge.batches(project)] == [
        {"request_refused": 3},
        {"request_refused": 51},
    ]


def test_a_refused_request_counts_no_more_events_than_one_may_carry(
    edge: Edge, project: Project
) -> None:
    assert edge.send(project, [0] * 500_000).status_code == 413
    [batch] = edge.batches(project)
    assert batch.drops == {"request_refused": 10_000}
    assert (batch.warnings[0].events, "500000" in batch.warnings[0].detail) == (10_000, True)


def test_a_refusal_is_counted_for_the_key_that_stands_in_the_broken_body(
    edge: Edge, project: Project
) -> None:
    body = b'{"api_key": "%b", "event": "e", "properties": {"n": NaN}}' % project.key.encode()
    assert requests.post(f"{edge.url}/capture/", data=body, timeout=10).status_code == 400
    [batch] = edge.batches(project)
    assert batch.drops == {"request_refused": 1}
    assert requests.post(edge.url + INGEST, data=b"{", timeout=10).status_code in {400, 401}
    assert len(edge.batches(project)) == 1


def test_gzip_of_several_members_is_read_to_its_end(edge: Edge, project: Project) -> None:
    event = json.dumps([NATIVE, NATIVE]).encode()
    body = gzip.compress(event[:20]) + gzip.compress(event[20:])
    assert post(edge, project, INGEST, body).json()["accepted"] == 2
    assert post(edge, project, INGEST, body[:-4]).status_code == 400
    bomb = gzip.compress(b"0" * 15_000_000)
    assert post(edge, project, INGEST, bomb + bomb).status_code == 413
    assert post(edge, project, INGEST, gzip.compress(b"") * 1000).status_code == 400


@pytest.mark.parametrize(
    "path", ["/e/", "/capture/", "/batch/", "/track/", "/e/?compression=base64"]
)
def test_base64_is_recognised_without_a_hint(edge: Edge, project: Project, path: str) -> None:
    event = json.dumps({**POSTHOG, "properties": {"text": "??>>~~"}}).encode()
    for body in (base64.b64encode(event), base64.urlsafe_b64encode(gzip.compress(event))):
        answer = post(edge, project, path, body, **{"Content-Type": "text/plain"})
        assert answer.status_code == 200, answer.text
    assert [len(batch.events) for batch in edge.batches(project)] == [1, 1]


@pytest.mark.parametrize("wrong", ["text", 5, True, False, [1], 0, ["a"]])
def test_properties_that_are_no_object_are_refused_by_name(
    edge: Edge, project: Project, wrong: object
) -> None:
    for path, event, name in (
        (INGEST, {**NATIVE, "properties": wrong}, "properties"),
        (INGEST, {**NATIVE, "event_properties": wrong}, "properties"),
        ("/api/v1/identify", {"user_id": "u", "properties": wrong}, "properties"),
        ("/api/v1/identify", {"user_id": "u", "traits": wrong}, "traits"),
        ("/api/v1/group", {"group_type": "a", "group_key": "b", "traits": wrong}, "traits"),
        ("/batch/", {"batch": [POSTHOG, {**POSTHOG, "properties": wrong}]}, "properties"),
        ("/batch/", {"batch": [POSTHOG, {**POSTHOG, "$set": wrong}]}, "set"),
        ("/v1/batch", {"batch": [SEGMENT, {**SEGMENT, "properties": wrong}]}, "properties"),
        ("/v1/batch", {"batch": [SEGMENT, {**SEGMENT, "type": "page", "properties": wrong}]},
         "properties"),
        ("/v1/batch", {"batch": [SEGMENT, {**SEGMENT, "type": "identify", "traits": wrong}]},
         "traits"),
    ):  # fmt: skip
        answer = edge.send(project, event, path).json()
        dropped = answer["dropped"]
        [result] = dropped if isinstance(dropped, list) else answer["results"]
        assert result["reason"] == "invalid_properties", (path, event)
        assert result["message"] == f"{name} must be an object.", (path, event)


def test_an_event_id_is_text_or_a_whole_number(edge: Edge, project: Project) -> None:
    odd: list[Any] = [True, False, 1.5, [], {}]
    for wrong in odd:
        for path, event in (
            (INGEST, {**NATIVE, "event_id": wrong}),
            ("/batch/", {"batch": [POSTHOG, {**POSTHOG, "uuid": wrong}]}),
            ("/v1/batch", {"batch": [SEGMENT, {**SEGMENT, "messageId": wrong}]}),
        ):
            answer = edge.send(project, event, path).json()
            dropped = answer["dropped"]
            [result] = dropped if isinstance(dropped, list) else answer["results"]
            assert result["reason"] == "invalid_field", (path, wrong)
            assert "event_id" in result["message"]


def test_a_uuid_is_one_id_however_it_is_written(edge: Edge, project: Project) -> None:
    given = uuid.uuid4()
    written = [
        str(given),
        str(given).upper(),
        given.hex,
        f"{{{given}}}",
        given.urn,
        f" {given} ",
    ]
    for path, event, name in (
        (INGEST, NATIVE, "event_id"),
        ("/e/", POSTHOG, "uuid"),
        ("/v1/track", SEGMENT, "messageId"),
    ):
        for text in written:
            edge.send(project, {**event, name: text}, path)
    held = {event.event_id for batch in edge.batches(project) for event in batch.events}
    assert held == {given.bytes}


def test_equal_captures_without_ids_are_as_many_events(edge: Edge, project: Project) -> None:
    capture = {**POSTHOG, "timestamp": time_with(3)}
    for _ in range(3):
        edge.send(project, capture, "/capture/")
        edge.send(project, {"batch": [capture, capture]}, "/batch/")
    held = [event.event_id for batch in edge.batches(project) for event in batch.events]
    assert len(held) == len(set(held)) == 9


def test_a_batch_of_posthog_python_that_is_sent_again_is_the_same(
    edge: Edge, project: Project
) -> None:
    capture = {**POSTHOG, "timestamp": time_with(6)}
    for sent_at in (time_with(3), time_with(6)):
        edge.send(project, {"batch": [capture, capture], "sentAt": sent_at}, "/batch/")
    first, second = ([event.event_id for event in one.events] for one in edge.batches(project))
    assert first == second
    assert len(set(first)) == 2


def time_with(digits: int) -> str:
    """The present time, with so many digits of a second."""
    second = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{second}.{'123456'[:digits]}Z"


def test_a_profile_call_that_posthog_js_sends_again_is_one(edge: Edge, project: Project) -> None:
    call = {"$distinct_id": "ada", "$set": {"plan": "pro"}}
    now = round(time.time() * 1_000)
    for query in (f"_={now}", f"_={now}&retry_count=1", f"_={now + 876}"):
        edge.send(project, call, f"/engage/?{query}")
    first, again, other = (batch.events[0].event_id for batch in edge.batches(project))
    assert first == again
    assert first != other
