"""Limit concurrent queries per project and account, so that neither takes all threads.

Every limit is derived from the number of threads of the process: what a project runs and what
waits, for a slot or for the answer of an equal query, together fit half of the threads. The same
holds for an account, however many projects it has. The readers of all public links of one owner's
projects share a quarter, and those of all owners a third; of each project's slots they leave one to
its members, behind whom they wait. All accounts together leave some threads free. Whatever does not
fit is refused at once with 503 and ``Retry-After``, because waiting costs a thread that another
account needs.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from shared.auth.charged_account import charged_account, is_anonymous
from shared.errors import Unavailable
from shared.runtime.settings import get_settings

QUEUE_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many requests may hold a thread of this process."""

    running: int
    """Queries of one project that run at the same time."""
    links_running: int
    """Queries of one project that run for callers without an account, who leave a slot to its
    members; where it has only one slot, they may have that while no member waits."""
    project: int
    """Requests of one project, running and waiting."""
    account_running: int
    """Queries of one account that run at the same time, in all projects."""
    account: int
    """Requests of one account, running and waiting, in all projects."""
    links: int
    """Requests of the readers of all public links of one owner's projects, running and waiting."""
    anonymous: int
    """Requests of all callers without an account, running and waiting."""
    busy: int
    """Once all accounts together hold this many, an account that already holds one is refused."""
    streaming: int
    """Downloads of one account, which are not counted as running."""
    all_streaming: int
    """Downloads of all accounts: each may hold its thread for long, so they leave most to
    questions."""
    total: int
    """Requests of all accounts. The remaining threads serve cached answers, lists and health."""


