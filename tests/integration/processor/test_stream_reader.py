"""What one read takes into memory is bounded, whatever the entries hold."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from redis import Redis

from deploy.local.backends import Backends
from services.processor.storing.stream_reader import StreamReader
from shared.events.envelope import encode
from shared.events.stream import BATCH_FIELD, CONSUMER_GROUP, STREAM
from shared.runtime.redis_clients import connect
from tests.support.factories import a_batch, an_event

_LARGE = 4_000_000


def fill(stream: Redis, entries: int) -> None:
    """Entries of one event and 4 MB each, larger than any event that the edge lets through."""
    event = an_event(properties=b'{"text": "%s"}' % (b"x" * _LARGE))
    for _ in range(entries):
        stream.xadd(STREAM, {BATCH_FIELD: encode(a_batch(1, [event]))})


def a_reader(stream: Redis, reclaim_ms: int = 60_000) -> StreamReader:
    reader = StreamReader(stream, batch_events=5_000, wait_ms=20, reclaim_ms=reclaim_ms)
    reader.ensure_group()
    return reader


def test_a_batch_is_bounded_in_bytes(stream: Redis) -> None:
    fill(stream, 12)
    reader = a_reader(stream)
    sizes = []
    while entries := reader.read():
        sizes.append(len(entries))
        reader.acknowledge(entries)
    assert sum(sizes) == 12
    assert max(sizes) * _LARGE < 24_000_000


def test_a_processor_that_starts_while_the_memory_is_full_makes_room(stream: Redis) -> None:
    fill(stream, 2)
    a_reader(stream)
    usual = str(stream.config_get("maxmemory")["maxmemory"])
    stream.config_set("maxmemory", 1)
    try:
        reader = a_reader(stream)
        entries = reader.read()
        assert len(entries) == 2
        reader.acknowledge(entries)
        assert stream.xlen(STREAM) == 0
    finally:
        stream.config_set("maxmemory", usual)


def test_what_is_taken_over_is_bounded_in_bytes(stream: Redis) -> None:
    fill(stream, 12)
    a_reader(stream)
    stream.xreadgroup(CONSUMER_GROUP, "gone", {STREAM: ">"})
    reader = a_reader(stream, reclaim_ms=0)
    sizes = []
    while entries := reader.read():
        assert {entry.deliveries for entry in entries} == {2}
        sizes.append(len(entries))
        reader.acknowledge(entries)
    assert sum(sizes) == 12
    assert max(sizes) * _LARGE < 24_000_000


def test_what_is_left_to_others_is_delivered_as_if_it_had_not_been_read(stream: Redis) -> None:
    fill(stream, 2)
    reader = a_reader(stream, reclaim_ms=0)
    entries = reader.read()
    for _ in range(4):
        reader.leave_to_others(entries)
        entries = reader.read()
        assert [entry.deliveries for entry in entries] == [1, 1]


def test_entries_that_are_left_to_others_again_and_again_leave_new_ones_every_other_batch(
    stream: Redis,
) -> None:
    reader = StreamReader(stream, batch_events=1, wait_ms=20, reclaim_ms=0)
    reader.ensure_group()
    for _ in range(3):
        stream.xadd(STREAM, {BATCH_FIELD: encode(a_batch(1, [an_event()]))})
    stream.xreadgroup(CONSUMER_GROUP, "gone", {STREAM: ">"})
    new = {stream.xadd(STREAM, {BATCH_FIELD: encode(a_batch(2, [an_event()]))}) for _ in range(2)}
    projects = []
    for _ in range(6):
        entries = reader.read()
        projects += [entry.batch.project_id for entry in entries if entry.batch]
        done = [entry for entry in entries if entry.entry_id in new]
        reader.acknowledge(done)
        reader.leave_to_others([entry for entry in entries if entry not in done])
    assert projects == [1, 2, 1, 2, 1, 1]


def test_small_entries_fill_a_batch_from_all_partitions(stream: Redis) -> None:
    reader = StreamReader(stream, batch_events=100, wait_ms=20, reclaim_ms=60_000, partitions=3)
    reader.ensure_group()
    for number in range(3):
        name = STREAM if not number else f"{STREAM}:{number}"
        for _ in range(10):
            stream.xadd(name, {BATCH_FIELD: encode(a_batch(1, [an_event()]))})
    entries = []
    while found := reader.read():
        entries += found
    assert len({(entry.stream, entry.entry_id) for entry in entries}) == 30


def test_what_was_read_before_the_stream_went_away_is_stored_at_once(
    backends: Backends, stream: Redis
) -> None:
    """Else it waited until others may take it over, 30 seconds later."""
    client = connect(backends.stream_redis_url)
    reader = StreamReader(client, batch_events=100, wait_ms=60_000, reclaim_ms=60_000)
    reader.ensure_group()
    stream.xadd(STREAM, {BATCH_FIELD: encode(a_batch(1, [an_event()]))})
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(reader.read)
        while not stream.xpending(STREAM, CONSUMER_GROUP)["pending"]:
            time.sleep(0.01)
        stream.client_kill_filter(_type="normal", skipme=True)
        assert len(reading.result(10)) == 1
    client.close()
