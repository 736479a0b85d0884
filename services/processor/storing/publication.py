"""After a commit: make cached answers stale, and give the stored events to live views."""

from __future__ import annotations

import logging
import secrets
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import cast

import msgspec
from redis import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.processor.storing.rows import Incoming, PersonKey, to_datetime
from shared.events import live
from shared.events.live import LiveEvent
from shared.runtime import data_version

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
"""How long a project may be watched before its events are published."""
_FORGETTING = 0.98
"""By what the size of the largest recent entry shrinks with each entry."""
_ENTRY_OVERHEAD_BYTES = 200


class DataVersions:
    """Advances the data version of projects, by which cached answers become stale."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def advance(self, stored: Sequence[Incoming], repeated: Iterable[Incoming] = ()) -> None:
        """Advance the versions of the projects of these events, after the commit.

        Events that were repeated advance them as well: the processor that stored them may have died
        before it got here. While Redis is away, cached answers may be as old as their time to live.

        Args:
            stored: the events that the commit added.
            repeated: the events that were stored before.
        """
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for project_id in {item.batch.project_id for item in chain(stored, repeated)}:
                    data_version.advance(pipeline, project_id)
                pipeline.execute()
        except RedisError as error:
            log.warning("cached answers may be old: %s", error)


class LivePublisher:
    """Adds stored events to the live streams of watched projects, up to so many per second."""

    def __init__(self, cache: Redis, per_second: int) -> None:
        self._cache = cache
        self._per_second = per_second
        self._name = secrets.token_bytes(8)
        self._second = 0
        self._published: dict[int, int] = defaultdict(int)
        self._skipped: dict[int, int] = defaultdict(int)
        """Events of watched projects that no entry tells of yet."""
        self._counted: dict[int, int] = defaultdict(int)
        """Events that the entries of each watched project tell of, also those that were skipped."""
        self._entry_bytes: dict[int, float] = {}
        """The size of a project's larger entries."""
        self._watched: frozenset[int] = frozenset()
        self._looked_at = -_LOOK_SECONDS

    def publish(self, stored: Sequence[Incoming], persons: Mapping[PersonKey, int]) -> None:
        """Publish the events of watched projects, after the commit.

        Events miss live views while the cache is away, which the next entry tells, and when the
        processor dies between the commit and here: nothing is shown twice.

        Args:
            stored: the events that the commit added.
            persons: the numbers of their persons.
        """
        self._look_who_is_watched()
        if not self._watched:
            return
        by_project: dict[int, list[LiveEvent]] = defaultdict(list)
        for item in stored:
            project_id = item.batch.project_id
            if project_id not in self._watched:
                continue
            events = by_project[project_id]
            if self._is_within_limit(project_id):
                events.append(_live_event(item, persons.get(item.person_key)))
            else:
                self._skipped[project_id] += 1
        if not by_project:
            return
        try:
            self._add(by_project)
        except RedisTimeoutError as error:
            # A busy server adds them nevertheless. If it does not, readers are told of it: the next
            # entry counts them.
            log.warning("live views may miss events: %s", error)
        except RedisError as error:
            log.warning("live views miss events: %s", error)
            for project_id, events in by_project.items():
                self._skipped[project_id] += len(events)
            return
        for project_id, events in by_project.items():
            self._counted[project_id] += len(events) + self._skipped.pop(project_id, 0)

    def _add(self, by_project: Mapping[int, Sequence[LiveEvent]]) -> None:
        """Add entries to the streams of projects; all of them begin with what was skipped."""
        with self._cache.pipeline(transaction=False) as pipeline:
            for project_id, events in by_project.items():
                key = live.stream_key(project_id)
                skipped = self._skipped.get(project_id, 0)
                before = self._counted[project_id]
                for part in _parts(events):
                    fields: dict[bytes, bytes | int] = {
                        live.EVENTS_FIELD: live.encode(part),
                        live.PUBLISHER_FIELD: self._name,
                        live.BEFORE_FIELD: before,
                    }
                    before += len(part) + skipped
                    if skipped:
                        fields[live.SKIPPED_FIELD], skipped = skipped, 0
                    most = self._max_entries(
                        project_id, len(cast("bytes", fields[live.EVENTS_FIELD]))
                    )
                    pipeline.xadd(key, fields, maxlen=most)  # type: ignore[arg-type]
                pipeline.expire(key, live.KEEP_SECONDS)
            pipeline.execute()

    def _max_entries(self, project_id: int, entry_bytes: int) -> int:
        """Return how many entries like the larger recent ones fit into a project's share."""
        size = max(entry_bytes, self._entry_bytes.get(project_id, 0.0) * _FORGETTING)
        self._entry_bytes[project_id] = size
        share = live.MAX_BYTES / len(self._watched)
        return max(1, min(live.MAX_ENTRIES, int(share / (size + _ENTRY_OVERHEAD_BYTES))))

    def _look_who_is_watched(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        try:
            found = self._cache.zrangebyscore(live.WATCHED, time.time(), "+inf")
        except RedisError as error:
            log.warning("it is not known who watches live views: %s", error)
            return
        self._watched = frozenset(map(int, cast("list[bytes]", found)))
        for of_project in (self._skipped, self._counted, self._entry_bytes):
            for project_id in of_project.keys() - self._watched:
                del of_project[project_id]

    def _is_within_limit(self, project_id: int) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self._published.clear()
        if self._published[project_id] >= self._per_second:
            return False
        self._published[project_id] += 1
        return True


def _parts(events: Iterable[LiveEvent]) -> Iterator[list[LiveEvent]]:
    """Yield events by entry; one without events if there are none."""
    part: list[LiveEvent] = []
    size = 0
    for event in events:
        if part and size + len(event.json) > live.MAX_ENTRY_BYTES:
            yield part
            part, size = [], 0
        part.append(event)
        size += len(event.json)
    yield part


def _live_event(item: Incoming, person_id: int | None) -> LiveEvent:
    event = item.event
    message = _message(item, person_id, msgspec.Raw(event.properties))
    if len(message) > live.MAX_EVENT_BYTES:
        message = _message(item, person_id, msgspec.Raw(b"{}"))
    return LiveEvent(
        person_id,
        event.event_name,
        event.source,
        event.distinct_id,
        event.community_id,
        item.happened_by_us,
        message,
    )


def _message(item: Incoming, person_id: int | None, properties: msgspec.Raw) -> bytes:
    """Return an event as the API's lists of events have it, but for its number."""
    event = item.event
    campaign = event.campaign
    return msgspec.json.encode(
        {
            "event_id": str(uuid.UUID(bytes=event.event_id)),
            "event_name": event.event_name,
            "event_type": event.event_name,
            "timestamp": to_datetime(event.timestamp_us).isoformat(),
            "received_at": to_datetime(item.batch.received_at_us).isoformat(),
            "person_id": person_id,
            "distinct_id": event.distinct_id,
            "session_id": event.session_id,
            "source": event.source,
            "page_url": event.page_url,
            "referrer": event.referrer,
            "device_id": event.device_id,
            "app_version": event.app_version,
            "os_name": event.os_name,
            "os_version": event.os_version,
            "browser": event.browser,
            "device_type": event.device_type,
            "country": event.country,
            "region": event.region,
            "city": event.city,
            "utm_source": campaign and campaign.source,
            "utm_medium": campaign and campaign.medium,
            "utm_campaign": campaign and campaign.name,
            "utm_term": campaign and campaign.term,
            "utm_content": campaign and campaign.content,
            "community_id": event.community_id,
            "division_id": event.division_id,
            "ip": event.ip,
            "properties": properties,
        }
    )
