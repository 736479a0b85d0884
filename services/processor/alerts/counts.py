"""Count runs over the alerts in Redis, since workers serve no HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from services.processor.alerts.result import AlertRun

log = logging.getLogger(__name__)

COUNTED = ("evaluated", "failed", "questions", "fired", "fired_late", "resolved", "withdrawn")
_KEY = "processor:alerts"


@dataclass(frozen=True, slots=True)
class AlertSums:
    """What all runs came to, since the server of jobs has been there."""

    counts: Mapping[str, int]
    """By the names of ``COUNTED``."""
    runs: int
    seconds: float
    ended_at: float | None
    """When the last one ended, in seconds since 1970; None: there was none."""


def count_run(redis: Redis, run: AlertRun, seconds: float, now: float) -> None:
    """Add a run to the sums. These are statistics only, so no run fails with them."""
    try:
        with redis.pipeline(transaction=False) as pipeline:
            for name in COUNTED:
                pipeline.hincrby(_KEY, name, getattr(run, name))
            pipeline.hincrby(_KEY, "runs", 1)
            pipeline.hincrbyfloat(_KEY, "seconds", seconds)
            pipeline.hset(_KEY, "ended_at", str(now))
            pipeline.execute()
    except RedisError as error:
        log.warning("could not count a run over the alerts: %s", error)


def alert_sums(redis: Redis) -> AlertSums:
    """Return the sums."""
    stored: dict[bytes, bytes] = redis.hgetall(_KEY)  # type: ignore[assignment]
    found = {name.decode(): float(value) for name, value in stored.items()}
    return AlertSums(
        counts={name: int(found.get(name, 0)) for name in COUNTED},
        runs=int(found.get("runs", 0)),
        seconds=found.get("seconds", 0.0),
        ended_at=found.get("ended_at"),
    )
