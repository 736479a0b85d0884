"""What auth says of a key reaches ingest in time, and is not asked for more often than needed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from redis import Redis
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from services.auth.projects.publication import invalidate_policies, publish_policies
from shared.auth.api_keys import key_hash
from shared.policies.policy import policy_key
from tests.support.edge import Edge, Project


def statuses(edge: Edge, project: Project) -> set[int]:
    """What every process answers, if they get enough requests at once."""
    with ThreadPoolExecutor(16) as senders:
        answers = senders.map(lambda _: edge.send(project, {"event": "a"}), range(64))
        return {answer.status_code for answer in answers}


def test_a_revoked_key_stops_working_everywhere_within_five_seconds(edge: Edge) -> None:
    project = edge.project()
    assert statuses(edge, project) == {202}
    edge.revoke(project)
    time.sleep(4)
    assert statuses(edge, project) == {401}


def test_a_change_holds_though_redis_forgot_that_there_was_one(edge: Edge) -> None:
    project = edge.project()
    with Redis.from_url(edge.cache.url) as cache:
        invalidate_policies(cache, ["somebody else's"])
        assert statuses(edge, project) == {202}
        time.sleep(1.1)  # so that the processes have read the list
        assert statuses(edge, project) == {202}
        edge.revoke(project)
        cache.flushall()
    time.sleep(4)
    assert statuses(edge, project) == {401}


def test_known_keys_are_not_asked_for_again(edge: Edge) -> None:
    project = edge.project()
    assert statuses(edge, project) == {202}
    time.sleep(1.1)  # whatever changed before this test has been noticed
    assert statuses(edge, project) == {202}
    with Redis.from_url(edge.cache.url) as cache:
        name = policy_key(key_hash(project.key))
        cache.delete(name)
        time.sleep(5.5)
        assert statuses(edge, project) == {202}
        assert not cache.exists(name)


def test_a_policy_read_before_a_change_is_not_published_after_it(edge: Edge) -> None:
    project = edge.project()
    hashed = key_hash(project.key)

    class ChangedMeanwhile(Redis):
        """Another request changes the project just before this one publishes."""

        def eval(self, *args: Any) -> Any:
            invalidate_policies(edge_cache, [hashed])
            return super().eval(*args)

    with Redis.from_url(edge.cache.url) as edge_cache:
        with Session(create_engine(edge.database_url)) as session:
            publish_policies(session, edge_cache, [hashed])
            assert edge_cache.getdel(policy_key(hashed))
            publish_policies(session, ChangedMeanwhile.from_url(edge.cache.url), [hashed])
        assert not edge_cache.exists(policy_key(hashed))
