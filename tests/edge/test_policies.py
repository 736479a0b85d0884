"""What auth says of a key reaches ingest in time, and is not asked for more often than needed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from redis import Redis
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from services.auth.publication import publish_policy, withdraw_policies
from shared.keys import key_hash
from shared.policy import policy_key
from tests.edge.conftest import Edge


def test_a_revoked_key_stops_working(edge: Edge) -> None:
    project = edge.project()
    assert edge.send(project, {"event": "a"}).status_code == 202
    edge.revoke(project)
    deadline = time.monotonic() + 5.5
    while edge.send(project, {"event": "a"}).status_code != 401:
        assert time.monotonic() < deadline, "a revoked key works for more than 5 s"
        time.sleep(0.2)


def test_a_change_holds_though_redis_forgot_that_there_was_one(edge: Edge) -> None:
    project = edge.project()
    with Redis.from_url(edge.cache.url) as cache:
        withdraw_policies(cache, ["somebody else's"])
        assert edge.send(project, {"event": "a"}).status_code == 202
        time.sleep(1.1)  # so that the processes have seen the state
        assert edge.send(project, {"event": "a"}).status_code == 202
        edge.revoke(project)
        cache.flushall()
    deadline = time.monotonic() + 5
    while edge.send(project, {"event": "a"}).status_code != 401:
        assert time.monotonic() < deadline, "a revoked key works for more than 5 s"
        time.sleep(0.2)


def test_known_keys_are_not_asked_for_again(edge: Edge) -> None:
    project = edge.project()

    def send_to_every_process() -> None:
        with ThreadPoolExecutor(16) as senders:
            answers = senders.map(lambda _: edge.send(project, {"event": "a"}), range(64))
            assert {answer.status_code for answer in answers} == {202}

    send_to_every_process()
    time.sleep(1.1)  # whatever changed before this test has been noticed
    send_to_every_process()
    with Redis.from_url(edge.cache.url) as cache:
        name = policy_key(key_hash(project.key))
        cache.delete(name)
        time.sleep(5.5)
        send_to_every_process()
        assert not cache.exists(name)


def test_a_policy_read_before_a_change_is_not_published_after_it(edge: Edge) -> None:
    project = edge.project()
    hashed = key_hash(project.key)

    class ChangedMeanwhile(Redis):
        """Another request changes the project just before this one publishes."""

        def eval(self, *args: Any) -> Any:
            withdraw_policies(edge_cache, [hashed])
            return super().eval(*args)

    with Redis.from_url(edge.cache.url) as edge_cache:
        with Session(create_engine(edge.database_url)) as session:
            publish_policy(session, edge_cache, hashed)
            assert edge_cache.getdel(policy_key(hashed))
            publish_policy(session, ChangedMeanwhile.from_url(edge.cache.url), hashed)
        assert not edge_cache.exists(policy_key(hashed))
