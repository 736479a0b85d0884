"""Count sent and failed reports in Redis, since workers serve no HTTP."""

from __future__ import annotations

import logging
from typing import Literal

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

_KEY = "processor:reports"


def count_report(
    redis: Redis, outcome: Literal["sent", "failed"], seconds: float, mails: int = 0
) -> None:
    """Count a report. These are statistics only, so no report waits for them."""
    try:
        with redis.pipeline(transaction=False) as pipeline:
            pipeline.hincrby(_KEY, outcome, 1)
            pipeline.hincrby(_KEY, "mails", mails)
            pipeline.hincrbyfloat(_KEY, "seconds", seconds)
            pipeline.execute()
    except RedisError as error:
        log.warning("could not count a report: %s", error)


def report_sums(redis: Redis) -> dict[str, float]:
    """Return the sums since the beginning: sent, failed, mails and seconds."""
    found: dict[bytes, bytes] = redis.hgetall(_KEY)  # type: ignore[assignment]
    sums = {name.decode(): float(value) for name, value in found.items()}
    return {name: sums.get(name, 0.0) for name in ("sent", "failed", "mails", "seconds")}
