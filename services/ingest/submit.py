"""Handing a batch to the stream: one script, one round trip, one entry per request."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

from shared.envelope import Batch, encode
from shared.errors import Unavailable
from shared.stream import BATCH_FIELD, STREAM

# The stream is never trimmed on write: that would drop entries nobody has read yet. When it is
# full the client is asked to come back instead.
_ADD = """
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return false end
return redis.call('XADD', KEYS[1], '*', ARGV[2], ARGV[3])
"""
_RETRY_SECONDS = 5


class Submitter:
    """Adds batches to the stream."""

    def __init__(self, redis: Redis, most_entries: int) -> None:
        self._add = redis.register_script(_ADD)
        self._most_entries = most_entries

    def submit(self, batch: Batch) -> None:
        """Return once the stream holds the batch.

        Raises:
            Unavailable: it may not hold it (away, out of memory, full). The client sends again;
                event ids make that harmless.
        """
        try:
            entry = self._add(keys=[STREAM], args=[self._most_entries, BATCH_FIELD, encode(batch)])
        except RedisError as error:
            raise Unavailable(
                "Events cannot be held at the moment. Send them again.",
                retry_after_seconds=_RETRY_SECONDS,
            ) from error
        if entry is None:
            raise Unavailable(
                "More events are waiting than may wait. Send these again later.",
                retry_after_seconds=_RETRY_SECONDS,
            )
