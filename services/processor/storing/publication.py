"""Make cached answers stale after a commit, and publish stored events for live views."""

from __future__ import annotations

import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from services.processor.storing.rows import Incoming, to_datetime
from shared.events.stream import live_channel
from shared.runtime import data_version

log = logging.getLogger(__name__)


class LivePublisher:
    """Publish up to so many events per project and second: a live view is a sample."""

    def __init__(self, redis: Redis, per_second: int) -> None:
        self._redis = redis
        self._per_second = per_second
        self._second = 0
        self._published: dict[int, int] = defaultdict(int)

    def publish(self, stored: Sequence[Incoming], repeated: Iterable[Incoming] = ()) -> None:
        """Advance the projects' data versions and publish the stored events, after the commit.

        Events that were repeated advance the version as well: the processor that stored them may
        have died before it got here. While Redis is away, live views miss events, and cached
        answers may be as old as their time to live.

        Args:
            stored: the events that the commit added.
            repeated: the events that were stored before.
        """
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self._published.clear()
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for project_id in {item.batch.project_id for item in chain(stored, repeated)}:
                    data_version.advance(pipeline, project_id)
                for item in stored:
                    project_id = item.batch.project_id
                    if self._published[project_id] >= self._per_second:
                        continue
                    self._published[project_id] += 1
                    pipeline.publish(live_channel(project_id), _message(item))
                pipeline.execute()
        except RedisError as error:
            log.warning("live views miss events, cached answers may be old: %s", error)


def _message(item: Incoming) -> bytes:
    event = item.event
    return msgspec.json.encode(
        {
            "event_id": str(uuid.UUID(bytes=event.event_id)),
            "event_name": event.event_name,
            "timestamp": to_datetime(event.timestamp_us).isoformat(),
            "received_at": to_datetime(item.batch.received_at_us).isoformat(),
            "distinct_id": event.distinct_id,
            "session_id": event.session_id,
            "source": event.source,
            "page_url": event.page_url,
            "referrer": event.referrer,
            "properties": msgspec.Raw(event.properties),
        }
    )
