"""No project takes all threads of the query service, and no load of queries takes the last ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.query.execution.concurrency_limit import ProjectConcurrencyLimiter, capacity_of
from shared.errors import Unavailable
from shared.runtime.settings import Settings

THREADS = 12
A, B, C = 1, 2, 3


@contextmanager
def holding(limiter: ProjectConcurrencyLimiter, project_id: int, count: int) -> Iterator[list[str]]:
    """Have that many threads ask for a slot and keep it; yields what became of each."""
    release, outcomes = threading.Event(), []
    decided = threading.Semaphore(0)

    def ask() -> None:
        try:
            with limiter.admit(project_id) as admission:
                decided.release()
                with admission.running():
                    release.wait(30)
            outcomes.append("ran")
        except Unavailable:
            outcomes.append("refused")
            decided.release()

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert decided.acquire(timeout=10)
    try:
        yield outcomes
    finally:
        release.set()
        for thread in threads:
            thread.join(10)


def test_one_project_holds_half_of_the_threads_and_the_rest_is_refused_at_once() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS)
    with holding(limiter, A, 50) as outcomes:
        assert outcomes.count("refused") == 50 - THREADS // 2
        with limiter.slot(B):
            pass
    assert outcomes.count("ran") == THREADS // 2


def test_many_projects_leave_threads_free_and_a_new_project_gets_one() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS)
    with holding(limiter, A, 20), holding(limiter, B, 20) as outcomes:
        assert outcomes.count("refused") >= 20 - THREADS // 2
        held = sum(limiter._admitted.values())
        assert held <= limiter.capacity.busy_project
        with limiter.slot(C):
            pass
        with pytest.raises(Unavailable), limiter.slot(A):
            pass


def test_a_slot_that_is_given_back_serves_the_next_query() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS, timeout=5)
    with holding(limiter, A, limiter.capacity.running):
        waiting = threading.Thread(target=lambda: limiter.slot(A).__enter__())
        waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()


def test_slow_downloads_leave_the_project_its_queries() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS, timeout=0.1)
    with limiter.stream(A), limiter.stream(A), limiter.stream(A):
        with limiter.slot(A):
            pass
        with pytest.raises(Unavailable), limiter.stream(A):
            pass
    with limiter.stream(A):
        pass


@pytest.mark.parametrize("threads", [4, 6, 8, 12, 16, 64])
def test_limits_fit_the_threads_by_construction(threads: int) -> None:
    capacity = capacity_of(threads)
    assert 1 <= capacity.running <= capacity.project <= threads / 2
    assert capacity.busy_project < capacity.total < threads


def test_by_default_every_thread_finds_a_connection() -> None:
    settings = Settings.from_environment(
        {
            "DATABASE_URL": "postgresql://u:p@h/d",
            "REDIS_URL": "redis://h/0",
            "STREAM_REDIS_URL": "redis://h/1",
            "SECRET_KEY": "4f1d" * 16,
        }
    )
    assert settings.query_threads <= settings.db_pool_size + settings.db_max_overflow
