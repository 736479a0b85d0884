"""Count evaluations in memory, and add them to the sums in Redis every two seconds.

A request only adds to a dictionary. A thread of its own passes the counts on, so no request waits
for Redis; while Redis is away, or short of memory, they wait in this process. A process that is
killed loses what it has counted since the last time; one that is stopped loses what Redis does not
take then.

Whoever has a public key decides how many different counts there are, so each account has a bound of
its own. Beyond it the values of a flag are counted together.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from redis import Redis
from redis.exceptions import RedisError

from shared.flags.definition import FlagValue
from shared.flags.evaluation import Evaluation
from shared.flags.evaluation_counts import (
    ALL_FLAGS,
    HOUR_SECONDS,
    OTHER_VALUES,
    CountedAs,
    Request,
    add,
)
from shared.runtime.redis_memory import COPIES_SHARE, read_memory

log = logging.getLogger(__name__)

FLUSH_SECONDS = 2.0
MAX_COUNTED = 100_000
"""Counts of a flag, kind of request and value that one process holds, about 25 MB: twice those of
10,000 flags with five values."""
MAX_OF_ACCOUNT = 5_000
"""Of these, counts of one account before its other values are counted together by flag; that may be
as many more."""
_MAX_WARNINGS = 100
_STEP = 1_000

_Answer = tuple[int, FlagValue]


class EvaluationCounts:
    """The counts of this process that Redis does not have yet."""

    def __init__(self, redis: Redis) -> None:
        """Create empty counts.

        Args:
            redis: the state, with a time-out for a caller that may wait.
        """
        self._redis = redis
        self._lock = threading.Lock()
        self._counting: dict[tuple[int, int, Request], Counter[_Answer]] = {}
        """By account, project and kind of request."""
        self._sizes: Counter[int] = Counter()
        """Of ``_counting``, in counts, by account."""
        self._size = 0
        self._passing_on = threading.Lock()
        self._waiting: dict[int, Counter[CountedAs]] = {}
        """By account; taken out of ``_counting``, and not in Redis yet."""
        self._waiting_size = 0
        self._is_failing = False
        self._warned: set[tuple[str, int]] = set()

    @property
    def size(self) -> int:
        """Return how many counts this process holds."""
        return self._size + self._waiting_size

    def start(self) -> None:
        """Pass counts on every two seconds in a thread of its own, and when the process stops."""
        threading.Thread(target=self._run, name="evaluation-counts", daemon=True).start()
        atexit.register(self.pass_on)

    def count(
        self, account: int, project_id: int, request: Request, found: Iterable[Evaluation]
    ) -> None:
        """Count evaluations of flags of an account's project."""
        self._count(account, project_id, request, [(one.flag.id, one.value) for one in found])

    def count_definitions(self, account: int, project_id: int) -> None:
        """Count a request for the definitions of all flags of an account's project."""
        self._count(account, project_id, "definitions", [(ALL_FLAGS, "")])

    def pass_on(self) -> None:
        """Add the counts to the sums in Redis; those that it does not take wait for the next time.

        They are added to the hour in which they are passed on: the sums of one that is over are
        copied, and removed.
        """
        with self._passing_on:
            self._take_out()
            if not self._waiting_size:
                return
            try:
                if read_memory(self._redis).exceeds(COPIES_SHARE):
                    self._say("REDIS_URL has too little memory (REDIS_MAXMEMORY)")
                    return
                while self._waiting_size:
                    self._add(list(islice(self._all_waiting(), _STEP)))
                self._is_failing = False
            except RedisError as error:
                self._say(str(error))

    def _count(
        self, account: int, project_id: int, request: Request, answers: list[_Answer]
    ) -> None:
        with self._lock:
            counter = self._counting.setdefault((account, project_id, request), Counter())
            before = len(counter)
            if self._size < MAX_COUNTED and self._sizes[account] < MAX_OF_ACCOUNT:
                counter.update(answers)
            else:
                room = min(MAX_COUNTED - self._size, 2 * MAX_OF_ACCOUNT - self._sizes[account])
                _count_known(counter, answers, room)
                self._warn("account", account)
            self._sizes[account] += len(counter) - before
            self._size += len(counter) - before

    def _take_out(self) -> None:
        """Add what was counted to what waits, unless that is as much as may wait."""
        with self._lock:
            counted, self._counting, self._size = self._counting, {}, 0
            self._sizes = Counter()
        for (account, project_id, request), counter in counted.items():
            for (flag_id, value), count in counter.items():
                self._wait(account, CountedAs(project_id, flag_id, request, _text(value)), count)

    def _wait(self, account: int, one: CountedAs, count: int) -> None:
        waiting = self._waiting.setdefault(account, Counter())
        for counted, limit in (
            (one, MAX_OF_ACCOUNT),
            (one._replace(value=OTHER_VALUES), 2 * MAX_OF_ACCOUNT),
        ):
            is_new = counted not in waiting
            if not is_new or (self._waiting_size < MAX_COUNTED and len(waiting) < limit):
                waiting[counted] += count
                self._waiting_size += is_new
                return
            self._warn("account", account)

    def _all_waiting(self) -> Iterator[tuple[int, CountedAs, int]]:
        for account, waiting in self._waiting.items():
            for one, count in waiting.items():
                yield account, one, count

    def _add(self, some: list[tuple[int, CountedAs, int]]) -> None:
        counts: Counter[CountedAs] = Counter()
        for _, one, count in some:
            counts[one] += count
        for project_id in add(self._redis, int(time.time()) // HOUR_SECONDS, counts):
            self._warn("project", project_id)
        for account, one, _ in some:
            del self._waiting[account][one]
        self._waiting_size -= len(some)
        # Also those of accounts that had no room for any.
        self._waiting = {account: counts for account, counts in self._waiting.items() if counts}

    def _say(self, why: str) -> None:
        if not self._is_failing:
            log.warning("counts of evaluated flags wait in memory: %s", why)
        self._is_failing = True

    def _warn(self, of: str, number: int) -> None:
        """Say once of an account or project that not each of its values is counted."""
        if (of, number) not in self._warned and len(self._warned) < _MAX_WARNINGS:
            self._warned.add((of, number))
            log.warning("%s %s: too many values of flags to count each", of, number)

    def _run(self) -> None:
        while True:
            time.sleep(FLUSH_SECONDS)
            try:
                self.pass_on()
            except Exception:
                # Without this thread nothing is counted until the process is started again.
                log.exception("counts of evaluated flags were not passed on")


def _text(value: FlagValue) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _count_known(counter: Counter[_Answer], answers: Iterable[_Answer], room: int) -> None:
    """Count values that are there already, and others of their flag together.

    Args:
        counter: what is counted so far.
        answers: flags with their values.
        room: how many more counts there may be.
    """
    for flag_id, value in answers:
        one: _Answer = (flag_id, value)
        if one not in counter:
            one = (flag_id, OTHER_VALUES)
            if one not in counter:
                if room <= 0:
                    continue
                room -= 1
        counter[one] += 1
