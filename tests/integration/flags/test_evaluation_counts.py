"""Evaluations of flags are counted, by whatever protocol an app asks, and without holding it up."""

from __future__ import annotations

import atexit
import signal
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from redis import Redis

from deploy.local.backends import Backends
from deploy.local.children import free_port
from services.flags import evaluation_counts
from services.flags.evaluation_counts import FLUSH_SECONDS, EvaluationCounts
from shared.flags.definition import Flag, FlagDefinition
from shared.flags.evaluation import Evaluation
from shared.flags.evaluation_counts import hours, sums
from tests.support.edge import Edge, Project, running_edge
from tests.support.stored_flags import store_flag
from tests.support.waiting import wait_for

_PUBLIC = "/api/v1/analytics/public/feature-flags"
_OFREP = "/ofrep/v1/evaluate/flags"
_CONTEXT = {"context": {"targetingKey": "ada"}}


@pytest.fixture(scope="module")
def edge(backends: Backends, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running_edge(backends.database_url, tmp_path_factory.mktemp("counts")) as made:
        made.ports["flags"] = free_port()
        made.start("flags")
        yield made


def _ask(edge: Edge, key: str, method: str, path: str, body: object = None) -> None:
    answer = requests.request(
        method,
        f"http://127.0.0.1:{edge.ports['flags']}{path}",
        json=body,
        headers={"X-API-Key": key, "Authorization": f"Bearer {key}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


def _load(edge: Edge, project: Project, *keys: str) -> None:
    """Ask as PostHog's SDKs do, for all flags or those that are named."""
    body: dict[str, Any] = {"token": project.key, "distinct_id": "ada"}
    _ask(edge, project.key, "POST", "/flags/?v=2", {**body, "flag_keys": keys} if keys else body)


def _counted(edge: Edge, project: Project) -> dict[tuple[str, str], int]:
    """How often the flag of a project was evaluated, by kind of request and value."""
    found: Counter[tuple[str, str]] = Counter()
    with Redis.from_url(edge.cache.url) as redis:
        for hour in hours(redis):
            for some in sums(redis, hour):
                for one, count in some.items():
                    if one.project_id == project.id:
                        found[one.request, one.value] += count
    return dict(found)


def _wait_for_counts(edge: Edge, project: Project, expected: dict[tuple[str, str], int]) -> float:
    total = sum(expected.values())
    seconds = wait_for(lambda: sum(_counted(edge, project).values()) >= total, 15, "not counted")
    assert _counted(edge, project) == expected
    return seconds


def test_every_protocol_counts_what_it_says_of_the_need_for_a_flag(edge: Edge) -> None:
    project = edge.project()
    server = edge.server_of(project)
    store_flag(edge, project, 1)
    _load(edge, project)
    _ask(edge, project.key, "POST", "/decide/?v=4", {"token": project.key, "distinct_id": "ada"})
    _load(edge, project, "new", "unknown")
    _ask(edge, project.key, "POST", _OFREP, _CONTEXT)
    _ask(edge, project.key, "POST", f"{_OFREP}/new", _CONTEXT)
    _ask(edge, project.key, "GET", f"{_PUBLIC}/for_user/?distinct_id=ada")
    _ask(edge, project.key, "GET", f"{_PUBLIC}/")
    _ask(edge, server.key, "GET", "/flags/definitions")
    _ask(edge, server.key, "GET", "/api/feature_flag/local_evaluation/")
    expected = {("loaded", "true"): 2, ("used", "true"): 4, ("definitions", ""): 3}
    assert _wait_for_counts(edge, project, expected) < FLUSH_SECONDS + 3


def test_each_value_is_counted_in_the_project_that_was_asked(edge: Edge) -> None:
    tested, off = edge.project(), edge.project()
    store_flag(edge, tested, 1, variants=[{"key": "a:b ä", "rollout_percentage": 100}])
    store_flag(edge, off, 1, is_active=False)
    for _ in range(20):
        _load(edge, tested)
        _load(edge, off, "new")
    _wait_for_counts(edge, tested, {("loaded", "a:b ä"): 20})
    _wait_for_counts(edge, off, {("used", "false"): 20})


def test_nothing_is_lost_by_an_outage_of_redis_or_a_restart(edge: Edge) -> None:
    project = edge.project()
    store_flag(edge, project, 1)
    _load(edge, project)
    _wait_for_counts(edge, project, {("loaded", "true"): 1})
    edge.cache.stop()
    try:
        began = time.monotonic()
        for _ in range(20):
            _load(edge, project)
        assert time.monotonic() - began < 5
        time.sleep(FLUSH_SECONDS * 1.5)  # until counts could not be passed on
    finally:
        edge.cache.start()
    _wait_for_counts(edge, project, {("loaded", "true"): 21})
    _load(edge, project)
    assert edge.stop("flags", signal.SIGTERM) == 0
    assert _counted(edge, project) == {("loaded", "true"): 22}
    edge.start("flags")


def test_counts_take_no_memory_of_logins_and_wait_until_there_is_room(edge: Edge) -> None:
    project = edge.project()
    store_flag(edge, project, 1)
    _load(edge, project)
    _wait_for_counts(edge, project, {("loaded", "true"): 1})
    with Redis.from_url(edge.cache.url) as redis:
        before = redis.config_get("maxmemory")["maxmemory"]
        redis.config_set("maxmemory", int(redis.info("memory")["used_memory"] * 1.6))
        try:
            _load(edge, project)
            time.sleep(FLUSH_SECONDS * 1.5)
            assert _counted(edge, project) == {("loaded", "true"): 1}
        finally:
            redis.config_set("maxmemory", before)
    _wait_for_counts(edge, project, {("loaded", "true"): 2})


def _evaluations(flags: int, values: int) -> list[Evaluation]:
    return [
        Evaluation(Flag(number, 1, FlagDefinition(f"flag-{number}")), f"v{value}", "override")
        for number in range(1, flags + 1)
        for value in range(values)
    ]


def test_ten_thousand_flags_with_two_values_are_counted_exactly(edge: Edge) -> None:
    found = _evaluations(500, 2)
    with Redis.from_url(edge.cache.url) as redis:
        counts = EvaluationCounts(redis)
        for project_id in range(900_001, 900_021):
            counts.count(project_id, "loaded", found)
            counts.count(project_id, "loaded", found[:7])
        counts.pass_on()
        passed: Counter[int] = Counter()
        for hour in hours(redis):
            for some in sums(redis, hour):
                for one, count in some.items():
                    if one.project_id > 900_000:
                        passed[count] += 1
    assert passed == {1: 20 * 993, 2: 20 * 7}


def test_what_a_process_holds_is_bounded_while_redis_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluation_counts, "MAX_COUNTED", 100)
    found = _evaluations(40, 2)
    with Redis.from_url(f"redis://127.0.0.1:{free_port()}") as away:
        counts = EvaluationCounts(away)
        for project_id in range(1, 11):
            counts.count(project_id, "used", found)
        assert 100 <= counts.size < 100 + len(found)
        for project_id in range(11, 21):
            counts.pass_on()
            counts.count(project_id, "used", found)
        counts.pass_on()
        assert counts.size == 100


def test_counts_are_passed_on_after_an_error_that_nobody_expected(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(evaluation_counts, "FLUSH_SECONDS", 0.01)
    calls: list[int] = []

    def fail(counts: EvaluationCounts) -> None:
        calls.append(1)
        raise ValueError("broken")

    monkeypatch.setattr(EvaluationCounts, "pass_on", fail)
    with Redis.from_url(f"redis://127.0.0.1:{free_port()}") as away:
        counts = EvaluationCounts(away)
        counts.start()
        atexit.unregister(counts.pass_on)
        wait_for(lambda: len(calls) > 1, 5, "the thread has ended")
    monkeypatch.setattr(evaluation_counts, "FLUSH_SECONDS", 3600.0)  # the thread stays
    assert "were not passed on" in caplog.text
