"""Neither a project nor an account takes all threads of the query service, nor all together."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import product

import pytest

from services.query.execution.concurrency_limit import ProjectConcurrencyLimiter, capacity_of
from shared.auth.charged_account import ANONYMOUS, charged_account, readers_of_links
from shared.errors import Unavailable
from shared.runtime.settings import Settings

THREADS = 12
A, B, C = 1, 2, 3
ALICE, BOB, CAROL = 11, 12, 13


@contextmanager
def charged_to(account: int) -> Iterator[None]:
    """As the guard of a request does."""
    token = charged_account.set(account)
    try:
        yield
    finally:
        charged_account.reset(token)


@contextmanager
def holding(
    limiter: ProjectConcurrencyLimiter, projects: Sequence[int], count: int, account: int
) -> Iterator[list[str]]:
    """Have so many threads ask for slots and keep them; yields what became of each."""
    release, outcomes = threading.Event(), []
    decided = threading.Semaphore(0)

    def ask(project_id: int) -> None:
        charged_account.set(account)
        try:
            with limiter.hold_thread(project_id) as held_thread:
                decided.release()
                with held_thread.running():
                    release.wait(30)
            outcomes.append("ran")
        except Unavailable:
            outcomes.append("refused")
            decided.release()

    threads = [
        threading.Thread(target=ask, args=(projects[number % len(projects)],))
        for number in range(count)
    ]
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
    with holding(limiter, [A], 50, ALICE) as outcomes:
        assert outcomes.count("refused") == 50 - THREADS // 2
        with charged_to(BOB), limiter.slot(B):
            pass
        # Nor does its second member.
        with charged_to(BOB), pytest.raises(Unavailable), limiter.slot(A):
            pass
    assert outcomes.count("ran") == THREADS // 2


def test_one_account_holds_no_more_with_a_hundred_projects_than_with_one() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS)
    with holding(limiter, range(100, 200), 200, ALICE) as outcomes:
        assert outcomes.count("refused") == 200 - THREADS // 2
        running = sum(limiter._running.by_project.values())
        assert running <= limiter.capacity.account_running
        with charged_to(BOB), limiter.slot(B), limiter.slot(B):
            pass


def test_readers_of_public_links_leave_the_project_its_questions() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS, timeout=5)
    with (
        holding(limiter, [A], 20, readers_of_links(ALICE)) as outcomes,
        holding(limiter, [B], 20, readers_of_links(BOB)),
    ):
        assert outcomes.count("refused") == 20 - THREADS // 4
        with charged_to(ALICE), limiter.slot(A), limiter.hold_thread(A), limiter.hold_thread(A):
            pass


@pytest.mark.parametrize("threads", [6, THREADS])
def test_readers_of_public_links_wait_behind_members(threads: int) -> None:
    """Also where a project has one slot, which a reader may have while no member waits."""
    limiter = ProjectConcurrencyLimiter(threads, timeout=1)
    with charged_to(BOB), ExitStack() as elsewhere:
        for project in range(100, 100 + limiter.capacity.account_running):
            elsewhere.enter_context(limiter.slot(project))
        with holding(limiter, [A], 1, BOB) as outcomes:
            while not limiter._queued.by_project[A]:
                time.sleep(0.01)
            limiter._timeout = 0.1
            with charged_to(readers_of_links(ALICE)):
                with pytest.raises(Unavailable), limiter.slot(A):
                    pass
                while not outcomes:
                    time.sleep(0.01)
                with limiter.slot(A):
                    pass


def test_readers_of_an_owners_public_links_leave_others_room() -> None:
    """However many projects the links are of."""
    limiter = ProjectConcurrencyLimiter(THREADS)
    with holding(limiter, range(100, 120), 20, readers_of_links(ALICE)) as of_alice:
        assert of_alice.count("refused") == 20 - THREADS // 4
        with (
            charged_to(readers_of_links(BOB)),
            limiter.slot(B),
            charged_to(ANONYMOUS),
            pytest.raises(Unavailable),
            limiter.slot(C),
        ):
            pass


def test_many_accounts_leave_threads_free_and_a_new_one_gets_one() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS)
    with holding(limiter, [A], 20, ALICE), holding(limiter, [B], 20, BOB) as outcomes:
        assert outcomes.count("refused") >= 20 - THREADS // 2
        assert limiter._held.by_account.total() <= limiter.capacity.busy
        with charged_to(CAROL), limiter.slot(C):
            pass
        with charged_to(ALICE), pytest.raises(Unavailable), limiter.slot(C):
            pass


def test_a_slot_that_is_given_back_serves_the_next_query() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS, timeout=5)
    with holding(limiter, [A], limiter.capacity.running, ALICE):
        waiting = threading.Thread(target=lambda: limiter.slot(A).__enter__())
        waiting.start()
    waiting.join(5)
    assert not waiting.is_alive()


def test_slow_downloads_leave_the_project_its_queries() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS, timeout=0.1)
    with charged_to(ALICE):
        with limiter.stream(A), limiter.stream(A), limiter.stream(A):
            with limiter.slot(A):
                pass
            with pytest.raises(Unavailable), limiter.stream(A):
                pass
        with limiter.stream(A):
            pass


def test_slow_downloads_of_some_accounts_leave_most_threads_to_questions_of_others() -> None:
    limiter = ProjectConcurrencyLimiter(THREADS, timeout=0.1)
    with ExitStack() as downloads:
        taken = 0
        # Each account in projects of its own.
        for account, project in product((ALICE, BOB, CAROL), range(100, 106)):
            with charged_to(account), suppress(Unavailable):
                downloads.enter_context(limiter.stream(1_000 * account + project))
                taken += 1
        assert taken == THREADS // 3
        for project in (A, B, C):
            with charged_to(20 + project):
                downloads.enter_context(limiter.slot(project))
        for account in (ALICE, BOB):
            with charged_to(account), limiter.slot(A):
                pass
    with charged_to(CAROL), limiter.stream(C):
        pass


@pytest.mark.parametrize("threads", [4, 6, 8, 12, 16, 64])
def test_limits_fit_the_threads_by_construction(threads: int) -> None:
    capacity = capacity_of(threads)
    assert 1 <= capacity.links_running <= capacity.running <= capacity.project <= threads / 2
    assert capacity.account_running <= capacity.account <= threads / 2
    assert capacity.links < capacity.anonymous <= threads / 2
    assert capacity.busy < capacity.total < threads


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
