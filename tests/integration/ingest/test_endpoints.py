"""Every way of sending an event, and what each of them holds."""

from __future__ import annotations

import base64
import gzip
import json
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
import requests
from redis import Redis

from services.ingest.client_sessions import MAX_STORED
from services.ingest.pixel import GIF
from shared.events.envelope import Campaign, Event, GroupChange, PersonChange
from shared.events.stream import client_sessions_key
from tests.support.edge import INGEST, Edge, Project

PIXEL = "/api/v1/pixel.gif"


@pytest.fixture
def project(edge: Edge) -> Project:
    """A project of the test's own."""
    return edge.project()


def only_event(edge: Edge, project: Project) -> Event:
    [batch] = edge.batches(project)
    [event] = batch.events
    return event


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (INGEST, 202),
        ("/api/events/ingest", 202),
        ("/api/capture_event/", 201),
        ("/api/capture_event", 201),
        ("/api/v1/analytics/capture/", 201),
        ("/api/v1/analytics/capture", 201),
    ],
)
def test_an_event_with_all_its_fields(edge: Edge, project: Project, path: str, status: int) -> None:
    answer = edge.send(
        project,
        {
            "event_type": "button_click",
            "distinct_id": "user123",
            "properties": {"button_name": "submit", "page": "checkout"},
            "device_id": "device456",
            "app_version": "1.0.0",
            "os_name": "iOS",
            "os_version": "15.0",
            "source": "shop",
            "page_url": "https://shop.example/pay?utm_source=mail&utm_campaign=may+sale&x=1",
            "referrer": "https://mail.example/",
            "community_id": 7,
            "division_id": "north",
            "groups": {"company": "acme"},
            "timestamp": time.time() - 60,
        },
        path,
    )
    assert answer.status_code == status
    event = only_event(edge, project)
    assert event.event_name == "button_click"
    assert json.loads(event.properties) == {
        "button_name": "submit",
        "page": "checkout",
        "$groups.company": "acme",
    }
    assert (event.device_id, event.app_version) == ("device456", "1.0.0")
    assert (event.os_name, event.os_version) == ("iOS", "15.0")
    assert (event.community_id, event.division_id) == ("7", "north")
    assert event.campaign == Campaign(source="mail", name="may sale")
    assert event.groups == {"company": "acme"}
    assert 59 < time.time() - event.timestamp_us / 1e6 < 70


def test_a_path_for_one_event_names_the_invalid_field(edge: Edge, project: Project) -> None:
    for path in ("/api/capture_event/", "/api/v1/analytics/capture/"):
        refused = edge.send(project, {"distinct_id": "ada"}, path)
        assert refused.status_code == 422
        assert refused.json()["errors"] == {"event": ["missing_name"]}


def test_a_batch_names_the_outcome_of_each(edge: Edge, project: Project) -> None:
    answer = edge.send(
        project, {"events": [{"event": "a"}, {"event": ""}]}, "/api/v1/analytics/batch/"
    )
    assert answer.status_code == 201
    assert [r["status"] for r in answer.json()["results"]] == ["accepted", "dropped"]
    [batch] = edge.batches(project)
    assert batch.drops == {"missing_name": 1}
    assert len(batch.batch_id) == 16
    assert [(w.reason, w.events) for w in batch.warnings] == [("missing_name", 1)]


def test_a_session_is_started_and_ended(edge: Edge, project: Project) -> None:
    started = edge.send(
        project, {"distinct_id": "ada", "os_name": "iOS"}, "/api/v1/analytics/session/start/"
    )
    assert started.status_code == 201
    session_id = started.json()["session_id"]
    uuid.UUID(session_id)
    for _ in range(2):  # a retry is the same end
        ended = requests.put(
            f"{edge.url}/api/v1/analytics/session/{session_id}/end/",
            headers={"X-API-Key": project.key},
            timeout=10,
        )
        assert ended.status_code == 200
        assert ended.json()["session_id"] == session_id
    events = [batch.events[0] for batch in edge.batches(project)]
    assert [event.event_name for event in events] == ["$session_start", *["$session_end"] * 2]
    assert {event.session_id for event in events} == {session_id}
    assert {event.distinct_id for event in events} == {"ada"}
    assert events[1].event_id == events[2].event_id


