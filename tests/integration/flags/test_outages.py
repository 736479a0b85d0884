"""Flags of apps while something else is away: auth, PostgreSQL's only reader here, or Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests
from redis import Redis

from deploy.local.backends import Backends
from deploy.local.children import free_port
from services.auth.flags import store as flag_store
from shared.flags.publication import CHECK_SECONDS, publish, published_key
from shared.runtime.database import session_scope
from tests.support.edge import Edge, Project, running_edge
from tests.support.stored_flags import publish_flags, store_flag
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running_edge(backends.database_url, tmp_path_factory.mktemp("flags")) as made:
        made.ports["flags"] = free_port()
        made.start("flags")
        yield made


def _ask(edge: Edge, project: Project) -> requests.Response:
    return requests.post(
        f"http://127.0.0.1:{edge.ports['flags']}/flags/?v=2",
        json={"token": project.key, "distinct_id": "ada"},
        timeout=10,
    )


def _is_on(edge: Edge, project: Project) -> bool:
    answer = _ask(edge, project)
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["flags"]["new"]["enabled"])


def test_what_is_not_published_is_asked_for(edge: Edge) -> None:
    project = edge.project()
    store_flag(edge, project, 1)
    assert _is_on(edge, project)
    with Redis.from_url(edge.cache.url) as redis:
        assert redis.exists(published_key(project.id))


def test_a_change_is_in_force_within_two_seconds(edge: Edge) -> None:
    project = edge.project()
    store_flag(edge, project, 1)
    assert _is_on(edge, project)
    store_flag(edge, project, 2, is_active=False)
    publish_flags(edge, project)
    assert wait_for(lambda: not _is_on(edge, project), 10) < 2


def test_an_older_version_is_not_published_over_a_newer_one(edge: Edge) -> None:
    project = edge.project()
    store_flag(edge, project, 1)
    with session_scope() as session:
        older = flag_store.flag_set(session, project.id)
    store_flag(edge, project, 2, is_active=False)
    publish_flags(edge, project)
    with Redis.from_url(edge.cache.url) as redis:
        publish(redis, older)
    assert not _is_on(edge, project)


def test_the_last_known_flags_are_served_while_auth_and_redis_are_away(edge: Edge) -> None:
    known, unknown = edge.project(), edge.project()
    for project in (known, unknown):
        store_flag(edge, project, 1)
    assert _is_on(edge, known)
    edge.stop("auth")
    try:
        with Redis.from_url(edge.cache.url) as redis:
            redis.delete(published_key(known.id))
        time.sleep(CHECK_SECONDS * 1.5)  # until then the version is not looked at
        assert _is_on(edge, known)
        edge.cache.stop()
        try:
            assert all(_is_on(edge, known) for _ in range(20))
            refused = _ask(edge, unknown)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        finally:
            edge.cache.start()
    finally:
        edge.start("auth")
    store_flag(edge, known, 2, is_active=False)
    publish_flags(edge, known)
    wait_for(lambda: not _is_on(edge, known), 20, "the change is not seen after the outage")
    wait_for(lambda: _ask(edge, unknown).status_code == 200, 20, "not served after the outage")