def capacity_of(threads: int) -> Capacity:
    """Return the limits for a process with this many threads, at least 4."""
    reserve, links = max(1, threads // 6), max(1, threads // 4)
    running = max(1, threads // 6)
    return Capacity(
        running=running,
        links_running=max(1, running - 1),
        project=threads // 2,
        account_running=max(1, threads // 4),
        account=threads // 2,
        links=links,
        anonymous=max(links + 1, threads // 3),
        busy=threads - 2 * reserve,
        streaming=max(1, threads // 4),
        all_streaming=max(1, threads // 3),
        total=threads - reserve,
    )


class HeldThread:
    """A request that holds a thread of its project and its account."""

    def __init__(self, limiter: ProjectConcurrencyLimiter, project_id: int, account: int) -> None:
        self._limiter, self._project_id, self._account = limiter, project_id, account

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the query once the project and the account have a slot for it.

        Raises:
            Unavailable: no slot became free in time.
        """
        self._limiter.start(self._project_id, self._account)
        try:
            yield
        finally:
            self._limiter.finish(self._project_id, self._account)


class _Held:
    """What projects and accounts hold of one resource."""

    def __init__(self) -> None:
        self.by_project: Counter[int] = Counter()
        self.by_account: Counter[int] = Counter()
        self._anonymous_by_project: Counter[int] = Counter()

    @property
    def anonymous(self) -> int:
        """Count what all callers without an account hold."""
        return sum(held for account, held in self.by_account.items() if is_anonymous(account))

    def anonymous_of(self, project_id: int) -> int:
        """Count what callers without an account hold of one project."""
        return self._anonymous_by_project[project_id]

    def members_of(self, project_id: int) -> int:
        """Count what callers with an account hold of one project."""
        return self.by_project[project_id] - self.anonymous_of(project_id)

    def add(self, project_id: int, account: int) -> None:
        self.by_project[project_id] += 1
        self.by_account[account] += 1
        if is_anonymous(account):
            self._anonymous_by_project[project_id] += 1

    def subtract(self, project_id: int, account: int) -> None:
        _subtract(self.by_project, project_id)
        _subtract(self.by_account, account)
        if is_anonymous(account):
            _subtract(self._anonymous_by_project, project_id)


class ProjectConcurrencyLimiter:
    """Counts the running and waiting queries of projects and accounts in this process."""

    def __init__(self, threads: int, timeout: float = QUEUE_TIMEOUT_SECONDS) -> None:
        self.capacity = capacity_of(threads)
        self._timeout = timeout
        self._changed = threading.Condition()
        self._held = _Held()
        self._running = _Held()
        self._queued = _Held()
        self._streaming = _Held()

    @contextmanager
    def hold_thread(self, project_id: int) -> Iterator[HeldThread]:
        """Hold a thread of the project, to run a query or to wait for an equal one.

        It is charged to the account of the current request too.

        Raises:
            Unavailable: the project, the account, or all together, hold as many as they may.
        """
        account = charged_account.get()
        with self._changed:
            if not self._has_room(project_id, account):
                raise _busy()
            self._held.add(project_id, account)
        try:
            yield HeldThread(self, project_id, account)
        finally:
            with self._changed:
                self._held.subtract(project_id, account)

    @contextmanager
    def stream(self, project_id: int) -> Iterator[None]:
        """Hold a thread of the project for a download, which takes no slot from its queries.

        Raises:
            Unavailable: the account, or all together, have as many downloads as they may have, or
                as ``hold_thread``.
        """
        account = charged_account.get()
        with self.hold_thread(project_id):
            with self._changed:
                held = self._streaming.by_account
                is_full = held.total() >= self.capacity.all_streaming
                if is_full or held[account] >= self.capacity.streaming:
                    raise _busy()
                self._streaming.add(project_id, account)
            try:
                yield
            finally:
                with self._changed:
                    self._streaming.subtract(project_id, account)

    @contextmanager
    def slot(self, project_id: int) -> Iterator[None]:
        """Hold a thread of the project and run a query in it.

        Raises:
            Unavailable: as ``hold_thread`` and ``HeldThread.running``.
        """
        with self.hold_thread(project_id) as thread, thread.running():
            yield

    def start(self, project_id: int, account: int) -> None:
        """Wait until project and account run fewer queries than they may, and count one more.

        Callers without an account wait also while a member of the project waits.

        Raises:
            Unavailable: no slot became free in time.
        """
        with self._changed:
            self._queued.add(project_id, account)
            try:
                is_free = self._changed.wait_for(
                    lambda: self._has_slot(project_id, account), self._timeout
                )
            finally:
                self._queued.subtract(project_id, account)
                self._changed.notify_all()  # whoever waited behind it
            if not is_free:
                raise _busy()
            self._running.add(project_id, account)

    def finish(self, project_id: int, account: int) -> None:
        """Count one running query less."""
        with self._changed:
            self._running.subtract(project_id, account)
            self._changed.notify_all()

    def _has_slot(self, project_id: int, account: int) -> bool:
        is_free = self._running.by_project[project_id] < self.capacity.running
        if is_anonymous(account) and (
            self._queued.members_of(project_id)
            or self._running.anonymous_of(project_id) >= self.capacity.links_running
        ):
            return False
        return is_free and self._running.by_account[account] < self.capacity.account_running

    def _has_room(self, project_id: int, account: int) -> bool:
        held, total = self._held.by_account[account], self._held.by_account.total()
        most = self.capacity.links if is_anonymous(account) else self.capacity.account
        if held >= most or self._held.by_project[project_id] >= self.capacity.project:
            return False
        if is_anonymous(account) and self._held.anonymous >= self.capacity.anonymous:
            return False
        return total < (self.capacity.busy if held else self.capacity.total)


def _subtract(counts: Counter[int], project_id: int) -> None:
    counts[project_id] -= 1
    if not counts[project_id]:
        del counts[project_id]


def _busy() -> Unavailable:
    return Unavailable(
        "Too many queries are running. Try again in a few seconds.",
        retry_after_seconds=2,
    )


@cache
def concurrency_limiter() -> ProjectConcurrencyLimiter:
    """Return the limiter of this process."""
    return ProjectConcurrencyLimiter(get_settings().query_threads)
