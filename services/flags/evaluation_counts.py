"""Count evaluations in memory, and add them to the sums in Redis every two seconds.

A request only adds to a dictionary. A thread of its own passes the counts on, so no request waits
for Redis; while Redis is away, or short of memory, they wait in this process. A process that is
killed loses what it has counted since the last time; one that is stopped loses nothing.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from redis import Redis
from redis.exceptions import RedisError

from shared.flags.definition import FlagValue
from shared.flags.evaluation import Evaluation
from shared.flags.evaluation_counts import ALL_FLAGS, HOUR_SECONDS, CountedAs, Request, add
from shared.runtime.redis_memory import COPIES_SHARE, read_memory

log = logging.getLogger(__name__)

FLUSH_SECONDS = 2.0
MAX_COUNTED = 100_000
"""Counts of a flag, kind of request and value that one process holds, about 25 MB: twice those of
10,000 flags with five values."""
_STEP = 1_000


class EvaluationCounts:
    """The counts of this process that Redis does not have yet."""

    def __init__(self, redis: Redis) -> None:
        """Create empty counts.

        Args:
            redis: the state, with a time-out for a caller that may wait.
        """
        self._redis = redis
        self._lock = threading.Lock()
        self._counting: dict[tuple[int, Request], Counter[tuple[int, FlagValue]]] = {}
        self._size = 0
        """Of ``_counting``, in counts."""
        self._passing_on = threading.Lock()
        self._waiting: Counter[CountedAs] = Counter()
        """Taken out of ``_counting``, and not in Redis yet."""
        self._is_failing = False

    @property
    def size(self) -> int:
        """Return how many counts this process holds."""
        return self._size + len(self._waiting)

    def start(self) -> None:
        """Pass counts on every two seconds in a thread of its own, and when the process stops."""
        threading.Thread(target=self._run, name="evaluation-counts", daemon=True).start()
        atexit.register(self.pass_on)

    def count(self, project_id: int, request: Request, found: Iterable[Evaluation]) -> None:
        """Count evaluations of a project's flags."""
        self._count(project_id, request, [(one.flag.id, one.value) for one in found])

    def count_definitions(self, project_id: int) -> None:
        """Count a request for the definitions of all flags of a project."""
        self._count(project_id, "definitions", [(ALL_FLAGS, "")])

    def pass_on(self) -> None:
        """Add the counts to the sums in Redis; those that it does not take wait for the next time.

        They are added to the hour in which they are passed on: the sums of one that is over are
        copied, and removed.
        """
        with self._passing_on:
            self._take_out()
            if not self._waiting:
                return
            try:
                if read_memory(self._redis).exceeds(COPIES_SHARE):
                    self._say("REDIS_URL has too little memory (REDIS_MAXMEMORY)")
                    return
                while self._waiting:
                    some = dict(islice(self._waiting.items(), _STEP))
                    add(self._redis, int(time.time()) // HOUR_SECONDS, some)
                    for one in some:
                        del self._waiting[one]
                self._is_failing = False
            except RedisError as error:
                self._say(str(error))

    def _count(
        self, project_id: int, request: Request, answers: list[tuple[int, FlagValue]]
    ) -> None:
        with self._lock:
            if self._size >= MAX_COUNTED:
                return
            counter = self._counting.get((project_id, request))
            if counter is None:
                counter = self._counting[project_id, request] = Counter()
            before = len(counter)
            counter.update(answers)
            self._size += len(counter) - before

    def _take_out(self) -> None:
        """Add what was counted to what waits, unless that is as much as may wait."""
        with self._lock:
            counted, self._counting, self._size = self._counting, {}, 0
        for (project_id, request), counter in counted.items():
            for (flag_id, value), count in counter.items():
                one = CountedAs(project_id, flag_id, request, _text(value))
                if one in self._waiting or len(self._waiting) < MAX_COUNTED:
                    self._waiting[one] += count

    def _say(self, why: str) -> None:
        if not self._is_failing:
            log.warning("counts of evaluated flags wait in memory: %s", why)
        self._is_failing = True

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
