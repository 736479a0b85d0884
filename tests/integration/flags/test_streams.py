"""Streams that tell of changed flags, beside real auth, flags, live and Redis."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from redis import Redis

from deploy.local.backends import Backends
from deploy.local.children import free_port
from services.auth.flags import store as flag_store
from shared.flags.publication import STREAM_PATH, published_key
from shared.runtime.database import session_scope
from shared.web.metrics_access import metrics_token
from tests.conftest import SECRET_KEY
from tests.support.edge import Edge, Project, running_edge
from tests.support.flag_streams import FlagStream, flag_stream
from tests.support.stored_flags import publish_flags, store_flag
from tests.support.waiting import wait_for

_ORIGIN = "https://shop.example"


@pytest.fixture(scope="module")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running_edge(backends.database_url, tmp_path_factory.mktemp("streams")) as made:
        for service in ("flags", "live"):
            made.ports[service] = free_port()
            made.start(service)
        yield made


def _change(edge: Edge, project: Project, version: int, **definition: Any) -> int:
    """Store and publish a version; answers the version of all the project's flags."""
    store_flag(edge, project, version, **definition)
    return publish_flags(edge, project)


def _bulk(edge: Edge, key: str) -> dict[str, Any]:
    answer = requests.post(
        f"http://127.0.0.1:{edge.ports['flags']}/ofrep/v1/evaluate/flags",
        json={"context": {"targetingKey": "ada"}},
        headers={"X-API-Key": key},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _url(edge: Edge, project: Project) -> str:
    return f"http://127.0.0.1:{edge.ports['live']}{STREAM_PATH}?key={project.key}"


def _wait_for_version(stream: FlagStream, version: int, seconds: float = 10) -> None:
    wait_for(lambda: version in stream.ids, seconds, f"the stream said {stream.ids}")


def test_the_bulk_answer_names_the_stream_of_public_keys_only(edge: Edge) -> None:
    project = edge.project()
    _change(edge, project, 1)
    [stream] = _bulk(edge, project.key)["eventStreams"]
    assert stream == {
        "type": "sse",
        "endpoint": {"requestUri": f"/ofrep/v1/stream?key={project.key}"},
    }
    secret = edge.server_of(project)
    assert "eventStreams" not in _bulk(edge, secret.key)
    plain = f"http://127.0.0.1:{edge.ports['live']}{STREAM_PATH}"
    with flag_stream(plain, X_API_Key=secret.key) as opened:
        _wait_for_version(opened, _change(edge, project, 2))


def test_one_address_leaves_streams_to_others(edge: Edge) -> None:
    project = edge.project()
    url = _url(edge, project)

    def status(stack: ExitStack, client: str) -> int:
        answer = requests.get(url, headers={"X-Real-IP": client}, stream=True, timeout=10)
        stack.callback(answer.close)
        return answer.status_code

    with ExitStack() as stack:
        assert {status(stack, "198.51.100.1") for _ in range(100)} == {200}
        assert status(stack, "198.51.100.1") == 429
        assert status(stack, "198.51.100.2") == 200


def test_a_client_that_asks_when_it_is_told_gets_the_change(edge: Edge) -> None:
    """Ten clients at once each time: none may get what was before, and none is told again."""
    project = edge.project()
    _change(edge, project, 1, is_active=True)
    with flag_stream(_url(edge, project)) as stream:
        wait_for(lambda: stream.ids, 5, "the first client of a project is not told to ask")
        for version in range(2, 12):
            number = _change(edge, project, version, is_active=version % 2 == 1)
            began = time.time()
            _wait_for_version(stream, number)
            with ThreadPoolExecutor(10) as clients:
                answers = list(clients.map(lambda _: _bulk(edge, project.key), range(10)))
            assert [one["flags"][0]["value"] for one in answers] == [version % 2 == 1] * 10
            assert stream.heard_at[stream.ids.index(number)] - began < 2


def test_a_client_that_comes_back_is_told_what_it_has_missed(edge: Edge) -> None:
    project = edge.project()
    number = _change(edge, project, 1)
    url = _url(edge, project)
    with flag_stream(url) as first:
        _wait_for_version(first, number)
        with flag_stream(url, Last_Event_ID=str(number)) as same:
            changed = _change(edge, project, 2, is_active=False)
            _wait_for_version(same, changed)
            assert number not in same.ids
        with flag_stream(url, Last_Event_ID=str(number)) as later:
            _wait_for_version(later, changed)
        # It may have got its flags before the change, and came after it.
        with flag_stream(url) as new:
            _wait_for_version(new, changed)


def test_streams_tell_of_their_own_project_only(edge: Edge) -> None:
    mine, other = edge.project(), edge.project()
    numbers = [_change(edge, one, 1) for one in (mine, other)]
    with flag_stream(_url(edge, mine)) as stream, flag_stream(_url(edge, other)) as theirs:
        _wait_for_version(stream, numbers[0])
        _wait_for_version(theirs, numbers[1])
        changed = _change(edge, other, 2)
        _wait_for_version(theirs, changed)
        assert changed not in stream.ids


def test_streams_outlast_an_outage_and_tell_of_what_changed_meanwhile(edge: Edge) -> None:
    project = edge.project()
    number = _change(edge, project, 1, is_active=True)
    with flag_stream(_url(edge, project)) as stream:
        _wait_for_version(stream, number)
        edge.cache.stop()
        try:
            store_flag(edge, project, 2, is_active=False)
            assert _bulk(edge, project.key)["flags"]
        finally:
            edge.cache.start()
        with session_scope() as session:
            changed = flag_store.flag_set(session, project.id).version
        _wait_for_version(stream, changed, 20)
        wait_for(
            lambda: _bulk(edge, project.key)["flags"][0]["value"] is False, 10, "it is still on"
        )
        edge.stop("auth", signal.SIGKILL)
        try:
            assert not stream.has_ended
            with Redis.from_url(edge.cache.url) as redis:
                redis.flushall()
            store_flag(edge, project, 3, is_active=True)
        finally:
            edge.start("auth")
        with session_scope() as session:
            again = flag_store.flag_set(session, project.id).version
        _wait_for_version(stream, again, 20)
        assert not stream.has_ended


def _times_asked(edge: Edge) -> float:
    """Return how often auth was asked for the flags of a project."""
    answer = requests.get(
        f"http://127.0.0.1:{edge.ports['auth']}/metrics",
        headers={"Authorization": f"Bearer {metrics_token(SECRET_KEY)}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    name = "tidemark_http_requests_total{"
    lines = [one for one in answer.text.splitlines() if one.startswith(name)]
    return sum(float(one.rsplit(" ", 1)[1]) for one in lines if "/flags/" in one)


def test_auth_is_asked_seldom_while_redis_refuses_what_it_publishes(edge: Edge) -> None:
    project = edge.project()
    store_flag(edge, project, 1)
    with (
        Redis.from_url(edge.cache.url, decode_responses=True) as redis,
        flag_stream(_url(edge, project)) as stream,
    ):
        wait_for(lambda: stream.ids, 5, "the stream is not told of the flags")
        redis.delete(published_key(project.id))
        before = redis.config_get("maxmemory")["maxmemory"]
        redis.config_set("maxmemory", 1)
        try:
            first = _times_asked(edge)
            time.sleep(4)
            assert 1 <= _times_asked(edge) - first <= 8
        finally:
            redis.config_set("maxmemory", before or 0)


def test_only_keys_that_are_valid_keep_a_stream_and_pages_may_read_why_not(edge: Edge) -> None:
    project = edge.project()
    number = _change(edge, project, 1)
    wrong = requests.get(
        f"http://127.0.0.1:{edge.ports['live']}{STREAM_PATH}?key=pk_of_nobody",
        headers={"Origin": _ORIGIN},
        timeout=10,
    )
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_key")
    assert wrong.headers["Access-Control-Allow-Origin"] == _ORIGIN
    asked = requests.options(_url(edge, project), headers={"Origin": _ORIGIN}, timeout=10)
    assert asked.headers["Access-Control-Allow-Origin"] == _ORIGIN
    with flag_stream(_url(edge, project)) as stream:
        _wait_for_version(stream, number)
        edge.revoke(project)
        wait_for(lambda: stream.has_ended, 15, "the stream of a revoked key stays open")
