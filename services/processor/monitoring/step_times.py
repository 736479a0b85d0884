"""Sum the durations of storing steps in Redis, since consumers serve no HTTP."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_KEY = "processor:step-seconds"
_BATCHES = "batches"
_EVERY_SECONDS = 5.0


class StepTimes:
    """Seconds by step, of the batches since the last flush."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._batches = 0
        self._due = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block; a step that fails counts too."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += time.perf_counter() - started

    def end_batch(self, redis: Redis) -> None:
        """Count one more batch, and periodically add to the sums of all processors.

        These are statistics only, so an unresponsive Redis must not delay every batch.
        """
        self._batches += 1
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _EVERY_SECONDS
        try:
            with redis.pipeline(transaction=False) as pipeline:
                pipeline.hincrby(_KEY, _BATCHES, self._batches)
                for name, seconds in self._seconds.items():
                    pipeline.hincrbyfloat(_KEY, name, seconds)
                pipeline.execute()
        except RedisError as error:
            log.warning("could not write the step times: %s", error)
        self._seconds.clear()
        self._batches = 0


def sums(redis: Redis) -> tuple[int, dict[str, float]]:
    """Return the number of stored batches, and seconds by step."""
    found: dict[bytes, bytes] = redis.hgetall(_KEY)  # type: ignore[assignment]
    seconds = {name.decode(): float(value) for name, value in found.items()}
    return int(seconds.pop(_BATCHES, 0)), dict(sorted(seconds.items()))
