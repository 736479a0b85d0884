"""What was answered with 202 is held, whatever is away; what cannot be held is not answered so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from redis import Redis

from shared.auth.api_keys import key_hash, new_key
from shared.policies.policy import policy_key
from tests.conftest import ROOT
from tests.support.edge import INGEST, Edge, Project
from tests.support.waiting import wait_for


@contextmanager
def stopped(server: Any) -> Iterator[None]:
    """A server killed for a while."""
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that takes connections and never answers."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def sent_ids(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def test_events_are_held_in_postgresql_while_the_stream_is_away(edge: Edge) -> None:
    project = edge.project()
    before, during, after = sent_ids(2), sent_ids(3), sent_ids(2)
    assert send_ids(edge, project, before) == 202
    with stopped(edge.stream):
        assert send_ids(edge, project, during) == 202
    wait_until_taken_back(edge)
    assert send_ids(edge, project, after) == 202
    assert held(edge.spooled(project)) == during
    assert held(edge.batches(project)) == before + after


def test_the_processor_drains_the_spool_once_also_while_the_stream_is_away(edge: Edge) -> None:
    project = edge.project()
    ids = sent_ids(30)
    with processor(edge), stopped(edge.stream):
        for start in range(0, 30, 10):
            assert send_ids(edge, project, ids[start : start + 10]) == 202
        wait_for(lambda: stored_ids(edge, project) == sorted(ids))
        # The processor removes a batch from the spool after it has committed its events.
        wait_for(lambda: not edge.spooled(project))
    wait_until_taken_back(edge)
    with processor(edge):
        # A client that missed the answer sends again; one more request is new.
        assert send_ids(edge, project, ids + sent_ids(1)) == 202
        wait_for(lambda: len(stored_ids(edge, project)) == 31)
        wait_for(lambda: outcomes(edge, project) == {"stored": 31, "duplicate": 30})


@contextmanager
def processor(edge: Edge) -> Iterator[None]:
    """A real processor for as long as the block lasts; it must then stop cleanly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.processor", "consume"],
        cwd=ROOT,
        env={**os.environ, **edge.environment, "LOG_LEVEL": "ERROR"},
    )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0


def stored_ids(edge: Edge, project: Project) -> list[str]:
    rows = edge.execute("SELECT event_id::text FROM events WHERE project_id = %s", [project.id])
    return sorted(row[0] for row in rows)


def outcomes(edge: Edge, project: Project) -> dict[str, int]:
    return dict(
        edge.execute(
            "SELECT outcome, sum(events)::int FROM intake_counts WHERE project_id = %s GROUP BY 1",
            [project.id],
        )
    )


def test_a_stream_that_hangs_costs_one_request_its_time_out_and_no_event(edge: Edge) -> None:
    project = edge.project()
    ids = sent_ids(3)
    assert send_ids(edge, project, sent_ids(1)) == 202  # the policy is known
    with frozen(edge.stream.pid):
        assert send_ids(edge, project, ids) == 202
        began = time.monotonic()
        assert send_ids(edge, project, sent_ids(1)) == 202
        assert time.monotonic() - began < 4
    wait_until_taken_back(edge)
    assert set(ids) <= set(held(edge.spooled(project)))


def test_with_nowhere_to_hold_them_events_are_refused_with_503(edge: Edge) -> None:
    project = edge.project()
    assert send_ids(edge, project, sent_ids(1)) == 202
    # PostgreSQL belongs to all tests, so it is the spool that is taken away here.
    edge.execute("ALTER TABLE spool RENAME TO spool_away")
    try:
        with stopped(edge.stream):
            answer = edge.send(project, {"event": "a"})
    finally:
        edge.execute("ALTER TABLE spool_away RENAME TO spool")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    wait_until_taken_back(edge)


