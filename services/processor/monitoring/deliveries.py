"""What of the messages to channels waits, fails and was sent, of the whole installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection
from redis import Redis

from shared.channels.kinds import KINDS

REPORT = "report"
"""Stands for the kind of a channel in mails of reports, which have an address each."""
RESULTS = ("sent", "failed", "given_up")
MAX_OVERDUE_SECONDS = 300.0
"""The schedule looks for due messages each minute."""
_COUNTS = "delivery-results"


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """The messages that are not sent, and those that were given up lately."""

    waiting: int
    """Never tried."""
    failing: int
    """Tried without success, and tried again."""
    overdue_seconds: float
    """How long the next attempt of one has been due; 0: none is due."""
    given_up: int
    """Within the last 24 hours."""


def read_deliveries(connection: Connection) -> DeliveryState:
    """Read the state of all messages. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state = 'waiting'), "
            "count(*) FILTER (WHERE state = 'failed'), "
            "greatest(extract(epoch FROM now() - min(next_attempt_at)), 0)::float8 "
            "FROM deliveries WHERE state IN ('waiting', 'failed')"
        )
        waiting, failing, overdue = cursor.fetchone() or (0, 0, None)
        cursor.execute(
            "SELECT count(*) FROM deliveries WHERE state = 'given_up' AND kind <> 'test' "
            "AND next_attempt_at > now() - interval '24 hours'"
        )
        (given_up,) = cursor.fetchone() or (0,)
    connection.commit()
    return DeliveryState(waiting, failing, overdue or 0.0, given_up)


def count_results(redis: Redis, attempts: Mapping[tuple[str, str], int]) -> None:
    """Add attempts, by kind of channel and result, to the counts that outlive processes."""
    with redis.pipeline() as pipeline:
        for (channel, result), count in attempts.items():
            pipeline.hincrby(_COUNTS, f"{channel}:{result}", count)
        pipeline.execute()


def read_results(redis: Redis) -> dict[tuple[str, str], int]:
    """Return the attempts by kind of channel and result, since the server of jobs has been there.

    Kinds that were never sent to have 0 of each result.
    """
    found: dict[bytes, bytes] = redis.hgetall(_COUNTS)  # type: ignore[assignment]
    counts = {name.decode(): int(value) for name, value in found.items()}
    return {
        (channel, result): counts.get(f"{channel}:{result}", 0)
        for channel in (*KINDS, REPORT)
        for result in RESULTS
    }