@pytest.mark.parametrize("owner", [{}, {"distinct_id": "ada"}])
def test_a_session_does_not_end_before_it_starts(
    edge: Edge, project: Project, owner: dict[str, str]
) -> None:
    path, start = "/api/v1/analytics/session", datetime.now(timezone.utc) - timedelta(hours=3)
    for session_id, hours, ends_after in (("early", -1, 0), ("late", 1, 1)):
        body = {"distinct_id": "ada", "session_id": session_id, "timestamp": start.isoformat()}
        assert edge.send(project, body, f"{path}/start/").status_code == 201
        ended = requests.put(
            f"{edge.url}{path}/{session_id}/end/",
            json={**owner, "timestamp": (start + timedelta(hours=hours)).isoformat()},
            headers={"X-API-Key": project.key},
            timeout=10,
        )
        ended_at = datetime.fromisoformat(ended.json()["ended_at"])
        assert ended_at == start + timedelta(hours=ends_after)


def test_the_oldest_sessions_give_way_to_new_ones(edge: Edge, project: Project) -> None:
    path = "/api/v1/analytics/session"
    headers = {"X-API-Key": project.key}

    def start(session_id: str) -> None:
        body = {"distinct_id": "ada", "session_id": session_id}
        assert edge.send(project, body, f"{path}/start/").status_code == 201

    def end(session_id: str) -> int:
        return requests.put(
            f"{edge.url}{path}/{session_id}/end/", headers=headers, timeout=10
        ).status_code

    start("first")
    key = f"{client_sessions_key(project.id)}:public"
    with Redis.from_url(edge.cache.url) as cache:
        # As if as many had been started as are stored, one a second, until just now.
        others = [f"s{number}" for number in range(MAX_STORED - 1)]
        cache.hset(key, mapping=dict.fromkeys(others, "ada"))
        cache.zadd(f"{key}:times", {one: time.time() for one in others})
        start("last")
        assert cache.hlen(key) == cache.zcard(f"{key}:times") == MAX_STORED
        assert 0 < cache.ttl(key) <= 86_400
    assert (end("first"), end("last")) == (404, 200)


def test_ending_an_unknown_session_names_the_field_to_send(edge: Edge, project: Project) -> None:
    url = f"{edge.url}/api/v1/analytics/session/none/end/"
    headers = {"X-API-Key": project.key}
    unknown = requests.put(url, headers=headers, timeout=10)
    assert unknown.status_code == 404
    assert "distinct_id" in unknown.json()["message"]
    told = requests.put(url, json={"distinct_id": "ada"}, headers=headers, timeout=10)
    assert told.status_code == 200


def test_identify_alias_and_group(edge: Edge, project: Project) -> None:
    edge.send(
        project,
        {"user_id": "ada@example.org", "anonymous_id": "a1", "properties": {"plan": "pro"}},
        "/api/v1/identify",
    )
    edge.send(project, {"distinct_id": "ada@example.org", "alias": "ada-old"}, "/api/v1/alias")
    edge.send(
        project,
        {"user_id": "ada@example.org", "group_type": "guild", "group_key": "g1",
         "properties": {"size": 5}},
        "/api/v1/group",
    )  # fmt: skip
    identify, alias, group = (batch.events[0] for batch in edge.batches(project))
    assert {e.distinct_id for e in (identify, alias, group)} == {"ada@example.org"}
    assert identify.person == PersonChange("identify", "a1", set=b'{"plan":"pro"}')
    assert alias.person == PersonChange("alias", "ada-old")
    assert group.group == GroupChange("guild", "g1", b'{"size":5}')


@pytest.mark.parametrize("nobody", ["null", "undefined", "0", "[object Object]", "", None])
def test_ids_that_stand_for_nobody_link_nobody(edge: Edge, project: Project, nobody: Any) -> None:
    answer = edge.send(project, {"user_id": nobody, "anonymous_id": "a1"}, "/api/v1/identify")
    if answer.json()["results"][0]["status"] == "dropped":
        assert answer.json()["results"][0]["reason"] == "missing_identity"
    else:
        # Only the anonymous id was named, so that is whom the properties belong to.
        assert nobody in ("", None)
    answer = edge.send(project, {"user_id": "ada", "anonymous_id": nobody}, "/api/v1/identify")
    assert answer.json()["accepted"] == 1
    event = edge.batches(project)[-1].events[0]
    assert event.person is not None
    assert event.person.previous_id is None


