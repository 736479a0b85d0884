"""Flags while PostgreSQL is away: every protocol answers with the last known ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import requests
from redis import Redis

from deploy.local.children import free_port
from deploy.local.postgres import Postgres
from shared.flags.publication import CHECK_SECONDS, published_key
from tests.support.edge import Edge, Project, running_edge
from tests.support.prepared_cluster import lay_cluster
from tests.support.stored_flags import store_flag
from tests.support.waiting import wait_for

_PUBLIC = "/api/v1/analytics/public/feature-flags"
_OFREP = "/ofrep/v1/evaluate/flags"
_CONTEXT = {"context": {"targetingKey": "ada"}}
_PERSON = {"distinct_id": "ada"}
_Answer = dict[str, Any]


class Protocol(NamedTuple):
    """How an app asks, and whether the flag ``new`` is on in the answer."""

    path: str
    body: dict[str, Any] | None
    is_on: Callable[[_Answer], bool]
    needs_secret: bool = False


_PROTOCOLS = {
    "PostHog": Protocol("/flags/?v=2", _PERSON, lambda one: one["flags"]["new"]["enabled"]),
    "PostHog, one flag": Protocol(
        "/flags/?v=2", {**_PERSON, "flag_keys": ["new"]}, lambda one: one["flags"]["new"]["enabled"]
    ),
    "PostHog, version 3": Protocol(
        "/decide/?v=3", _PERSON, lambda one: one["featureFlags"]["new"] is True
    ),
    "PostHog, version 4": Protocol(
        "/decide/?v=4", _PERSON, lambda one: one["flags"]["new"]["enabled"]
    ),
    "OFREP": Protocol(_OFREP, _CONTEXT, lambda one: one["flags"][0]["value"] is True),
    "OFREP, one flag": Protocol(f"{_OFREP}/new", _CONTEXT, lambda one: one["value"] is True),
    "an app": Protocol(
        f"{_PUBLIC}/for_user/?distinct_id=ada", None, lambda one: one["flags"]["new"] is True
    ),
    "the list": Protocol(f"{_PUBLIC}/", None, lambda one: bool(one["items"])),
    "definitions": Protocol(
        "/flags/definitions", None, lambda one: one["flags"][0]["active"], needs_secret=True
    ),
    "local evaluation": Protocol(
        "/api/feature_flag/local_evaluation/",
        None,
        lambda one: one["flags"][0]["active"],
        needs_secret=True,
    ),
}


class Shop(NamedTuple):
    """A project with the flag ``new``, on servers of its own."""

    edge: Edge
    postgres: Postgres
    project: Project
    secret: str

    def ask(self, protocol: Protocol, key: str = "") -> requests.Response:
        key = key or (self.secret if protocol.needs_secret else self.project.key)
        body = protocol.body
        return requests.request(
            "GET" if body is None else "POST",
            f"http://127.0.0.1:{self.edge.ports['flags']}{protocol.path}",
            json=body and {**body, "token": key},
            headers={"X-API-Key": key, "Authorization": f"Bearer {key}"},
            timeout=10,
        )

    def answers(self) -> dict[str, bool]:
        """Whether the flag is on, by protocol."""
        found = {}
        for name, protocol in _PROTOCOLS.items():
            answer = self.ask(protocol)
            assert answer.status_code == 200, f"{name}: {answer.text}"
            found[name] = protocol.is_on(answer.json())
        return found

    def unpublish(self) -> None:
        """Remove the published flags, as they end five minutes after they were published."""
        with Redis.from_url(self.edge.cache.url) as redis:
            redis.delete(published_key(self.project.id))
        time.sleep(CHECK_SECONDS * 1.5)  # until then the version is not looked at


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("outage")
    lay_cluster(folder / "postgres", migrated=True)
    postgres = Postgres(folder / "postgres")
    postgres.start()
    try:
        with running_edge(postgres.url, folder) as edge:
            edge.ports["flags"] = free_port()
            edge.start("flags")
            project = edge.project()
            store_flag(edge, project, 1)
            yield Shop(edge, postgres, project, edge.server_of(project).key)
    finally:
        postgres.stop()


def test_every_protocol_answers_while_postgresql_is_away_and_follows_changes_afterwards(
    shop: Shop,
) -> None:
    on, off = dict.fromkeys(_PROTOCOLS, True), dict.fromkeys(_PROTOCOLS, False)
    assert shop.answers() == on
    unknown = shop.edge.project()
    shop.postgres.stop()
    try:
        assert shop.answers() == on
        # A process that starts now finds them in Redis.
        shop.edge.stop("flags")
        shop.edge.start("flags")
        assert shop.answers() == on
        # Auth cannot read them again, so the last known ones stay in force.
        shop.unpublish()
        for _ in range(3):
            assert shop.answers() == on
        refused = shop.ask(_PROTOCOLS["OFREP"], unknown.key)
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    finally:
        shop.postgres.start()
    store_flag(shop.edge, shop.project, 2, is_active=False)
    wait_for(lambda: shop.answers() == off, 30, "the change is not seen after the outage")
