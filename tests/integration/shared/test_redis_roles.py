"""Three Redis roles: a full cache takes nothing from logins and jobs, a full state says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest
from redis import Redis

from deploy.local.backends import Backends, laid_out_backends
from deploy.local.problems import CannotStart
from services.ingest.visitors import DailySalt
from services.query.execution import query_cache
from services.query.monitoring.installation_health import installation_health
from shared.auth.login_sessions import get_login_sessions
from shared.runtime import data_version
from shared.runtime.job_queue import JobQueue, enqueue, job_queue
from shared.runtime.redis_clients import get_answer_cache, get_state_redis, get_stream
from shared.runtime.redis_memory import read_memory
from shared.runtime.settings import get_settings

_ANSWER_BYTES = 100_000


@pytest.fixture(autouse=True)
def empty(backends: Backends) -> Iterator[None]:
    """An empty cache and state, before and after."""
    del backends
    for redis in (get_answer_cache(), get_state_redis()):
        redis.flushall()
    yield
    for redis in (get_answer_cache(), get_state_redis()):
        redis.flushall()


@contextmanager
def limited(redis: Redis, room: int) -> Iterator[None]:
    """A server with room for so many bytes more."""
    memory = read_memory(redis)
    redis.config_set("maxmemory", max(1, memory.used + room))
    try:
        yield
    finally:
        redis.config_set("maxmemory", memory.maximum)


def ask(project_id: int, question: int) -> bool:
    """Ask a question with a large answer; return whether the answer came from the cache."""
    answer = {"text": "x" * _ANSWER_BYTES, "cached": False}
    return bool(query_cache.cached(project_id, question, lambda: answer)["cached"])


def test_each_embedded_server_has_a_limit_and_only_the_cache_evicts() -> None:
    servers = (get_state_redis(), get_stream(), get_answer_cache())
    memories = [read_memory(redis) for redis in servers]
    assert [memory.evicts for memory in memories] == [False, False, True]
    assert [memory.maximum >> 20 for memory in memories] == [512, 1024, 256]
    logged = [str(redis.config_get("appendonly")["appendonly"]) for redis in servers]
    assert logged == ["yes", "yes", "no"]


def test_a_full_cache_takes_nothing_from_logins_salts_and_jobs() -> None:
    sessions, now = get_login_sessions(), datetime.now(timezone.utc).timestamp()
    tokens, salt = sessions.open(1), DailySalt(get_state_redis()).of(now)
    enqueue(get_state_redis(), "services.processor.jobs.tasks.rotate_salts")
    version = data_version.current(get_state_redis(), 1)
    cache = get_answer_cache()
    with limited(cache, 30 * _ANSWER_BYTES):
        for question in range(100):
            ask(question % 10, question)
        evicted = cache.info("stats")["evicted_keys"]
    assert evicted > 0, "the cache was never full"
    assert sessions.check(tokens.access_token).user_id == 1
    assert DailySalt(get_state_redis()).of(now) == salt
    assert job_queue(get_state_redis(), JobQueue.SYSTEM).count == 1
    assert data_version.current(get_state_redis(), 1) == version
    assert not list(get_state_redis().scan_iter("answer:*"))


def test_a_project_has_a_share_of_the_cache_and_its_oldest_answers_give_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CACHE_BYTES_PER_PROJECT", str(10 * _ANSWER_BYTES))
    get_settings.cache_clear()
    try:
        ask(2, 0)
        for question in range(40):
            ask(1, question)
        held = [
            get_answer_cache().strlen(key) for key in get_answer_cache().scan_iter("answer:1:*")
        ]
        assert 5 * _ANSWER_BYTES < sum(held) <= 11 * _ANSWER_BYTES
        assert ask(1, 39), "the newest answer gave way"
        assert not ask(1, 0), "the oldest answer is still there"
        assert ask(2, 0), "another project's answer gave way"
    finally:
        get_settings.cache_clear()


def test_no_answer_of_before_returns_when_redis_loses_the_versions() -> None:
    for changes in (0, 3):
        for _ in range(changes):
            data_version.advance(get_state_redis(), 1)
        ask(1, 0)
        get_state_redis().flushall()
        assert not ask(1, 0)


def test_a_full_state_is_named_by_health_before_nobody_can_log_in() -> None:
    def state_of_redis() -> str:
        return installation_health(get_settings()).dependencies["redis"]

    with limited(get_state_redis(), 150_000):
        assert "of its memory is used" in state_of_redis()
        get_login_sessions().open(1)
    assert state_of_redis() == "ok"


def test_without_a_cache_of_its_own_answers_are_cached_beside_the_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CACHE_REDIS_URL", "")
    get_settings.cache_clear()
    get_answer_cache.cache_clear()
    try:
        assert [ask(1, 0), ask(1, 0)] == [False, True]
        assert len(list(get_state_redis().scan_iter("answer:1:*"))) == 1
    finally:
        get_settings.cache_clear()
        get_answer_cache.cache_clear()


def test_logins_of_before_the_cache_had_its_own_server_are_found(tmp_path: Path) -> None:
    earlier = tmp_path / "cache" / "appendonlydir"
    earlier.mkdir(parents=True)
    (earlier / "logins.aof").touch()
    for _ in range(2):  # the second start finds both
        made = laid_out_backends(tmp_path, {"DATABASE_URL": "postgresql://elsewhere/x"})
        assert (tmp_path / "state" / "appendonlydir" / "logins.aof").exists()
        assert not (tmp_path / "cache" / "appendonlydir").exists()
        assert made.cache_redis_url != made.redis_url
    with pytest.raises(CannotStart, match="CACHE_MAXMEMORY is 'much'; write a size"):
        laid_out_backends(tmp_path, {"DATABASE_URL": "x", "CACHE_MAXMEMORY": "much"})
