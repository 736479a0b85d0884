"""Reading the stream: new entries, entries of consumers that died, and acknowledging them."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Any

import msgspec
from redis import Redis
from redis.exceptions import ResponseError

from services.processor import crash_points
from shared.envelope import Batch, decode
from shared.stream import BATCH_FIELD, CONSUMER_GROUP, STREAM

log = logging.getLogger(__name__)

_MOST_ENTRIES_PER_READ = 500
_IDLE_BLOCK_MS = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream entry; ``batch`` is None when its bytes could not be decoded."""

    entry_id: bytes
    raw: bytes
    batch: Batch | None
    error: Exception | None = None


class StreamReader:
    """One consumer of the group."""

    def __init__(self, redis: Redis, *, batch_events: int, wait_ms: int, reclaim_ms: int) -> None:
        self._redis = redis
        self._batch_events = batch_events
        self._wait_seconds = wait_ms / 1000
        self._reclaim_ms = reclaim_ms
        self._next_reclaim = 0.0
        # How many events an entry has carried lately: a read asks for as many entries as make up
        # what is missing from a batch, be they of one event or of a thousand.
        self._events_per_entry = 50.0
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"

    def ensure_group(self) -> None:
        """Make the group, from the first entry on: what came before it must be read too."""
        try:
            self._redis.xgroup_create(STREAM, CONSUMER_GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    def read(self) -> list[Entry]:
        """Entries to store: up to a batch of events, or what came within the waiting time.

        Blocks for about a second when there are none.
        """
        entries = self._reclaim_if_due()
        if not entries:
            entries = self._read_new(self._batch_events, _IDLE_BLOCK_MS)
        if not entries:
            return []
        deadline = time.monotonic() + self._wait_seconds
        while (missing := self._batch_events - _events(entries)) > 0:
            left_ms = int((deadline - time.monotonic()) * 1000)
            if left_ms <= 0:
                break
            entries += self._read_new(missing, left_ms)
        self._events_per_entry = max(1.0, _events(entries) / len(entries))
        crash_points.reach(crash_points.AFTER_READ)
        return entries

    def acknowledge(self, entries: list[Entry]) -> None:
        """Tell the group that these are committed, and free their memory."""
        ids = [entry.entry_id for entry in entries]
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.xack(STREAM, CONSUMER_GROUP, *ids)
            pipeline.xdel(STREAM, *ids)
            pipeline.execute()
        crash_points.reach(crash_points.AFTER_ACK)

    def leave(self) -> None:
        """Remove this consumer from the group if it owes nothing; its name is never used again."""
        pending = self._redis.xpending_range(
            STREAM, CONSUMER_GROUP, min="-", max="+", count=1, consumername=self.name
        )
        if not pending:
            self._redis.xgroup_delconsumer(STREAM, CONSUMER_GROUP, self.name)

    def _read_new(self, events: int, block_ms: int) -> list[Entry]:
        try:
            answer = self._redis.xreadgroup(
                CONSUMER_GROUP,
                self.name,
                {STREAM: ">"},
                count=self._entries_for(events),
                block=max(1, block_ms),
            )
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            log.error("the consumer group was lost; making it again from the first entry")
            self.ensure_group()
            return []
        return _entries(answer)

    def _entries_for(self, events: int) -> int:
        return min(_MOST_ENTRIES_PER_READ, max(1, round(events / self._events_per_entry)))

    def _reclaim_if_due(self) -> list[Entry]:
        """Take over what a consumer holds that has been silent for longer than any batch takes."""
        now = time.monotonic()
        if now < self._next_reclaim:
            return []
        reply: Any = self._redis.xautoclaim(
            STREAM,
            CONSUMER_GROUP,
            self.name,
            min_idle_time=self._reclaim_ms,
            start_id="0-0",
            count=self._entries_for(self._batch_events),
        )
        claimed, lost = reply[1], reply[2] if len(reply) > 2 else []
        if lost:
            log.error("%d entries were deleted from the stream before they were stored", len(lost))
        if claimed:
            log.warning("took over %d entries of a consumer that is gone", len(claimed))
            crash_points.reach(crash_points.IN_RECLAIM)
        else:
            self._next_reclaim = now + self._reclaim_ms / 1000 / 4
        return [_entry(entry_id, fields) for entry_id, fields in claimed]


def _entries(answer: Any) -> list[Entry]:
    """The entries of an XREADGROUP answer, in either protocol version's form."""
    if not answer:
        return []
    streams = answer.items() if isinstance(answer, dict) else answer
    found: list[Entry] = []
    for _, content in streams:
        pages = content if isinstance(answer, dict) else [content]
        found += [_entry(entry_id, fields) for page in pages for entry_id, fields in page]
    return found


def _entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    return read_entry(entry_id, (fields or {}).get(BATCH_FIELD, b""))


def read_entry(entry_id: bytes, raw: bytes) -> Entry:
    """An entry from its bytes, decoded if that can be done."""
    try:
        return Entry(entry_id, raw, decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Entry(entry_id, raw, None, error)


def _events(entries: list[Entry]) -> int:
    return sum(len(entry.batch.events) for entry in entries if entry.batch)