def test_the_pixel_counts_a_mail_that_was_opened(edge: Edge, project: Project) -> None:
    query = {"api_key": project.key, "event": "mail_opened", "id": "ada", "campaign": "may",
             "p_id": "7"}  # fmt: skip
    answer = requests.get(edge.url + PIXEL, params=query, timeout=10)
    assert answer.status_code == 200
    assert answer.content == GIF
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["Cache-Control"] == "no-store"
    event = only_event(edge, project)
    assert (event.event_name, event.distinct_id) == ("mail_opened", "ada")
    assert json.loads(event.properties) == {"campaign": "may", "id": "7"}
    assert requests.get(edge.url + PIXEL, params={"event": "x"}, timeout=10).status_code == 401


def test_the_visitor_of_an_event_without_an_id_is_the_same_all_day_and_in_this_project_only(
    edge: Edge, project: Project
) -> None:
    other = edge.project()
    for one, address in ((project, "198.51.100.1"), (project, "198.51.100.1"),
                         (project, "198.51.100.2"), (other, "198.51.100.1")):  # fmt: skip
        edge.send(one, {"event": "a"}, X_Real_IP=address, User_Agent="Mozilla/5.0 X")
    ids = [batch.events[0].distinct_id for batch in edge.batches(project) + edge.batches(other)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(one.startswith("visitor_") for one in ids)


POSTHOG_EVENT = {
    "event": "$pageview",
    "uuid": "0190b0d4-6b8c-7000-8000-000000000001",
    "offset": 60_000,
    "properties": {
        "distinct_id": "ph-1",
        "$session_id": "s-1",
        "$device_id": "d-1",
        "$current_url": "https://shop.example/",
        "$referrer": "$direct",
        "$browser": "Firefox",
        "$os": "Linux",
        "$lib": "web",
        "utm_source": "mail",
        "$groups": {"company": "acme"},
        "price": 3,
    },
}


def posthog_forms(key: str) -> list[dict[str, Any]]:
    """The same event as every SDK and version wraps it."""
    event = {**POSTHOG_EVENT, "properties": {**POSTHOG_EVENT["properties"], "token": key}}  # type: ignore[dict-item]
    text = json.dumps(event).encode()
    coded = base64.b64encode(text).decode()
    batch = json.dumps({"api_key": key, "batch": [POSTHOG_EVENT]}).encode()
    form = "application/x-www-form-urlencoded"
    return [
        {"path": "/e/", "data": text},
        {"path": "/i/v0/e/?compression=gzip-js", "data": gzip.compress(text),
         "headers": {"Content-Type": "text/plain"}},
        {"path": "/batch/", "data": batch},
        {"path": "/batch", "data": gzip.compress(batch), "headers": {"Content-Encoding": "gzip"}},
        {"path": "/capture/", "data": f"data={quote(coded)}", "headers": {"Content-Type": form}},
        {"path": "/e/?compression=base64", "data": f"data={quote(coded)}",
         "headers": {"Content-Type": form}},
        {"path": "/track", "data": json.dumps([event])},
        {"path": f"/e/?data={quote(coded)}", "method": "GET"},
        {"path": "/e/", "data": json.dumps({**event, "$token": key})},
    ]  # fmt: skip


def test_posthogs_event_is_the_same_however_it_is_wrapped(edge: Edge, project: Project) -> None:
    for form in posthog_forms(project.key):
        path, method = form.pop("path"), form.pop("method", "POST")
        answer = requests.request(method, edge.url + path, timeout=10, **form)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.json()["status"] == "Ok"
        event = edge.batches(project)[-1].events[0]
        assert str(uuid.UUID(bytes=event.event_id)) == POSTHOG_EVENT["uuid"]
        assert (event.event_name, event.distinct_id) == ("$pageview", "ph-1")
        assert (event.session_id, event.device_id) == ("s-1", "d-1")
        assert (event.page_url, event.referrer) == ("https://shop.example/", None)
        assert (event.browser, event.os_name, event.source) == ("Firefox", "Linux", "web")
        assert event.campaign == Campaign(source="mail")
        assert event.groups == {"company": "acme"}
        assert json.loads(event.properties) == {
            "price": 3,
            "utm_source": "mail",
            "$groups.company": "acme",
        }
        assert 59 < time.time() - event.timestamp_us / 1e6 < 70
    assert len(edge.batches(project)) == 9


def test_what_posthogs_sdks_are_answered(edge: Edge, project: Project) -> None:
    def answer(body: Any) -> requests.Response:
        return requests.post(f"{edge.url}/batch/", json=body, timeout=10)

    good = {"event": "a", "distinct_id": "ada"}
    assert answer({"api_key": "pk_none", "batch": [good]}).status_code == 401
    assert answer({"batch": [good]}).status_code == 401
    assert answer({"api_key": project.key, "batch": []}).status_code == 400
    assert answer({"api_key": project.key, "batch": [{"event": "a"}]}).status_code == 400
    mixed = answer({"api_key": project.key, "batch": [{"event": "a"}, good]})
    assert mixed.status_code == 200
    assert mixed.json()["dropped"][0]["reason"] == "missing_identity"


def test_posthog_js_finds_its_remote_configuration(edge: Edge, project: Project) -> None:
    config = requests.get(f"{edge.url}/array/{project.key}/config", timeout=10)
    assert config.json()["supportedCompression"] == ["gzip", "gzip-js"]
    script = requests.get(f"{edge.url}/array/{project.key}/config.js", timeout=10)
    assert "javascript" in script.headers["Content-Type"]
    assert project.key in script.text
    for wrong in ("pk_none", "x';alert(1);'"):
        assert requests.get(f"{edge.url}/array/{wrong}/config.js", timeout=10).status_code == 401


def test_rudderstacks_browser_sdk_finds_its_source(edge: Edge, project: Project) -> None:
    url = f"{edge.url}/sourceConfig/?p=cdn&v=3.1.0"
    for answer in (
        requests.get(f"{url}&writeKey={project.key}", timeout=10),
        requests.get(url, auth=(project.key, ""), timeout=10),
    ):
        source = answer.json()["source"]
        assert (source["id"], source["writeKey"]) == (str(project.id), project.key)
        assert (source["enabled"], source["destinations"]) == (True, [])
        assert source["config"]["statsCollection"]["errors"] == {"enabled": False}
    assert requests.get(f"{url}&writeKey=pk_none", timeout=10).status_code == 401


def test_segments_calls(edge: Edge, project: Project) -> None:
    context = {"library": {"name": "analytics.js"}, "page": {"url": "https://shop.example/"},
               "campaign": {"name": "may", "source": "mail"}}  # fmt: skip
    person = {"anonymousId": "a1", "context": context}
    calls: list[dict[str, Any]] = [
        {"type": "track", "event": "Paid", "properties": {"price": 3}, "messageId": "m1", **person},
        {"type": "identify", "userId": "ada", "traits": {"plan": "pro"}, **person},
        {"type": "page", "name": "Home", "properties": {"title": "Shop"}, **person},
        {"type": "screen", "name": "Menu", **person},
        {"type": "group", "groupId": "g1", "traits": {"size": 5}, **person},
        {"type": "alias", "previousId": "a1", "userId": "ada"},
        {"type": "nonsense", **person},
        {"type": "track", "event": "nobody"},
    ]
    answer = requests.post(
        f"{edge.url}/v1/batch", json={"batch": calls}, auth=(project.key, ""), timeout=10
    )
    assert answer.status_code == 200
    assert [r["reason"] for r in answer.json()["dropped"]] == ["invalid_field", "missing_identity"]
    [batch] = edge.batches(project)
    names = [event.event_name for event in batch.events]
    assert names == ["Paid", "$identify", "$pageview", "$screen", "$groupidentify", "$create_alias"]
    track, identify, page, _, group, alias = batch.events
    assert json.loads(track.properties) == {"price": 3}
    assert track.page_url == "https://shop.example/"
    assert track.campaign == Campaign(source="mail", name="may")
    assert identify.distinct_id == "ada"
    assert identify.person == PersonChange("identify", "a1", set=b'{"plan":"pro"}')
    assert json.loads(page.properties) == {"title": "Shop", "name": "Home"}
    assert group.group == GroupChange("group", "g1", b'{"size":5}')
    assert alias.person == PersonChange("alias", "a1")


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t"])
def test_segments_single_call_names_its_type_in_the_path(
    edge: Edge, project: Project, path: str
) -> None:
    slow = datetime.now(timezone.utc) - timedelta(days=10)
    call = {"writeKey": project.key, "event": "Paid", "userId": "ada",
            "timestamp": (slow - timedelta(minutes=1)).isoformat(),
            "sentAt": slow.isoformat()}  # fmt: skip
    answer = requests.post(
        edge.url + path, data=json.dumps(call), headers={"Content-Type": "text/plain"}, timeout=10
    )
    assert answer.status_code == 200
    # The client's clock is wrong, but it knows how long ago it was.
    assert 59 < time.time() - only_event(edge, project).timestamp_us / 1e6 < 70
