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
from shared.flags.evaluation_counts import OTHER_VALUES, CountedAs, add
from tests.support.edge import Edge, Project, running_edge
from tests.support.evaluation_counts import counted
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
        for one, count in counted(redis, project.id).items():
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
    projects = range(900_001, 900_021)
    with Redis.from_url(edge.cache.url) as redis:
        counts = EvaluationCounts(redis)
        for project_id in projects:
            counts.count(project_id // 4, project_id, "loaded", found)
            counts.count(project_id // 4, project_id, "loaded", found[:7])
        counts.pass_on()
        passed = Counter(counted(redis, *projects).values())
    assert passed == {1: 20 * 993, 2: 20 * 7}


def test_what_a_process_holds_is_bounded_while_redis_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluation_counts, "MAX_COUNTED", 100)
    found = _evaluations(40, 2)
    with Redis.from_url(f"redis://127.0.0.1:{free_port()}") as away:
        counts = EvaluationCounts(away)
        for project_id in range(1, 11):
            counts.count(project_id, project_id, "used", found)
        assert 100 <= counts.size < 100 + len(found)
        for project_id in range(11, 21):
            counts.pass_on()
            counts.count(project_id, project_id, "used", found)
        counts.pass_on()
        assert counts.size == 100


@pytest.mark.parametrize("flushes", [1, 4])
def test_an_account_with_many_values_takes_no_counts_of_others(
    edge: Edge,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    flushes: int,
) -> None:
    """Also while Redis is away, and what was counted waits."""
    monkeypatch.setattr(evaluation_counts, "MAX_COUNTED", 60)
    monkeypatch.setattr(evaluation_counts, "MAX_OF_ACCOUNT", 20)
    greedy, other = 910_000 + flushes, 920_000 + flushes
    with (
        Redis.from_url(f"redis://127.0.0.1:{free_port()}") as away,
        Redis.from_url(edge.cache.url) as redis,
    ):
        counts = EvaluationCounts(away)
        for flush in range(flushes):
            for value in range(200):
                name = f"{flush}-{value}"
                one = Evaluation(Flag(value % 10, 1, FlagDefinition("many")), name, "override")
                counts.count(1, greedy, "used", [one])
            counts.pass_on()
        assert caplog.text.count("account 1: too many values") == 1
        counts.count(2, other, "used", _evaluations(10, 2))
        counts._redis = redis
        counts.pass_on()
        found = counted(redis, greedy)
        assert found.total() == 200 * flushes
        assert len([one for one in found if one.value != OTHER_VALUES]) == 20
        assert {found[CountedAs(greedy, flag, "used", OTHER_VALUES)] for flag in range(10)} == {
            20 * flushes - 2
        }
        assert set(counted(redis, other).values()) == {1}
        assert len(counted(redis, other)) == 20


@pytest.mark.timeout(60)
def test_counts_of_an_account_without_room_hold_up_no_others(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_counts, "MAX_COUNTED", 20)
    with (
        Redis.from_url(f"redis://127.0.0.1:{free_port()}") as away,
        Redis.from_url(edge.cache.url) as redis,
    ):
        counts = EvaluationCounts(away)
        for account in (1, 2):
            counts.count(account, 940_000 + account, "used", _evaluations(20, 1))
            counts.pass_on()
        counts._redis = redis
        counts.pass_on()
        assert counts.size == 0
        assert len(counted(redis, 940_001, 940_002)) == 20


def test_an_account_with_many_flags_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_counts, "MAX_OF_ACCOUNT", 20)
    with Redis.from_url(f"redis://127.0.0.1:{free_port()}") as away:
        counts = EvaluationCounts(away)
        for flush in range(3):
            for one in _evaluations(100 * (flush + 1), 1):
                counts.count(1, 1, "used", [one])
            assert counts.size <= 80
            counts.pass_on()
            assert counts.size == 40


def test_a_project_has_a_bound_for_the_sums_of_an_hour(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.flags.evaluation_counts.MAX_SUMS", 15)
    monkeypatch.setattr("shared.flags.evaluation_counts.MAX_WITH_VALUES", 10)
    many, few = 930_001, 930_002
    sent = [CountedAs(many, flag, "used", f"v{flag}") for flag in range(20)]
    alone = CountedAs(few, 1, "used", "true")
    with Redis.from_url(edge.cache.url) as redis:
        assert add(redis, 1, {alone: 1}) == set()
        assert add(redis, 1, {**dict.fromkeys(sent, 1), alone: 1}) == {many}
        assert add(redis, 1, dict.fromkeys(sent, 1)) == {many}
        found = counted(redis, many)
        assert counted(redis, few) == {alone: 2}
    # Ten with their values, five of them together, and five that are not counted.
    assert set(found.values()) == {2}
    assert [one.value for one in sorted(found)] == [
        *(f"v{flag}" for flag in range(10)),
        *[OTHER_VALUES] * 5,
    ]


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