def test_a_full_stream_is_503_until_it_drains(edge: Edge) -> None:
    project = edge.project()
    assert send_ids(edge, project, sent_ids(1)) == 202
    with Redis.from_url(edge.stream.url) as stream:
        used = stream.info("memory")["used_memory"]
        stream.config_set("maxmemory", int(used * 1.1))
        try:
            time.sleep(1.1)  # looked at once a second
            answer = edge.send(project, {"event": "a"})
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) >= 1
            assert "waiting" in answer.json()["message"]
        finally:
            stream.config_set("maxmemory", 0)
    time.sleep(1.1)
    assert send_ids(edge, project, sent_ids(1)) == 202
    assert not edge.spooled(project)  # full is not away: PostgreSQL is not made to take its place


def test_limits_go_on_by_process_while_redis_is_away(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=10)
    assert edge.send(project, {"event": "a"}).status_code == 202
    with stopped(edge.stream):
        answers = [edge.send(project, [{"event": "a"}] * 5) for _ in range(12)]
    statuses = [answer.status_code for answer in answers]
    assert 202 in statuses
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 12 - 2 * 2  # a minute's worth in each of two processes
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    wait_until_taken_back(edge)


def test_known_keys_work_while_auth_and_redis_are_away_and_unknown_ones_are_503(
    edge: Edge,
) -> None:
    known, unknown = edge.project(), edge.project()
    for _ in range(20):  # every process has seen it
        assert edge.send(known, {"event": "a"}).status_code == 202
    edge.stop("auth")
    try:
        with stopped(edge.cache):
            time.sleep(5.1)  # what is known is no longer fresh
            assert edge.send(known, {"event": "a"}).status_code == 202
            answer = edge.send(unknown, {"event": "a"})
            assert answer.status_code == 503
            assert "Retry-After" in answer.headers
    finally:
        edge.start("auth")
    assert edge.send(unknown, {"event": "a"}).status_code == 202


def test_a_policy_is_published_once_and_found_by_every_process(edge: Edge) -> None:
    project = edge.project()
    assert edge.send(project, {"event": "a"}).status_code == 202
    with Redis.from_url(edge.cache.url) as cache:
        assert cache.exists(policy_key(key_hash(project.key)))
    edge.stop("auth")
    try:
        for _ in range(20):
            assert edge.send(project, {"event": "a"}).status_code == 202
    finally:
        edge.start("auth")


def test_an_unknown_key_is_looked_up_only_once(edge: Edge) -> None:
    key = new_key("public")
    ask = {"event": "a", "api_key": key}
    for _ in range(20):
        assert requests.post(edge.url + INGEST, json=ask, timeout=10).status_code == 401
    edge.stop("auth")
    try:
        answer = requests.post(edge.url + INGEST, json=ask, timeout=10)
        assert answer.status_code == 401
    finally:
        edge.start("auth")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_of_ingest_loses_nothing_it_answered_for(edge: Edge, how: signal.Signals) -> None:
    project = edge.project()
    answered, stop = [], threading.Event()

    def send() -> None:
        while not stop.is_set():
            ids = sent_ids(5)
            try:
                if send_ids(edge, project, ids) == 202:
                    answered.extend(ids)
            except requests.RequestException:
                time.sleep(0.05)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        time.sleep(0.7)
        code = edge.stop("ingest", how)
        assert code == (0 if how is signal.SIGTERM else -how)
        edge.start("ingest")
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(answered) > 100
    assert set(answered) <= set(held(edge.batches(project) + edge.spooled(project)))


def send_ids(edge: Edge, project: Project, ids: list[str]) -> int:
    return edge.send(project, [{"event": "a", "event_id": one} for one in ids]).status_code


def held(batches: list[Any]) -> list[str]:
    return [str(uuid.UUID(bytes=event.event_id)) for batch in batches for event in batch.events]


def wait_until_taken_back(edge: Edge) -> None:
    """Return when every process asks the stream again."""
    with Redis.from_url(edge.stream.url) as stream:
        stream.ping()
    time.sleep(1.2)
