"""Whose a session is that an app has started: of one kind of key, and of clients with a share."""

from __future__ import annotations

import time

import pytest
import requests
from redis import Redis

from services.ingest.client_sessions import MAX_OF_CLIENT
from shared.events.stream import client_sessions_key
from tests.support.edge import Edge, Project

PATH = "/api/v1/analytics/session"
ADDRESS, NEIGHBOUR = "198.51.100.7", "198.51.100.8"


@pytest.fixture
def app(edge: Edge) -> Project:
    """A project of the test's own, with its public key."""
    return edge.project()


def start(edge: Edge, project: Project, session_id: str, owner: str, address: str = "") -> None:
    body = {"distinct_id": owner, "session_id": session_id}
    headers = {"X_Real_IP": address} if address else {}
    assert edge.send(project, body, f"{PATH}/start/", **headers).status_code == 201


def end(edge: Edge, project: Project, session_id: str) -> requests.Response:
    url, headers = f"{edge.url}{PATH}/{session_id}/end/", {"X-API-Key": project.key}
    return requests.put(url, headers=headers, timeout=10)


def owners_of_ends(edge: Edge, project: Project) -> list[str]:
    events = [event for batch in edge.batches(project) for event in batch.events]
    return [event.distinct_id for event in events if event.event_name == "$session_end"]


def test_a_public_key_takes_over_no_session_of_the_secret_key(edge: Edge, app: Project) -> None:
    server = edge.server_of(app)
    start(edge, server, "match-1", "ada")
    start(edge, app, "match-1", "mallory")
    assert (end(edge, server, "match-1").status_code, end(edge, app, "match-1").status_code) == (
        200,
        200,
    )
    assert owners_of_ends(edge, app) == ["ada", "mallory"]


def test_a_session_is_ended_without_its_owner_by_the_kind_of_key_that_started_it(
    edge: Edge, app: Project
) -> None:
    server = edge.server_of(app)
    start(edge, server, "of the server", "ada")
    start(edge, app, "of the app", "mallory")
    for key, session_id, kind in (
        (app, "of the server", "public"),
        (server, "of the app", "secret"),
    ):
        refused = end(edge, key, session_id)
        assert refused.status_code == 404
        assert f"{kind} key" in refused.json()["message"]
        assert "distinct_id" in refused.json()["message"]
    assert owners_of_ends(edge, app) == []


def test_one_client_takes_the_places_of_its_own_sessions_only(edge: Edge, app: Project) -> None:
    start(edge, app, "of a neighbour", "ada", NEIGHBOUR)
    start(edge, app, "first", "mallory", ADDRESS)
    owners = f"{client_sessions_key(app.id)}:public"
    with Redis.from_url(edge.cache.url) as cache:
        [mine] = [
            name
            for name in cache.scan_iter(f"{owners}:of:*")
            if cache.zscore(name, "first") is not None
        ]
        assert ADDRESS.encode() not in mine
        # As if it had started as many as are stored of a client, until just now.
        client = mine.decode().rpartition(":")[2]
        others = {f"s{number}": time.time() for number in range(MAX_OF_CLIENT - 1)}
        cache.hset(owners, mapping=dict.fromkeys(others, f"{client}\x00mallory\x001"))
        cache.zadd(f"{owners}:times", others)
        cache.zadd(mine, others)
        start(edge, app, "last", "mallory", ADDRESS)
        assert cache.zcard(mine) == MAX_OF_CLIENT
        assert cache.hlen(owners) == cache.zcard(f"{owners}:times") == MAX_OF_CLIENT + 1
        assert 0 < cache.ttl(mine) <= 86_400
    answers = [end(edge, app, one).status_code for one in ("of a neighbour", "last", "first")]
    assert answers == [200, 200, 404]


def test_a_session_that_starts_again_from_elsewhere_counts_there(edge: Edge, app: Project) -> None:
    for address in (ADDRESS, NEIGHBOUR):
        start(edge, app, "moving", "ada", address)
    with Redis.from_url(edge.cache.url) as cache:
        lists = list(cache.scan_iter(f"{client_sessions_key(app.id)}:public:of:*"))
        assert [cache.zcard(name) for name in lists] == [1]
    assert end(edge, app, "moving").status_code == 200
