"""What processors publish for live views: nothing is left out unsaid, and the cache has room."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from redis import Redis

from deploy.local.backends import Backends
from deploy.local.children import free_port
from services.live.entries import EventCounts, decode_entry
from services.processor.storing.publication import LivePublisher
from services.processor.storing.rows import Incoming, flatten
from shared.events import live
from shared.runtime.redis_clients import connect
from tests.support.factories import a_batch, an_event
from tests.support.waiting import wait_for


@pytest.fixture
def cache(backends: Backends) -> Iterator[Redis]:
    """The cache, empty."""
    with Redis.from_url(backends.cache_redis_url) as redis:
        redis.flushall()
        yield redis


def watch(cache: Redis, *project_ids: int) -> None:
    cache.zadd(live.WATCHED, {str(one): time.time() + 60 for one in project_ids})


def events_of(project_id: int, count: int, size: int = 0) -> list[Incoming]:
    return list(
        flatten(
            [
                a_batch(
                    project_id,
                    [an_event(properties=json.dumps({"x": "y" * size}).encode())] * count,
                )
            ]
        )
    )


def published(cache: Redis, project_id: int) -> list[tuple[int, int]]:
    """The number of events of each entry, and how many are said to be missing before it."""
    entries = cast(
        "list[tuple[bytes, dict[bytes, Any]]]", cache.xrange(live.stream_key(project_id))
    )
    return [
        (len(live.decode(fields[live.EVENTS_FIELD])), int(fields.get(live.SKIPPED_FIELD, 0)))
        for _, fields in entries
    ]


def test_events_above_the_limit_are_told_of_also_if_no_other_event_comes(cache: Redis) -> None:
    watch(cache, 1, 2)
    publisher = LivePublisher(cache, per_second=5)
    publisher.publish([*events_of(1, 12), *events_of(2, 3), *events_of(3, 3)], {})
    publisher.publish(events_of(1, 4), {})
    found = published(cache, 1)
    assert sum(events + skipped for events, skipped in found) == 16
    assert published(cache, 2) == [(3, 0)]
    assert published(cache, 3) == []


def test_events_of_a_time_without_the_cache_are_told_of(cache: Redis) -> None:
    watch(cache, 1)
    publisher = LivePublisher(cache, per_second=1_000)
    publisher.publish(events_of(1, 2), {})
    publisher._cache = Redis(port=free_port())
    publisher.publish(events_of(1, 3), {})
    publisher.publish(events_of(1, 4), {})
    publisher._cache = cache
    publisher.publish(events_of(1, 5), {})
    assert published(cache, 1) == [(2, 0), (5, 7)]


def test_events_whose_entries_were_removed_unread_are_noticed(cache: Redis) -> None:
    watch(cache, 1, 2)
    publishers = [LivePublisher(cache, per_second=100) for _ in range(2)]
    counts = EventCounts()

    def missing() -> list[int]:
        """How many are missing before each entry, once it was read."""
        found = cast("list[tuple[bytes, dict[bytes, bytes]]]", cache.xrange(live.stream_key(1)))
        cache.xtrim(live.stream_key(1), maxlen=0, approximate=False)
        checked = [counts.check(decode_entry(*one)) for one in found]
        assert not any(is_gap for _, is_gap in checked)
        return [entry.skipped for entry, _ in checked]

    for publisher in publishers:
        publisher.publish([*events_of(1, 2), *events_of(2, 1)], {})
    assert missing() == [0, 0]
    publishers[0].publish(events_of(1, 9), {})
    publishers[1].publish(events_of(1, 1), {})
    cache.xtrim(live.stream_key(1), maxlen=0, approximate=False)
    for publisher in publishers:
        publisher.publish(events_of(1, 1), {})
        publisher.publish(events_of(1, 1), {})
    assert missing() == [9, 0, 1, 0]


def test_events_that_redis_added_late_are_not_called_missing(
    cache: Redis, backends: Backends
) -> None:
    watch(cache, 1)
    impatient = connect(backends.cache_redis_url, timeout_seconds=0.5)
    publisher = LivePublisher(impatient, per_second=100)
    publisher.publish(events_of(1, 1), {})
    publisher._looked_at += 3600  # or it would wait for an answer to who is watched
    process = cast("dict[str, int]", cache.info("server"))["process_id"]
    os.kill(process, signal.SIGSTOP)
    try:
        publisher.publish(events_of(1, 3), {})  # the answer comes too late
    finally:
        os.kill(process, signal.SIGCONT)
    wait_for(lambda: len(published(cache, 1)) == 2)
    publisher.publish(events_of(1, 1), {})
    assert published(cache, 1) == [(1, 0), (3, 0), (1, 0)]
    entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", cache.xrange(live.stream_key(1)))
    for number, left_out in enumerate((None, 1)):
        counts = EventCounts()
        read = [decode_entry(*one) for index, one in enumerate(entries) if index != left_out]
        last, is_gap = [counts.check(entry) for entry in read][-1]
        assert (last.skipped, is_gap) == (3 * number, False), "three if it had not added them"
    impatient.close()


@pytest.mark.parametrize("projects", [1, 40])
def test_live_streams_together_have_a_bounded_share_of_the_cache(
    cache: Redis, monkeypatch: pytest.MonkeyPatch, projects: int
) -> None:
    monkeypatch.setattr(live, "MAX_BYTES", 4 * 1024 * 1024)
    watch(cache, *range(1, projects + 1))
    publisher = LivePublisher(cache, per_second=10**9)
    for number in range(1, projects + 1):
        for _ in range(200 // projects + 5):
            publisher.publish(events_of(number, 20, size=3_000), {})
    used = sum(
        int(cache.memory_usage(live.stream_key(number), samples=0) or 0)
        for number in range(1, projects + 1)
    )
    assert used < 6 * 1024 * 1024
    assert all(published(cache, number) for number in range(1, projects + 1))
